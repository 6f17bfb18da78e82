import { createHmac, randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { burstDelivery, steadyDelivery, type Made } from "./deliveries.ts";
import type { Asked, Driven } from "./driving.ts";

/** GitHub's side, in a process of its own: nothing else delays what it times. */
/** Made anew for each turn: a server closes connections that were silent between two. */
let agent = new Agent();

process.on("message", (asked: Asked) => void drive(asked).then((driven) => process.send?.(driven)));
process.on("disconnect", () => process.exit(0));

function drive(asked: Asked): Promise<Driven> {
  agent.destroy();
  agent = new Agent({ keepAlive: true, maxSockets: 512 });
  switch (asked.kind) {
    case "steady":
      return inTurns(asked, (index) => steadyDelivery(index, asked.salt), performance.now() + asked.seconds * 1_000, Infinity);
    case "burst":
      return inTurns(asked, (index) => burstDelivery(index, asked.total), Infinity, asked.total);
    case "paced":
      return paced(asked);
    default:
      return asked satisfies never;
  }
}

/** Each connection sends its next one when the one before is answered. */
async function inTurns(to: Asked, make: (index: number) => Made, until: number, most: number): Promise<Driven> {
  const begun = performance.now();
  const ms: number[] = [];
  let sent = 0;
  let lost = 0;
  async function connection(): Promise<void> {
    while (performance.now() < until && sent < most) {
      const made = make(sent);
      sent += 1;
      const took = await deliver(to, made);
      if (took === null) lost += 1;
      else ms.push(took);
    }
  }
  await Promise.all(Array.from({ length: to.connections }, connection));
  return { ms, lost, seconds: (performance.now() - begun) / 1_000 };
}

/** At fixed times, whether the ones before were answered or not. */
async function paced(asked: Extract<Asked, { kind: "paced" }>): Promise<Driven> {
  const begun = performance.now();
  const gap = 1_000 / asked.perSecond;
  const under: Promise<number | null>[] = [];
  for (let index = 0; index < asked.seconds * asked.perSecond; index += 1) {
    const early = begun + index * gap - performance.now();
    if (early > 0) await pause(early);
    under.push(deliver(asked, steadyDelivery(index, asked.salt)));
  }
  const times = await Promise.all(under);
  const ms = times.flatMap((took) => (took === null ? [] : [took]));
  return { ms, lost: times.length - ms.length, seconds: (performance.now() - begun) / 1_000 };
}

/** Milliseconds to the answer; null: it was not taken. */
function deliver({ url, secret }: Asked, { event, body }: Made): Promise<number | null> {
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "x-github-event": event,
    "x-github-delivery": randomUUID(),
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
  };
  const begun = performance.now();
  return new Promise((resolve) => {
    const call = request(url, { method: "POST", agent, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode === 202 ? performance.now() - begun : null));
    });
    call.on("error", () => resolve(null));
    call.end(body);
  });
}
