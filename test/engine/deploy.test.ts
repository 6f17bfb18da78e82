import { describe, expect, test } from "vitest";
import { stepsOf } from "../../src/db/steps.ts";
import { verifyHistory } from "../../src/db/history.ts";
import { startReplica } from "../support/engine-replica.ts";
import { liveHosts, openWorld, request, settled } from "../support/engine-world.ts";
import { until } from "../support/until.ts";

describe("a deployment over real SSH", () => {
  test("runs its steps in order, migrates on the first host only and ends live on all", async () => {
    await using world = await openWorld();
    await using bot = await startReplica(world.settings("one"));
    const second = world.revision(2);
    const id = await request(bot.engine, second);
    const ended = await settled(bot.engine, id, "succeeded_unverified");
    expect(ended.state).toMatchObject({ because: "not watched" });
    const order = world.witnessed().map((line) => line.split(" ").slice(0, 2).join(" "));
    expect(order.slice(0, 2).toSorted()).toEqual(["pull web-1", "pull web-2"]);
    expect(order.slice(2, 4).toSorted()).toEqual(["check web-1", "check web-2"]);
    expect(order.slice(4, 6).toSorted()).toEqual(["collectstatic web-1", "collectstatic web-2"]);
    expect(order.slice(6)).toEqual(["migrate web-1", "restart web-1", "verify web-1", "restart web-2", "verify web-2"]);
    expect([world.headOf("web-1"), world.headOf("web-2")]).toEqual([second, second]);
    expect(await liveHosts(bot.engine)).toEqual([`web-1 ${second}`, `web-2 ${second}`]);
    expect((await stepsOf(bot.engine.db, id)).every((row) => row.status === "done" && row.exitCode === 0)).toBe(true);
    expect((await verifyHistory(bot.engine.db, bot.engine.historyKey)).faults).toEqual([]);
    await until(() => bot.far.told.includes("production success"));
    expect(bot.faults).toEqual([]);
  });
});
