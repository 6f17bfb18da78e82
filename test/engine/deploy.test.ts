import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { verifyHistory } from "../../src/db/history.ts";
import { deploymentById } from "../../src/db/deployments.ts";
import { stepsOf } from "../../src/db/steps.ts";
import { logText } from "../../src/domain/log-text.ts";
import type { DeploymentId } from "../../src/domain/ids.ts";
import { apply } from "../../src/engine/apply.ts";
import { startReplica, type Replica } from "../support/engine-replica.ts";
import { liveHosts, openWorld, PRODUCTION, request, rollBack, settled, standingOf, type World } from "../support/engine-world.ts";
import { until } from "../support/until.ts";

/** `pull web-1`, in the order in which hosts started them. */
function starts(world: World): readonly string[] {
  return world.witnessed().map((line) => line.split(" ").slice(0, 2).join(" "));
}

async function whenStarted(world: World, step: string): Promise<void> {
  await until(
    () => starts(world).includes(step),
    () => `${step} was not started: ${starts(world).join(", ")}`,
    60_000,
  );
}

async function released(bot: Replica, world: World, id: DeploymentId): Promise<void> {
  await until(
    async () => (await world.database.pool.query("select 1 from deployments where id = $1 and not holds_hosts", [id])).rowCount === 1,
    () => `the hosts were not released: ${bot.lines.join("\n")} ${bot.faults.join("\n")}`,
  );
}

async function cancel(bot: Replica, deployment: DeploymentId, thenRollBack: boolean): Promise<void> {
  const applied = await apply(bot.engine, PRODUCTION, { kind: "cancel", standing: standingOf("UPETRA"), deployment, thenRollBack });
  expect(applied).toMatchObject({ ok: true });
}

describe.concurrent("a deployment over real SSH", () => {
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
    expect(migrate?.head.toString()).toBe("migrate begins\nkey [redacted] end\nmigrate ends\n");
  });
});

describe.concurrent("stopping it in the middle", () => {
  test("ends what runs on the hosts, and starts nothing more", async () => {
    await using world = await openWorld();
    await using bot = await startReplica(world.settings("one"));
    world.script("migrate", `sleep 5; echo survived >"$root/survived"`);
    const id = await request(bot.engine, world.revision(2));
    await whenStarted(world, "migrate web-1");
    await cancel(bot, id, false);
    expect((await settled(bot.engine, id, "cancelled")).state).toMatchObject({ by: { id: "UPETRA" } });
    await released(bot, world, id);
    expect(starts(world).filter((start) => start.startsWith("restart"))).toEqual([]);
    expect(existsSync(join(world.root, "survived"))).toBe(false);
  });

  test("and rolling back brings the switched hosts back to what was live", async () => {
    await using world = await openWorld();
    await using bot = await startReplica(world.settings("one"));
    await settled(bot.engine, await request(bot.engine, world.revision(2)), "succeeded_unverified");
    world.script("migrate", "sleep 5");
    const before = world.witnessed().length;
    const id = await request(bot.engine, world.revision(3));
    await until(() => starts(world).slice(before).includes("migrate web-1"));
    await cancel(bot, id, true);
    const ended = await settled(bot.engine, id, "cancelled");
    const back = await settled(bot.engine, ended.rolledBackBy ?? id, "succeeded_unverified");
    expect(back).toMatchObject({ kind: "rollback", revision: world.revision(2), rollsBack: id });
    expect([world.headOf("web-1"), world.headOf("web-2")]).toEqual([world.revision(2), world.revision(2)]);
    expect(
      starts(world)
        .slice(before)
        .filter((start) => start.startsWith("migrate")),
    ).toHaveLength(1);
  });

  test("before any host answered needs no answer of a host", async () => {
    await using world = await openWorld();
    await using bot = await startReplica(world.settings("one", { timing: { patienceBeforeMs: 60_000 } }));
    await world.hosts[1]?.server.setDown(true);
    const id = await request(bot.engine, world.revision(2));
    await settled(bot.engine, id, "executing");
    await cancel(bot, id, false);
    await settled(bot.engine, id, "cancelled");
    expect(world.witnessed()).toEqual([]);
  });
});

describe.concurrent("rolling back", () => {
  test("brings both hosts back without migrating", async () => {
    await using world = await openWorld();
    await using bot = await startReplica(world.settings("one"));
    await settled(bot.engine, await request(bot.engine, world.revision(2)), "succeeded_unverified");
    const id = await request(bot.engine, world.revision(3));
    await settled(bot.engine, id, "succeeded_unverified");
    const before = world.witnessed().length;
    const back = await rollBack(bot.engine, id);
    await settled(bot.engine, back.id, "succeeded_unverified");
    expect([world.headOf("web-1"), world.headOf("web-2")]).toEqual([world.revision(2), world.revision(2)]);
    expect(
      starts(world)
        .slice(before)
        .some((start) => start.startsWith("migrate")),
    ).toBe(false);
    expect(await liveHosts(bot.engine)).toEqual([`web-1 ${world.revision(2)}`, `web-2 ${world.revision(2)}`]);
    expect((await deploymentById(bot.engine.db, id))?.rolledBackBy).toBe(back.id);
  });

  test("by on_failure follows a failed step by itself", async () => {
    await using world = await openWorld({ environment: "deploy: automatically\n        on_failure: rollback" });
    await using bot = await startReplica(world.settings("one"));
    await settled(bot.engine, await request(bot.engine, world.revision(2)), "succeeded_unverified");
    world.script("restart", `[ "$revision" != ${world.revision(3)} ] || exit 7`);
    const failed = await settled(bot.engine, await request(bot.engine, world.revision(3)), "failed");
    await settled(bot.engine, failed.rolledBackBy ?? failed.id, "succeeded_unverified");
    expect([world.headOf("web-1"), world.headOf("web-2")]).toEqual([world.revision(2), world.revision(2)]);
  });

  test("that fails needs a person, who asks the hosts again or tries it anew", async () => {
    await using world = await openWorld();
    await using bot = await startReplica(world.settings("one"));
    await settled(bot.engine, await request(bot.engine, world.revision(2)), "succeeded_unverified");
    const id = await request(bot.engine, world.revision(3));
    await settled(bot.engine, id, "succeeded_unverified");
    world.script("restart", "exit 7");
    const back = await rollBack(bot.engine, id);
    expect((await settled(bot.engine, back.id, "needs_attention")).state).toMatchObject({
      because: expect.stringContaining("exit code 7"),
    });
    world.script("restart", "true");
    const again = await rollBack(bot.engine, id);
    await settled(bot.engine, again.id, "succeeded_unverified");
    expect((await deploymentById(bot.engine.db, back.id))?.state.state).toBe("failed");
    expect([world.headOf("web-1"), world.headOf("web-2")]).toEqual([world.revision(2), world.revision(2)]);
  });
});
