import { expect, test } from "vitest";
import type { Measurement } from "../../src/domain/measurement.ts";
import { look } from "../../src/engine/look.ts";
import { openLookWorld } from "./look-world.ts";

test("a look that began before the end of the watch and was through after it is followed by one at the end", async () => {
  const sentry = "sentry: { organization: acme, project: shop, environment: staging }";
  await using world = await openLookWorld({ staging: `watch: { for: 30m, ${sentry}, http: { url: "https://staging.acme.test/health" } }` });
  world.at("Mon 18:00");
  await world.merged("feat: pay");
  const [deployment] = await world.open("staging");
  if (deployment?.state.state !== "watching") throw new Error("nothing is watched");
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
  await look(world.engine, { deployment: deployment.id, monitor: "http", look: 29 });
  const [next] = await atTheEnd();
  expect(next).toBeGreaterThan(29);

  await look(world.engine, { deployment: deployment.id, monitor: "sentry", look: 31 });
  expect((await world.open("staging")).map(({ state }) => state.state)).toEqual(["watching"]);
  world.far.seen.http = answering;
  await look(world.engine, { deployment: deployment.id, monitor: "http", look: next ?? 0 });
  expect(await world.open("staging")).toEqual([]);
});

function answering(number: number, at: Date): Measurement {
  return { monitor: "http", look: number, at, kind: "site", up: true, latencyMs: 12, detail: "HTTP 200" };
}

function quiet(number: number, at: Date): Measurement {
  const after = { from: new Date(at.getTime() - 60_000), to: at, events: 0, users: 0 };
  const before = { from: new Date(at.getTime() - 3_660_000), to: after.from, events: 0, users: null };
  return { monitor: "sentry", look: number, at, kind: "errors", after, before, newIssues: [], lastEventAt: null, signal: "proven" };
}
