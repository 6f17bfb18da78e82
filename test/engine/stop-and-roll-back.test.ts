import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deploymentById } from "../../src/db/deployments.ts";
import type { DeploymentId } from "../../src/domain/ids.ts";
import { apply } from "../../src/engine/apply.ts";
import { startReplica, type Replica } from "../support/engine-replica.ts";
import { liveHosts, openWorld, PRODUCTION, request, rollBack, settled, standingOf } from "../support/engine-world.ts";
import { until } from "../support/until.ts";
import { released, starts, whenStarted } from "./started.ts";

async function cancel(bot: Replica, deployment: DeploymentId, thenRollBack: boolean): Promise<void> {
  const applied = await apply(bot.engine, PRODUCTION, { kind: "cancel", standing: standingOf("UPETRA"), deployment, thenRollBack });
  expect(applied).toMatchObject({ ok: true });
}

describe("stopping it in the middle", { timeout: 240_000 }, () => {
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

describe("rolling back", { timeout: 240_000 }, () => {
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
