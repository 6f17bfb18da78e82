import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { HostAddress } from "../../src/ports.ts";
import { createSshTarget } from "../../src/targets/ssh/target.ts";
import { openFarAway } from "./far-away.ts";
import type { Fleet } from "./fleet.ts";
import { openPlain } from "./plain-ssh.ts";
import { median } from "../statistics.ts";

/** Medians in milliseconds, within one process, over warm connections, `true` as the command. */
export type Detached = { readonly plainMs: number; readonly detachedMs: number; readonly addedMs: number };

/** The distance at which an added round trip could not be overlooked. */
export const FAR_MS = 40;

/** What a detached step costs beside a plain exec of the same command; the two take turns. */
export async function runDetached(fleet: Fleet, rounds: number, awayMs: number): Promise<Detached> {
  const [first] = fleet.hosts;
  if (first === undefined) throw new Error("the fleet is empty");
  const { sshd } = first;
  const away = awayMs === 0 ? { port: sshd.port, close: () => undefined } : await openFarAway(sshd.port, awayMs);
  const name = `detached-${awayMs}`;
  mkdirSync(join(first.home, name), { recursive: true });
  const host: HostAddress = { name: first.name, address: sshd.address, port: away.port, user: sshd.user, directory: `~/${name}` };
  const knownHosts = sshd.hostKeyLine.replace(`:${sshd.port}`, `:${away.port}`);
  const target = createSshTarget({ privateKeys: [fleet.privateKey], knownHosts });
  const plain = await openPlain(host, fleet.privateKey);
  const run = { installation: randomUUID(), deployment: randomUUID(), number: 1, epoch: 1 };
  try {
    const acquired = await target.acquire(host, run);
    if (acquired.kind !== "acquired") throw new Error(`the host was not acquired: ${JSON.stringify(acquired)}`);
    const times: { plain: number; detached: number }[] = [];
    for (let round = -5; round < rounds; round += 1) {
      const one = await timed(() => plain.exec("true"));
      const step = { id: `step-${round + 5}`, argv: ["true"], cwd: null, environment: {}, timeoutSeconds: 60, silentSeconds: 60 };
      const follow = { attempt: 1, offset: 0, signal: new AbortController().signal, onOutput: () => undefined };
      const two = await timed(async () => {
        const outcome = await target.step(host, run, step, follow);
        if (outcome.kind !== "exited" || outcome.code !== 0) throw new Error(`a step did not succeed: ${JSON.stringify(outcome)}`);
      });
      // The first ones load code on both sides.
      if (round >= 0) times.push({ plain: one, detached: two });
    }
    await target.release(host, run, { succeeded: true, revision: null });
    return {
      plainMs: median(times.map((each) => each.plain)),
      detachedMs: median(times.map((each) => each.detached)),
      addedMs: median(times.map((each) => each.detached - each.plain)),
    };
  } finally {
    plain.end();
    await target.close();
    away.close();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
