import { afterAll, beforeAll, expect, test } from "vitest";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import type { Replica } from "../support/engine-replica.ts";
import { changesWith } from "./changes.ts";
import { EARLIER, LATER, MINUTE, openStage, type Stage } from "./stage.ts";

let desk: Desk;
let replica: Replica;
beforeAll(async () => {
  desk = await openDesk();
  replica = await desk.open("one");
});
afterAll(() => desk[Symbol.asyncDispose]());

async function live(name: string): Promise<Stage> {
  const stage = await openStage(replica, { name, policy: "rollback", minutes: 20, only: "http" });
  await stage.goesLive(changesWith([]));
  return stage;
}

test.concurrent(
  "looks that were missed are not made up for: a moment of trouble is no row of bad looks",
  { timeout: 240_000 },
  async () => {
    await using stage = await live("missed");
    await stage.minutes(2);
    stage.site.status = 502;
    await stage.away(10 * MINUTE);
    stage.site.status = 200;
    await stage.minutes(3);
    expect((await stage.deployment()).state).toMatchObject({ state: "watching", verdict: { kind: "inconclusive", level: "none" } });
    expect((await stage.thread()).filter(({ ping }) => ping === "regression")).toEqual([]);
    expect(stage.faults).toEqual([]);
  },
);

test.concurrent.for([
  { is: "down", status: 502, back: { automatic: true, revision: EARLIER }, serving: EARLIER },
  { is: "up", status: 200, back: null, serving: LATER },
])("the end of a countdown that the bot slept through waits for a look: the site is $is", { timeout: 240_000 }, async (ends) => {
  await using stage = await live(`slept-${ends.is}`);
  stage.site.status = 502;
  await stage.minutes(3);
  expect((await stage.deployment()).state.state).toBe("countdown");
  stage.site.status = ends.status;
  await stage.away(5 * MINUTE, ["look"]);
  expect({ back: await stage.rollback(), live: stage.live() }).toEqual({ back: null, live: LATER });
  expect((await stage.thread()).map(({ text }) => text).join("\n")).toContain("Nobody has looked for a while: Greenlight looks now");
  await stage.pass(MINUTE);
  expect({ back: await stage.rollback(), serving: stage.live() }).toMatchObject({ back: ends.back, serving: ends.serving });
  expect(stage.faults).toEqual([]);
});
