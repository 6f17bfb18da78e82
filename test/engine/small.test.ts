import { afterAll, beforeAll, expect, test } from "vitest";
import { nextNotices } from "../../src/db/notices.ts";
import { environmentId, parseSha, type Sha } from "../../src/domain/ids.ts";
import type { ChangeSet } from "../../src/domain/deployment.ts";
import { openDeployments } from "../../src/db/deployments.ts";
import { runOf } from "../../src/db/runs.ts";
import { apply } from "../../src/engine/apply.ts";
import { consider } from "../../src/engine/consider.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { ingest } from "../../src/engine/ingest.ts";
import { nudgeSmall } from "../../src/engine/small.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import { NO_CHANGES } from "../support/engine-far-side.ts";

const CONFIG = `timezone: UTC
apps:
  shop:
    repository: github:acme/shop
    channel: "#shop-deploys"
    small: { changes: 2, days: 5 }
    tickets: { pattern: "SHOP-[0-9]+", url: "https://tracker.acme.test/browse/{ticket}" }
    environments:
      production:
        approval: { from: ["@product-owners"], count: 1, expires: 24h }
        target: { type: ssh, hosts: [deploy@web-1.acme.test], directory: /srv/shop, recipe: django }
`;
const PRODUCTION = environmentId("shop", "production");
const BOB = { name: "Bob", email: null, login: "bob", slackId: null };

let desk: Desk;
let engine: Engine;
let now = new Date("2026-11-24T10:00:00Z");
beforeAll(async () => {
  desk = await openDesk();
  const bot = await desk.open("one", { config: CONFIG });
  engine = { ...bot.engine, clock: () => now, codeHost: () => ({ ...bot.far.codeHost, compare }) };
});
afterAll(() => desk[Symbol.asyncDispose]());

function revision(letter: string): Sha {
  const parsed = parseSha(letter.repeat(40));
  if (parsed === null) throw new Error(`${letter} makes no revision`);
  return parsed;
}

async function compare(_repository: string, base: Sha | null, head: Sha): Promise<ChangeSet> {
  if (base === null || base === head) return NO_CHANGES;
  const titles = ["feat: SHOP-1 pay by card", "fix: tax", "chore: Django"];
  return {
    ...NO_CHANGES,
    changes: titles.map((title) => ({ revision: head, title, author: BOB, url: null, pullRequest: null })),
  };
}

async function pushed(to: Sha): Promise<void> {
  const push = { ref: "refs/heads/main", before: null, after: to, changes: [], pusher: BOB, compareUrl: null, at: now };
  await ingest(engine, { source: "github", connection: "default" }, [{ kind: "push", repository: "acme/shop", ...push }]);
  const stored = await runOf(engine.db, "shop", to);
  if (stored !== null) await consider(engine, stored.run.id);
}

async function told(): Promise<readonly string[]> {
  await nudgeSmall(engine);
  return (await nextNotices(engine.db)).filter(({ key }) => key.startsWith("small:")).map(({ to, text }) => `${to} ${text}`);
}

test("much that waits is told to the channel once a week, never at night", async () => {
  await pushed(revision("a"));
  await apply(engine, PRODUCTION, { kind: "found_live", hosts: [{ host: "web-1.acme.test", revision: revision("a") }] });
  expect(await told()).toEqual([]);
  await pushed(revision("b"));
  now = new Date("2026-11-24T23:00:00Z");
  expect(await told()).toEqual([]);
  now = new Date("2026-11-25T11:00:00Z");
  const words = "#shop-deploys shop: 3 changes wait for production, the oldest 1 day. Small ones are easier to undo.";
  expect(await told()).toEqual([words]);
  now = new Date("2026-11-26T11:00:00Z");
  expect(await told()).toEqual([words]);
  now = new Date("2026-12-01T11:00:00Z");
  expect(await told()).toEqual([words, words.replace("1 day", "7 days")]);
});

test("what changes names its tickets, with their addresses", async () => {
  const [waiting] = (await openDeployments(engine.db, PRODUCTION)).filter((one) => one.revision === revision("b"));
  expect(waiting?.changes.changes.map((change) => change.tickets ?? null)).toEqual([
    [{ key: "SHOP-1", url: "https://tracker.acme.test/browse/SHOP-1" }],
    null,
    null,
  ]);
});
