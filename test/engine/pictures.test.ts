import { expect, test } from "vitest";
import { storeMeasurement } from "../../src/db/measurements.ts";
import type { DeploymentId } from "../../src/domain/ids.ts";
import type { Measurement, Verdict } from "../../src/domain/measurement.ts";
import { apply } from "../../src/engine/apply.ts";
import { figureOfReply } from "../../src/engine/pictures.ts";
import { aftermath } from "../../src/engine/look.ts";
import { PETRA, verdict } from "../domain/model.ts";
import { openLookWorld, STAGING, type LookWorld } from "./look-world.ts";

const BAD = verdict("regressed", "propose", true);
const watched = (policy: string): string =>
  `watch: { for: 30m, http: { url: "https://staging.acme.test/health" }, on_regression: ${policy} }`;

async function goesLive(world: LookWorld): Promise<DeploymentId> {
  await world.merged("Pay by card");
  const [deployment] = (await world.open("staging")).filter(({ state }) => state.state === "watching");
  if (deployment === undefined) throw new Error("nothing is watched");
  return deployment.id;
}

/** One look of the probe, stored with what was made of it, as a real one is. */
async function look(world: LookWorld, deployment: DeploymentId, number: number, seen: Verdict): Promise<void> {
  const id = world.engine.newId() as DeploymentId;
  const undo = { kind: "yes" as const, because: "nothing was migrated" };
  const at = world.engine.clock();
  const measurement: Measurement = { monitor: "http", look: number, at, kind: "site", up: true, latencyMs: 900, detail: "" };
  const outcome = await apply(
    world.engine,
    STAGING,
    { kind: "measured", deployment, verdict: seen, undo, id },
    { before: (tx) => storeMeasurement(tx, deployment, "http", measurement) },
  );
  if (!outcome.ok) throw new Error(outcome.refusal.title);
}

async function pictures(world: LookWorld): Promise<readonly { readonly id: string; readonly moment: string }[]> {
  const found = await world.desk.database.pool.query<{ id: string; moment: string }>(
    `select id, body ->> 'picture' as moment from replies where body ? 'picture' order by "order"`,
  );
  return found.rows;
}

test("a picture is asked for once when a regression is seen, and once when its watch ends; an hour later for nobody", async () => {
  await using world = await openLookWorld({ staging: watched("offer") });
  world.at("Mon 09:00");
  const id = await goesLive(world);
  world.at("Mon 09:05");
  await look(world, id, 1, verdict("inconclusive"));
  expect(await pictures(world)).toEqual([]);
  for (const [number, minute] of ["06", "07", "08"].entries()) {
    world.at(`Mon 09:${minute}`);
    await look(world, id, number + 2, BAD);
  }
  const [seen, ...more] = await pictures(world);
  expect([seen?.moment, more]).toEqual(["seen", []]);
  world.at("Mon 09:30");
  await look(world, id, 9, BAD);
  expect((await pictures(world)).map(({ moment }) => moment)).toEqual(["seen", "ended"]);
  expect(await figureOfReply(world.engine, seen?.id ?? "")).toMatchObject({ app: "shop", environment: "staging", latency: { after: 900 } });
  world.at("Mon 10:10");
  expect(await figureOfReply(world.engine, seen?.id ?? "")).toBeNull();

  const last = await goesLive(world);
  world.at("Mon 10:40");
  await look(world, last, 1, BAD);
  expect((await pictures(world)).map(({ moment }) => moment)).toEqual(["seen", "ended", "ended"]);
});

test("of what goes back the last picture is asked for once it is known whether that helped, where the site alone is watched too", async () => {
  await using world = await openLookWorld({ staging: watched("offer") });
  world.at("Mon 09:00");
  const id = await goesLive(world);
  world.at("Mon 09:05");
  await look(world, id, 1, { ...BAD, troubles: ["down"] });
  const back = world.engine.newId() as DeploymentId;
  const asked = { kind: "roll_back", standing: PETRA, deployment: id, reason: null, id: back } as const;
  expect((await apply(world.engine, STAGING, asked)).ok).toBe(true);
  await world.wentLive(back, "staging");
  world.far.seen.http = (number, at) => ({ monitor: "http", look: number, at, kind: "site", up: true, latencyMs: 40, detail: "HTTP 200" });
  for (const number of [1, 2]) {
    expect((await pictures(world)).map(({ moment }) => moment)).toEqual(["seen"]);
    world.at(`Mon 09:${10 + number}`);
    await aftermath(world.engine, { deployment: id, look: number });
  }
  expect((await pictures(world)).map(({ moment }) => moment)).toEqual(["seen", "ended"]);
});

test("a watch that saw nothing has no picture, and one in the shadow has it at its end alone", async () => {
  await using world = await openLookWorld({ staging: watched("shadow") });
  world.at("Mon 09:00");
  const healthy = await goesLive(world);
  world.at("Mon 09:30");
  await look(world, healthy, 1, verdict("healthy"));
  expect(await pictures(world)).toEqual([]);
  const shadowed = await goesLive(world);
  world.at("Mon 09:40");
  await look(world, shadowed, 1, BAD);
  expect(await pictures(world)).toEqual([]);
  world.at("Mon 10:05");
  await look(world, shadowed, 2, verdict("regressed", "propose", false));
  expect((await pictures(world)).map(({ moment }) => moment)).toEqual(["ended"]);
});
