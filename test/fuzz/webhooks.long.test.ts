import { setTimeout as pause } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { normalise, webhookSources } from "../../src/app/fronts.ts";
import { loadEnv } from "../../src/config/env.ts";
import { createInbox, readDeliveries } from "../../src/engine/deliveries.ts";
import { startHttp } from "../../src/http/server.ts";
import { webhookRoutes } from "../../src/http/webhook-route.ts";
import type { WebhookSource } from "../../src/http/webhook-source.ts";
import { ciApp } from "../config/broken.ts";
import { silent } from "../http/world.ts";
import { dice, pick, type Roll } from "../support/dice.ts";
import { openDesk } from "../support/engine-desk.ts";
import { corpus, SECRETS, signed, type Message } from "./corpus.ts";
import { mutatedBody, mutatedBytes, mutatedHeaders } from "./mutate.ts";
import { openWire, type Sent } from "./wire.ts";

const BODIES = 100_000;
const WIRES = 32;
const SEED = 20_261_123;
/** Commits that the messages speak of: what is accepted stays as small as a team's week. */
const REVISIONS = 40;
const MOST_GROWTH_BYTES = 64 * 1024 * 1024;

const MESSAGES = corpus().map((message) => ({ ...message, text: JSON.stringify(message.body) }));
/** Of repositories that are watched; the recordings, which are of others, are larger and more. */
const OWN = MESSAGES.filter(({ recorded }) => !recorded);

/** Half of them are signed again after they were changed; of the others something does not fit. */
function made(index: number, roll: Roll): { readonly sent: Sent; readonly resigned: boolean } {
  const message = pick(roll(5) === 0 ? MESSAGES : OWN, roll);
  const resigned = index % 2 === 0;
  const body = bytesOf(message, roll);
  const headers = signed(message, resigned ? body : Buffer.from(message.text));
  const isPlain = resigned && roll(8) > 0;
  const connection = roll(200) === 0 ? pick(["/none", "/../x", "/%00", "/a/b"], roll) : "";
  return {
    sent: {
      path: `/webhooks/${message.source}${connection}`,
      headers: isPlain ? Object.entries(headers) : mutatedHeaders(headers, roll),
      body,
      chunked: roll(10) === 0,
    },
    resigned,
  };
}

function bytesOf(message: Message & { readonly text: string }, roll: Roll): Buffer {
  const revision = roll(REVISIONS).toString(16).padStart(40, "c");
  const text = (roll(4) === 0 ? message.text : JSON.stringify(mutatedBody(message.body, roll))).replaceAll("a".repeat(40), revision);
  return roll(5) === 0 ? mutatedBytes(text, roll) : Buffer.from(text);
}

/** Sources that count how many bodies came as far as being read. */
function counting(sources: readonly WebhookSource[]) {
  const counts = { reached: 0 };
  const counted = sources.map((source): WebhookSource => {
    const { fault } = source;
    const ignore: WebhookSource["ignore"] = (event, body) => {
      if (fault === undefined) counts.reached += 1;
      return source.ignore(event, body);
    };
    if (fault === undefined) return { ...source, ignore };
    return {
      ...source,
      ignore,
      fault(body) {
        counts.reached += 1;
        return fault(body);
      },
    };
  });
  return { counts, sources: counted };
}

function heap(): number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") for (let times = 0; times < 3; times += 1) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test(
  "100,000 broken messages of three senders: never a 5xx, no job that fails for ever, no memory that grows",
  { timeout: 1_200_000 },
  async () => {
    await using desk = await openDesk();
    const config = `apps:\n${ciApp("hub", "github:acme/shop")}${ciApp("lab", "gitlab:acme/web/shop")}${ciApp("any", "ci:shop")}`;
    const { engine, faults } = await desk.open("fuzz", { config });
    const slack = { SLACK_BOT_TOKEN: "xoxb-not-real-1", SLACK_SIGNING_SECRET: "not-a-real-secret" };
    const secrets = { GITHUB_WEBHOOK_SECRET: SECRETS.github, GITLAB_SIGNING_TOKEN: SECRETS.gitlab, CI_WEBHOOK_SECRET: SECRETS.ci };
    const env = loadEnv({ ...slack, ...secrets }, []);
    if (!env.ok) throw new Error("the environment is not understood");
    const { counts, sources } = counting(webhookSources(env.value, engine.config));
    const inbox = createInbox(engine);
    const store = (delivery: Parameters<typeof inbox.take>[0]) => inbox.take(delivery);
    const server = await startHttp({
      port: 0,
      host: "127.0.0.1",
      routes: webhookRoutes({ sources, store, log: silent }),
      log: silent,
      ready: async () => ({ ok: true, because: [] }),
    });
    const flood = { over: false };
    const reading = (async () => {
      while (!flood.over) {
        await readDeliveries(engine, normalise);
        await pause(1_000);
      }
      await readDeliveries(engine, normalise);
    })();

    const statuses = new Map<number, number>();
    const fiveHundreds: string[] = [];
    let next = 0;
    let warm = 0;
    async function wire(number: number): Promise<void> {
      const roll = dice(SEED + number);
      const open = openWire(server.port);
      while (next < BODIES) {
        const index = next;
        next += 1;
        if (index === Math.floor(BODIES / 3)) warm = heap();
        const { sent } = made(index, roll);
        const status = await open.send(sent);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status >= 500)
          fiveHundreds.push(`${status} ${sent.path} ${JSON.stringify(sent.headers)} ${sent.body.toString("latin1").slice(0, 500)}`);
      }
      open.close();
    }
    await Promise.all(Array.from({ length: WIRES }, (_, number) => wire(number)));
    flood.over = true;
    await reading;
    const grown = heap() - warm;
    await server.close(0);

    const { rows } = await desk.database.pool.query<{ source: string; result: string | null; failures: number; count: number }>(
      "select source, result, failures, count(*)::int as count from deliveries group by 1, 2, 3 order by 1, 2, 3",
    );
    const accepted = rows.filter(({ result }) => result === "accepted").reduce((sum, { count }) => sum + count, 0);
    const told = Object.fromEntries([...statuses].toSorted(([one], [other]) => one - other));
    console.log(
      JSON.stringify({
        sent: BODIES,
        resigned: BODIES / 2,
        statuses: told,
        reached: counts.reached,
        accepted,
        stored: rows,
        grownMiB: Math.round(grown / 2 ** 20),
      }),
    );
    expect(fiveHundreds).toEqual([]);
    expect(counts.reached).toBeGreaterThanOrEqual(20_000);
    expect(accepted).toBeGreaterThanOrEqual(2_000);
    expect(new Set(rows.filter(({ result }) => result === "accepted").map(({ source }) => source))).toEqual(
      new Set(["github", "gitlab", "ci"]),
    );
    // Each has ended, and none was tried twice.
    expect(rows.filter(({ result, failures }) => result === null || result === "failed" || failures > 0)).toEqual([]);
    expect(faults).toEqual([]);
    expect(grown).toBeLessThan(MOST_GROWTH_BYTES);
  },
);
