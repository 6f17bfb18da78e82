import { afterEach, beforeEach, expect, test } from "vitest";
import type { Deployment } from "../../src/domain/deployment.ts";
import type { Measurement } from "../../src/domain/measurement.ts";
import { pressedOf } from "../../src/engine/roll-back-of.ts";
import { look } from "../../src/engine/look.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { page } from "../../src/engine/page.ts";
import { recheck } from "../../src/engine/recheck.ts";
import { sweep } from "../../src/engine/reconcile.ts";
import { openLookWorld, STAGING, type LookWorld } from "./look-world.ts";

let world: LookWorld;
beforeEach(async () => {
  world = await openLookWorld({
    staging: [
      "watch: { for: 30m, sentry: { organization: acme, project: shop, environment: staging } }",
      "on_call: [UOSCAR]",
      "escalate: { after: 10m, to: pager }",
    ].join("\n        "),
  });
  world.at("Mon 18:00");
});
afterEach(() => world[Symbol.asyncDispose]());

function crash(number: number, at: Date): Measurement {
  const seen = { id: "1", title: "KeyError", place: null, url: null, events: 1, users: 1, unhandled: true, firstSeen: at, lastSeen: at };
  const after = { from: new Date(at.getTime() - 60_000), to: at, events: 1, users: 1 };
  const before = { from: new Date(at.getTime() - 3_660_000), to: after.from, events: 0, users: null };
  return { monitor: "sentry", look: number, at, kind: "errors", after, before, newIssues: [seen], lastEventAt: at, signal: "proven" };
}

/** Staging runs a version that crashes, seen a minute after it went live. */
async function regressed(): Promise<Deployment> {
  await world.merged("feat: pay");
  const [deployment] = await world.open("staging");
  if (deployment === undefined) throw new Error("nothing is watched");
  world.far.seen.sentry = crash;
  world.at("Mon 18:01");
  await look(world.engine, { deployment: deployment.id, monitor: "sentry", look: 1 });
  return deployment;
}

type JobRow = { readonly data: { readonly sequence: number }; readonly due: Date };

async function jobs(name: string): Promise<readonly JobRow[]> {
  const { rows } = await world.desk.database.pool.query<JobRow>(
    "select data, start_after as due from pgboss.job where name = $1 order by created_on",
    [name],
  );
  return rows;
}

/** A replica that was started anew, on the same database and at the same time. */
async function another(replica: string): Promise<Engine> {
  const { engine } = await world.desk.open(replica);
  return { ...engine, config: world.engine.config, clock: world.engine.clock, pager: world.far.pager };
}

async function recorded(): Promise<readonly string[]> {
  const { rows } = await world.desk.database.pool.query<{ kind: string }>(
    "select kind from history where kind like 'page%' order by sequence",
  );
  return rows.map(({ kind }) => kind);
}

test("what nobody took is paged by whoever runs then, once, though two replicas wake up for it", async () => {
  const { id } = await regressed();
  expect((await jobs("recheck")).map(({ due }) => due.getTime())).toContain(world.engine.clock().getTime() + 600_000);
  world.at("Mon 18:10");
  await recheck(world.engine, STAGING);
  expect(await jobs("page")).toEqual([]);
  world.at("Mon 18:11");
  const [one, two] = [await another("after a restart"), await another("beside it")];
  await Promise.all([recheck(one, STAGING), recheck(two, STAGING)]);
  await recheck(one, STAGING);
  const asked = await jobs("page");
  expect(asked.map(({ data }) => data.sequence)).toEqual([1]);
  for (const engine of [one, two]) await page(engine, { deployment: id, sequence: 1 });
  expect(world.far.paged.calls).toMatchObject([
    { id: `${id}.1`, page: { event: "trigger", cause: "regression", app: "shop", environment: "staging", usersHit: 1 } },
  ]);
  expect(await recorded()).toEqual(["paged"]);
});

test("a pager that is away is called again under the same id, in order, and Slack is told", async () => {
  const { id } = await regressed();
  world.at("Mon 18:11");
  await recheck(world.engine, STAGING);
  world.far.paged.answer = { kind: "again", because: "oncall.acme.test answers HTTP 503", afterMs: null };
  for (let tries = 0; tries < 3; tries += 1) await page(world.engine, { deployment: id, sequence: 1 });
  expect((await jobs("page")).map(({ data }) => data.sequence)).toEqual([1, 1, 1, 1]);
  const trouble = (await world.threads()).filter(({ text }) => text.includes("Nobody is paged yet"));
  expect(trouble).toMatchObject([{ mention: ["<@UOSCAR>"], text: expect.stringContaining("HTTP 503") }]);

  // Somebody takes it meanwhile: nobody is woken any more, and what may have been heard of it is answered.
  await world.says("UOSCAR", { kind: "on_it", ...(await pressedNow(id)) });
  await page(world.engine, { deployment: id, sequence: 2 });
  world.far.paged.answer = null;
  await page(world.engine, { deployment: id, sequence: 1 });
  await page(world.engine, { deployment: id, sequence: 2 });
  const heard = world.far.paged.calls.map((call) => `${call.id.slice(-1)} ${call.page.event}`);
  expect(heard).toEqual(["1 trigger", "1 trigger", "1 trigger", "2 acknowledge"]);
  expect(await recorded()).toEqual(["paged", "page_acknowledged"]);
});

test("a call that is refused for good is told in Slack and made no more", async () => {
  const { id } = await regressed();
  world.at("Mon 18:11");
  await recheck(world.engine, STAGING);
  world.far.paged.answer = { kind: "refused", because: "events.pagerduty.com refuses the call (HTTP 400)" };
  await page(world.engine, { deployment: id, sequence: 1 });
  await page(world.engine, { deployment: id, sequence: 1 });
  expect(world.far.paged.calls).toHaveLength(1);
  expect((await world.threads()).filter(({ text }) => text.startsWith("Nobody is paged: events.pagerduty.com refuses"))).toHaveLength(1);
});

test("a lost job wakes nobody too late: the sweep asks for what waits", async () => {
  await regressed();
  await world.desk.database.pool.query("delete from pgboss.job where name = 'recheck'");
  await sweep(world.engine);
  expect(await jobs("recheck")).toHaveLength(1);
});

async function pressedNow(id: Deployment["id"]) {
  const found = (await world.open("staging")).find((one) => one.id === id);
  if (found === undefined) throw new Error("it is not open any more");
  return pressedOf(found);
}
