import { afterAll, beforeAll, expect, test } from "vitest";
import { parseSha } from "../../src/domain/ids.ts";
import { nextNotices } from "../../src/db/notices.ts";
import { ingest } from "../../src/engine/ingest.ts";
import { normaliseGitHub } from "../../src/github/normalise.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import type { Replica } from "../support/engine-replica.ts";

const CONFIG = `people:
  - { slack: UBOB, github: bob }
apps:
  shop:
    repository: github:acme/shop
    channel: "#shop-deploys"
    environments:
      production:
        deploy: automatically
        target: { type: ssh, hosts: [deploy@web-1.acme.test], directory: /srv/shop, recipe: django }
`;

let desk: Desk;
let bot: Replica;
beforeAll(async () => {
  desk = await openDesk();
  bot = await desk.open("one", { config: CONFIG });
});
afterAll(() => desk[Symbol.asyncDispose]());

/** A run as GitHub tells of it. */
async function ended(id: number, over: Readonly<Record<string, unknown>>): Promise<void> {
  const run = {
    id,
    run_attempt: 1,
    name: "CI",
    path: ".github/workflows/ci.yml",
    event: "pull_request",
    status: "completed",
    conclusion: "failure",
    head_branch: "add-login",
    head_sha: parseSha("a".repeat(40)),
    html_url: `https://github.test/runs/${id}`,
    triggering_actor: { login: "bob" },
    head_repository: { id: 7, full_name: "acme/shop" },
    run_started_at: "2026-03-02T09:00:00Z",
    updated_at: "2026-03-02T09:10:00Z",
    ...over,
  };
  const body = { repository: { id: 7, full_name: "acme/shop" }, workflow_run: run };
  const read = normaliseGitHub("workflow_run", Buffer.from(JSON.stringify(body)));
  if (read.kind !== "events") throw new Error(JSON.stringify(read));
  await ingest(bot.engine, { source: "github", connection: "default" }, read.events);
}

async function told(): Promise<readonly string[]> {
  return (await nextNotices(bot.engine.db)).map(({ to, text }) => `${to} ${text}`);
}

test("whoever set off a pull request's run that failed is told privately, once an attempt", async () => {
  await ended(1, {});
  await ended(1, {});
  const words = "UBOB CI failed for your pull request of shop: CI on add-login. https://github.test/runs/1";
  expect(await told()).toEqual([words]);
  await ended(1, { run_attempt: 2, updated_at: "2026-03-02T09:20:00Z" });
  expect(await told()).toEqual([words, words]);
});

test("nobody is told of what passed, of the branch's own runs, or of somebody whom Slack does not know", async () => {
  const before = (await told()).length;
  await ended(2, { conclusion: "success" });
  await ended(3, { event: "push", head_branch: "main" });
  await ended(4, { triggering_actor: { login: "stranger" } });
  await ended(5, { triggering_actor: null });
  expect(await told()).toHaveLength(before);
});

test("a pull request's run makes no card", async () => {
  const { rows } = await bot.engine.db.execute<{ count: string }>(
    "select count(*) from cards c join runs r on r.id = c.run_id where r.body -> 'push' = 'null' and r.body ->> 'branch' is null and not exists (select 1 from jsonb_array_elements(r.body -> 'workflows') w where w ->> 'trigger' = 'push')",
  );
  expect(Number(rows[0]?.count)).toBe(0);
});
