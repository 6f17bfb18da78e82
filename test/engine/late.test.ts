import { afterEach, beforeEach, expect, test } from "vitest";
import { deploymentById } from "../../src/db/deployments.ts";
import { lateToldOf } from "../../src/db/late.ts";
import type { Deployment } from "../../src/domain/deployment.ts";
import { CRASH_FREE_TOLD, MOST_LATE } from "../../src/domain/late.ts";
import type { NewIssue } from "../../src/domain/measurement.ts";
import { crashFree, lookForCrashes } from "../../src/engine/crash-free.ts";
import { late, lookForLate } from "../../src/engine/late.ts";
import { look } from "../../src/engine/look.ts";
import { lookSooner } from "../../src/engine/look-sooner.ts";
import { pressedOf } from "../../src/engine/roll-back-of.ts";
import { openLookWorld, type LookWorld } from "./look-world.ts";

let world: LookWorld;
beforeEach(async () => {
  world = await openLookWorld({
    staging: "on_call: [UOSCAR]\n        watch: { for: 30m, sentry: { organization: acme, project: shop, environment: staging } }",
  });
});
afterEach(() => world[Symbol.asyncDispose]());

/** Goes live, and its watch ends half an hour later with nobody having answered. */
async function watchedToItsEnd(title: string, times: { readonly live: string; readonly end: string }): Promise<Deployment> {
  world.at(times.live);
  await world.merged(title);
  const [deployment] = await world.open("staging");
  if (deployment === undefined) throw new Error("nothing is watched");
  world.at(times.end);
  await look(world.engine, { deployment: deployment.id, monitor: "sentry", look: 60 });
  return reread(deployment);
}

async function reread({ id }: Deployment): Promise<Deployment> {
  const found = await deploymentById(world.engine.db, id);
  if (found === null) throw new Error("it vanished");
  return found;
}

function crash(id: string): NewIssue {
  const at = world.engine.clock();
  const title = "KeyError in the nightly export";
  return { id, title, place: "celery.tasks in export", url: null, events: 1, users: 0, unhandled: true, firstSeen: at, lastSeen: at };
}

async function asked(job: "late" | "sessions" = "late"): Promise<readonly string[]> {
  const { rows } = await world.desk.database.pool.query<{ id: string }>(
    "select data ->> 'deployment' as id from pgboss.job where name = $1",
    [job],
  );
  return rows.map(({ id }) => id);
}

async function pings(): Promise<readonly string[]> {
  return (await world.threads()).filter(({ ping }) => ping === "regression").map(({ text }) => text);
}

test("a night job that crashes ten hours later reaches the thread once, and rolls back by the button everybody knows", async () => {
  await watchedToItsEnd("feat: pay", { live: "Mon 18:00", end: "Mon 18:30" });
  const deployment = await watchedToItsEnd("feat: export", { live: "Mon 19:00", end: "Mon 19:30" });
  expect(deployment.state.state).toBe("succeeded_unverified");
  world.at("Tue 05:00");
  world.far.seen.late = () => null;
  await late(world.engine, deployment.id);
  expect(await pings()).toEqual([]);

  world.far.seen.late = ({ revision }) => (revision === deployment.revision ? [crash("77")] : []);
  await lookForLate(world.engine);
  expect(await asked()).toEqual([deployment.id]);
  await Promise.all([late(world.engine, deployment.id), late(world.engine, deployment.id)]);
  await late(world.engine, deployment.id);
  expect(await pings()).toEqual([
    expect.stringContaining("Late regression in shop, staging: a new crash, 1 error. Nothing is rolled back"),
  ]);

  const pressed = await world.says("UOSCAR", { kind: "roll_back", ...pressedOf(await reread(deployment)), reason: null });
  expect(pressed).toMatchObject({ kind: "done" });
  expect(await world.open("staging")).toMatchObject([{ kind: "rollback", rollsBack: deployment.id }]);
  world.far.seen.late = () => [crash("78")];
  await late(world.engine, deployment.id);
  expect(await pings()).toHaveLength(1);
  expect(await lateToldOf(world.engine.db, deployment.id)).toEqual(new Set(["77"]));
});

test("a crash that no look saw, since nobody answered before the watch ended, is told after it", async () => {
  const deployment = await watchedToItsEnd("feat: pay", { live: "Mon 18:00", end: "Mon 18:30" });
  world.at("Mon 18:29");
  const unseen = crash("77");
  world.at("Mon 18:40");
  world.far.seen.late = ({ from }) => [unseen].filter(({ firstSeen }) => firstSeen >= from);
  await late(world.engine, deployment.id);
  expect(await pings()).toHaveLength(1);
});

test("Sentry's webhook asks at once, and a storm is told a few times at most", async () => {
  const deployment = await watchedToItsEnd("feat: pay", { live: "Mon 18:00", end: "Mon 18:30" });
  world.at("Tue 05:00");
  expect(await lookSooner(world.engine, "default", ["billing"])).toMatchObject({ result: "ignored" });
  expect(await lookSooner(world.engine, "default", ["shop"])).toEqual({ result: "accepted", reason: null });
  expect(await asked()).toEqual([deployment.id]);
  world.far.seen.late = () => ["1", "2", "3", "4", "5"].map(crash);
  await late(world.engine, deployment.id);
  expect(await pings()).toHaveLength(MOST_LATE);
});

test("a version more of whose sessions crash reaches the thread once, and one without sessions not at all", async () => {
  const deployment = await watchedToItsEnd("feat: pay", { live: "Mon 18:00", end: "Mon 18:30" });
  world.at("Tue 05:00");
  await lookForCrashes(world.engine);
  expect(await asked("sessions")).toEqual([deployment.id]);
  await crashFree(world.engine, deployment.id);
  expect(await pings()).toEqual([]);

  world.far.seen.sessions = ({ revision, liveAt, now }) =>
    revision !== deployment.revision
      ? null
      : { ours: hours(liveAt, now, 50), others: hours(new Date(liveAt.getTime() - 7 * 24 * HOUR), new Date(liveAt.getTime() - HOUR), 2) };
  await Promise.all([crashFree(world.engine, deployment.id), crashFree(world.engine, deployment.id)]);
  await crashFree(world.engine, deployment.id);
  expect(await pings()).toEqual([
    expect.stringContaining(
      "Late regression in shop, staging: 95.0 % of 6,000 sessions without a crash, before 99.8 %. Nothing is rolled back",
    ),
  ]);
  expect(await lateToldOf(world.engine.db, deployment.id)).toEqual(new Set([CRASH_FREE_TOLD]));
  expect(await world.open("staging")).toEqual([]);
  // What crashes for the first time is told still.
  world.far.seen.late = () => [crash("77")];
  await late(world.engine, deployment.id);
  expect(await pings()).toHaveLength(2);
});

const HOUR = 3_600_000;

/** A thousand sessions an hour. */
function hours(from: Date, to: Date, crashed: number) {
  const length = Math.floor((to.getTime() - from.getTime()) / HOUR);
  return Array.from({ length }, (_, index) => ({ from: new Date(from.getTime() + index * HOUR), sessions: 1000, crashed }));
}
