import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DeploymentId } from "../../src/domain/ids.ts";
import type { ErrorsSeen, Measurement } from "../../src/domain/measurement.ts";
import { look } from "../../src/engine/look.ts";
import { until } from "../support/until.ts";
import { openLookWorld, STAGING, type LookWorld } from "./look-world.ts";

let world: LookWorld;
let deployment: DeploymentId;
beforeEach(async () => {
  const sentry = "sentry: { organization: acme, project: shop, environment: staging }";
  world = await openLookWorld({ staging: `watch: { for: 30m, ${sentry}, http: { url: "https://staging.acme.test/health" } }` });
  world.at("Mon 18:00");
  await world.merged("feat: pay");
  const [watched] = await world.open("staging");
  if (watched?.state.state !== "watching") throw new Error("nothing is watched");
  deployment = watched.id;
});
afterEach(() => world[Symbol.asyncDispose]());

test("what one monitor saw is not taken back by the other that looked at the same time", async () => {
  world.at("Mon 18:05");
  world.far.seen.sentry = crash;
  world.far.seen.http = answering;
  const looks: Promise<void>[] = [];
  await world.engine.db.transaction(async (tx) => {
    await tx.execute(sql`select id from environments where id = ${STAGING} for update`);
    for (const monitor of ["sentry", "http"] as const) {
      looks.push(look(world.engine, { deployment, monitor, look: 5 }));
      await until(async () => (await waiting()) === looks.length);
    }
  });
  await Promise.all(looks);
  const [watched] = await world.open("staging");
  expect(watched?.state).toMatchObject({ state: "watching", verdict: { kind: "regressed", troubles: ["errors"] } });
});

/** How many wait for a lock of this database. */
async function waiting(): Promise<number> {
  const { rows } = await world.desk.database.pool.query(
    "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return rows.length;
}

test("a look that began before the end of the watch and was through after it is followed by one at the end", async () => {
  world.far.seen.sentry = quiet;
  const atTheEnd = async (): Promise<number[]> => {
    const { rows } = await world.desk.database.pool.query<{ look: number }>(
      "select (data->>'look')::int as look from pgboss.job where name = 'look' and data->>'monitor' = 'http' and start_after >= $1 order by 1",
      [new Date("2026-03-02T18:30:00Z")],
    );
    return rows.map((row) => row.look);
  };

  world.at("Mon 18:29");
  world.far.seen.http = (number, at) => {
    world.at("Mon 18:31");
    return answering(number, at);
  };
  await look(world.engine, { deployment, monitor: "http", look: 29 });
  const [next] = await atTheEnd();
  expect(next).toBeGreaterThan(29);

  await look(world.engine, { deployment, monitor: "sentry", look: 31 });
  expect((await world.open("staging")).map(({ state }) => state.state)).toEqual(["watching"]);
  world.far.seen.http = answering;
  await look(world.engine, { deployment, monitor: "http", look: next ?? 0 });
  expect(await world.open("staging")).toEqual([]);
});

function answering(number: number, at: Date): Measurement {
  return { monitor: "http", look: number, at, kind: "site", up: true, latencyMs: 12, detail: "HTTP 200" };
}

function quiet(number: number, at: Date): Measurement & ErrorsSeen {
  const after = { from: new Date(at.getTime() - 60_000), to: at, events: 0, users: 0 };
  const before = { from: new Date(at.getTime() - 3_660_000), to: after.from, events: 0, users: null };
  return { monitor: "sentry", look: number, at, kind: "errors", after, before, newIssues: [], lastEventAt: null, signal: "proven" };
}

function crash(number: number, at: Date): Measurement {
  const seen = { id: "1", title: "KeyError", place: null, url: null, events: 9, users: 9, unhandled: true, firstSeen: at, lastSeen: at };
  return { ...quiet(number, at), newIssues: [seen], lastEventAt: at };
}
