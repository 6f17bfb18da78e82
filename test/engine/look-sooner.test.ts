import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { measurementsOf } from "../../src/db/measurements.ts";
import type { Deployment } from "../../src/domain/deployment.ts";
import type { Measurement } from "../../src/domain/measurement.ts";
import { look } from "../../src/engine/look.ts";
import { lookSooner } from "../../src/engine/look-sooner.ts";
import { undoHere } from "../../src/engine/undo.ts";
import { openLookWorld, type LookWorld } from "./look-world.ts";

let world: LookWorld;
beforeEach(async () => {
  world = await openLookWorld({ staging: "watch: { for: 30m, sentry: { organization: acme, project: shop, environment: staging } }" });
  world.at("Mon 18:00");
});
afterEach(() => world[Symbol.asyncDispose]());

type LookJob = { readonly deployment: string; readonly look: number; readonly early?: boolean };

async function looksAsked(): Promise<readonly LookJob[]> {
  const { rows } = await world.desk.database.pool.query<{ data: LookJob }>(
    "select data from pgboss.job where name = 'look' order by created_on",
  );
  return rows.map(({ data }) => data);
}

async function watched(): Promise<Deployment> {
  await world.merged("feat: pay");
  const [deployment] = await world.open("staging");
  if (deployment?.state.state !== "watching") throw new Error("nothing is watched");
  return deployment;
}

function crash(number: number, at: Date): Measurement {
  const seen = { id: "1", title: "KeyError", place: null, url: null, events: 1, users: 1, unhandled: true, firstSeen: at, lastSeen: at };
  const after = { from: new Date(at.getTime() - 60_000), to: at, events: 1, users: 1 };
  const before = { from: new Date(at.getTime() - 3_660_000), to: after.from, events: 0, users: null };
  return { monitor: "sentry", look: number, at, kind: "errors", after, before, newIssues: [seen], lastEventAt: at, signal: "proven" };
}

describe("a hint of Sentry's", () => {
  test("asks for a look at what is watched of that project, and of no other", async () => {
    expect(await lookSooner(world.engine, "default", ["shop"])).toEqual({
      result: "ignored",
      reason: "nothing of this project is watched now",
    });
    const { id } = await watched();
    const due = await looksAsked();
    expect(await lookSooner(world.engine, "default", ["billing"])).toMatchObject({ result: "ignored" });
    expect(await lookSooner(world.engine, "another", ["shop"])).toMatchObject({ result: "ignored" });
    expect(await looksAsked()).toEqual(due);
    expect(await lookSooner(world.engine, "default", ["shop", "billing"])).toEqual({ result: "accepted", reason: null });
    expect((await looksAsked()).slice(due.length)).toEqual([{ deployment: id, monitor: "sentry", look: 1, early: true }]);
    expect(await lookSooner(world.engine, "default", [])).toMatchObject({ result: "accepted" });
  });

  test("is one look in five seconds, beside those that are due, and says what it saw", async () => {
    const { id } = await watched();
    let asked = 0;
    world.far.seen.sentry = (number, at) => {
      asked += 1;
      return crash(number, at);
    };
    const job = { deployment: id, monitor: "sentry", look: 1, early: true } as const;
    const due = await looksAsked();
    await look(world.engine, job);
    await look(world.engine, job);
    expect(asked).toBe(1);
    expect(await looksAsked()).toEqual(due);
    const [deployment] = await world.open("staging");
    expect(deployment?.state).toMatchObject({ state: "watching", verdict: { kind: "regressed", level: "propose" } });

    await lookSooner(world.engine, "default", ["shop"]);
    expect((await looksAsked()).at(-1)).toMatchObject({ look: 2, early: true });
    await look(world.engine, { deployment: id, monitor: "sentry", look: 1 });
    const { watch } = await measurementsOf(world.engine.db, id);
    expect(watch.map(({ look: number, early }) => [number, early ?? false])).toEqual(
      expect.arrayContaining([
        [1, true],
        [1, false],
      ]),
    );
  });
});

test("what is watched in an environment that is not configured any more does not go back by itself", async () => {
  const deployment = await watched();
  const engine = { ...world.engine, config: { ...world.engine.config, apps: [] } };
  expect(await undoHere(engine, deployment)).toMatchObject({ kind: "no", because: expect.stringContaining("not in the configuration") });
  expect((await undoHere(world.engine, deployment)).because).not.toContain("configuration");
});
