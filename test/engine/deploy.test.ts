import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { verifyHistory } from "../../src/db/history.ts";
import { stepsOf } from "../../src/db/steps.ts";
import { logText } from "../../src/domain/log-text.ts";
import { startReplica } from "../support/engine-replica.ts";
import { liveHosts, openWorld, request, settled } from "../support/engine-world.ts";
import { until } from "../support/until.ts";
import { released, starts, whenStarted } from "./started.ts";

describe("a deployment over real SSH", { timeout: 240_000 }, () => {
  test("runs its steps in order, migrates on the first host only and ends live on all", async () => {
    await using world = await openWorld();
    await using bot = await startReplica(world.settings("one"));
    const second = world.revision(2);
    const id = await request(bot.engine, second);
    expect((await settled(bot.engine, id, "succeeded_unverified")).state).toMatchObject({ because: "not watched" });
    const order = starts(world);
    expect(order.slice(0, 2).toSorted()).toEqual(["pull web-1", "pull web-2"]);
    expect(order.slice(2, 4).toSorted()).toEqual(["check web-1", "check web-2"]);
    expect(order.slice(4, 6).toSorted()).toEqual(["collectstatic web-1", "collectstatic web-2"]);
    expect(order.slice(6)).toEqual(["migrate web-1", "restart web-1", "verify web-1", "restart web-2", "verify web-2"]);
    expect([world.headOf("web-1"), world.headOf("web-2")]).toEqual([second, second]);
    expect(await liveHosts(bot.engine)).toEqual([`web-1 ${second}`, `web-2 ${second}`]);
    expect((await stepsOf(bot.engine.db, id)).every((row) => row.status === "done" && row.exitCode === 0)).toBe(true);
    expect((await verifyHistory(bot.engine.db, bot.engine.historyKey)).faults).toEqual([]);
    await until(() => bot.far.told.includes("production success"));
    await released(bot, world, id);
    expect(bot.faults).toEqual([]);
  });

  test("with a host down runs no step anywhere, and fails with a sentence that names it", async () => {
    await using world = await openWorld();
    await using bot = await startReplica(world.settings("one"));
    await world.hosts[1]?.server.setDown(true);
    const id = await request(bot.engine, world.revision(2));
    const { state } = await settled(bot.engine, id, "failed");
    expect(state).toMatchObject({ because: expect.stringMatching(/^web-2 does not answer \(.+\)\.$/u) });
    expect(world.witnessed()).toEqual([]);
    expect(await liveHosts(bot.engine)).toEqual([]);
    await world.hosts[1]?.server.setDown(false);
    await released(bot, world, id);
    await settled(bot.engine, await request(bot.engine, world.revision(2)), "succeeded_unverified");
  });

  test("whose migrate fails has restarted nothing", async () => {
    await using world = await openWorld();
    await using bot = await startReplica(world.settings("one"));
    world.script("migrate", "echo 'no such table'; exit 1");
    const id = await request(bot.engine, world.revision(2));
    const { state } = await settled(bot.engine, id, "failed");
    expect(state).toMatchObject({ because: "migrate on web-1 ended with exit code 1." });
    expect(starts(world).filter((start) => start.startsWith("restart"))).toEqual([]);
    const migrate = (await stepsOf(bot.engine.db, id)).find((row) => row.step === "migrate");
    expect(migrate).toMatchObject({ status: "failed", exitCode: 1 });
    expect(logText(migrate?.tail ?? Buffer.alloc(0)) + logText(migrate?.head ?? Buffer.alloc(0))).toContain("no such table");
    await released(bot, world, id);
  });

  test("refuses a checkout that somebody changed by hand, and names the files", async () => {
    await using world = await openWorld({ recipe: "django" });
    await using bot = await startReplica(world.settings("one"));
    appendFileSync(join(world.hosts[0]?.directory ?? "", "version"), "a repair at night\n");
    const id = await request(bot.engine, world.revision(2));
    const { state } = await settled(bot.engine, id, "failed");
    expect(state).toMatchObject({ because: "pull on web-1 ended with exit code 4." });
    const pull = (await stepsOf(bot.engine.db, id)).find((row) => row.host === "web-1");
    expect(pull?.head.toString()).toContain("somebody changed files here by hand");
    expect(pull?.head.toString()).toContain("version");
    expect(world.headOf("web-1")).toBe(world.revision(1));
  });

  test("goes on where it was when a host is away in the middle", async () => {
    await using world = await openWorld();
    await using bot = await startReplica(world.settings("one"));
    world.script("migrate", "sleep 1");
    const id = await request(bot.engine, world.revision(2));
    await whenStarted(world, "migrate web-1");
    await world.hosts[0]?.server.setDown(true);
    await until(async () => {
      const rows = await world.database.pool.query<{ trouble: string | null }>("select trouble from deployments where id = $1", [id]);
      return rows.rows[0]?.trouble?.startsWith("web-1 does not answer") === true;
    });
    await world.hosts[0]?.server.setDown(false);
    await settled(bot.engine, id, "succeeded_unverified");
    expect(starts(world).filter((start) => start === "migrate web-1")).toHaveLength(1);
  });

  test("keeps secrets out of the stored output, over chunks", async () => {
    await using world = await openWorld();
    await using bot = await startReplica(world.settings("one"), { secrets: ["hunter2-hunter2"] });
    world.script("migrate", "printf 'key hunter2-'; sleep 0.7; echo hunter2 end");
    const id = await request(bot.engine, world.revision(2));
    await settled(bot.engine, id, "succeeded_unverified");
    const migrate = (await stepsOf(bot.engine.db, id)).find((row) => row.step === "migrate");
    expect(migrate?.head.toString()).toBe("migrate begins\nkey [redacted] end\n  No migrations to apply.\nmigrate ends\n");
  });
});
