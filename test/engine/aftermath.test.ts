import { expect, test } from "vitest";
import { measurementsOf } from "../../src/db/measurements.ts";
import { rollbackOf } from "../../src/db/deployments.ts";
import type { DeploymentId } from "../../src/domain/ids.ts";
import type { Measurement } from "../../src/domain/measurement.ts";
import { apply } from "../../src/engine/apply.ts";
import { aftermath, look } from "../../src/engine/look.ts";
import { PETRA } from "../domain/model.ts";
import { openLookWorld, STAGING } from "./look-world.ts";

test("errors have not stopped as long as nobody can ask about the version that is live again", async () => {
  await using world = await openLookWorld({
    staging: "watch: { for: 30m, sentry: { organization: acme, project: shop, environment: staging } }",
  });
  world.at("Mon 18:00");
  await world.merged("feat: pay");
  const [deployment] = await world.open("staging");
  if (deployment === undefined) throw new Error("nothing is live");
  world.at("Mon 18:01");
  world.far.seen.sentry = crashing;
  await look(world.engine, { deployment: deployment.id, monitor: "sentry", look: 1 });
  const id = world.engine.newId() as DeploymentId;
  const asked = await apply(world.engine, STAGING, { kind: "roll_back", standing: PETRA, deployment: deployment.id, reason: "errors", id });
  expect(asked.ok).toBe(true);
  await world.wentLive(id, "staging");
  expect((await rollbackOf(world.engine.db, deployment.id))?.liveAt).not.toBeNull();

  world.at("Mon 18:05");
  const answers = [crashing, away];
  world.far.seen.sentry = (number, at) => (answers.shift() ?? away)(number, at);
  await aftermath(world.engine, { deployment: deployment.id, look: 2 });
  const [seen] = (await measurementsOf(world.engine.db, deployment.id)).aftermath;
  expect(seen).toMatchObject({ kind: "gap", because: "Sentry is away" });

  // What a newer version stores beside, while the versions change.
  const counted = await measurementsOf(world.engine.db, deployment.id);
  await world.desk.database.pool.query(
    "insert into measurements select deployment_id, monitor || ' of tomorrow', look, at, body from measurements",
  );
  expect(counted.watch).toHaveLength(1);
  expect(await measurementsOf(world.engine.db, deployment.id)).toEqual(counted);
});

/** One crash, at 18:01. */
function crashing(number: number, at: Date): Measurement {
  const last = new Date("2026-03-02T18:01:00Z");
  const after = { from: new Date("2026-03-02T18:00:00Z"), to: at, events: 9, users: 9 };
  const before = { from: new Date("2026-03-02T17:00:00Z"), to: after.from, events: 0, users: null };
  const text = { id: "1", title: "KeyError", place: null, url: null };
  const issue = { ...text, events: 9, users: 9, unhandled: true, firstSeen: last, lastSeen: last };
  return {
    monitor: "sentry",
    look: number,
    at,
    kind: "errors",
    after,
    before,
    newIssues: [issue],
    lastEventAt: last,
    signal: "proven",
    intervals: [],
  };
}

function away(number: number, at: Date): Measurement {
  return { monitor: "sentry", look: number, at, kind: "gap", because: "Sentry is away" };
}
