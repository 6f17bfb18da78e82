import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stepsOf } from "../../src/db/steps.ts";
import { startReplica } from "../support/engine-replica.ts";
import { liveHosts, openWorld, request, settled, type World } from "../support/engine-world.ts";
import { released, starts } from "./started.ts";

test("hosts that had switched go back by their links when one of them fails", { timeout: 240_000 }, async () => {
  await using world = await openWorld({ layout: "releases", environment: "deploy: automatically\n        on_failure: rollback" });
  await using bot = await startReplica(world.settings("one"));
  const [second, third] = [world.revision(2), world.revision(3)];
  await settled(bot.engine, await request(bot.engine, second), "succeeded_unverified");
  expect(live(world)).toEqual(["1\n2\n", "1\n2\n"]);
  const before = [link(world, 1), link(world, 2)];
  // What was one checkout before is left as it was.
  expect(world.headOf("web-1")).toBe(world.revision(1));

  world.script("restart", `[ "$host $revision" != "web-2 ${third}" ] || exit 1`);
  const id = await request(bot.engine, third);
  expect((await settled(bot.engine, id, "failed")).state).toMatchObject({ because: "restart on web-2 ended with exit code 1." });
  await released(bot, world, id);
  const back = await bot.engine.db.execute<{ id: string }>(`select id from deployments where kind = 'rollback'`);
  const rollback = back.rows[0]?.id as typeof id;
  await settled(bot.engine, rollback, "succeeded", "succeeded_unverified");
  expect([link(world, 1), link(world, 2)]).toEqual(before);
  expect(await liveHosts(bot.engine)).toEqual([`web-1 ${second}`, `web-2 ${second}`]);
  const pulled = (await stepsOf(bot.engine.db, rollback)).filter((row) => row.step === "pull").map((row) => row.head.toString());
  expect(pulled).toEqual(Array(2).fill(expect.stringContaining("nothing is fetched, nothing is installed")));
  // Checked and collected when it was built, not again on the way back.
  expect(starts(world).filter((start) => start === "collectstatic web-1")).toHaveLength(2);
  expect(bot.faults).toEqual([]);
});

test("a failure before the switch leaves every link where it was, and there is nothing to take back", { timeout: 240_000 }, async () => {
  await using world = await openWorld({ layout: "releases", environment: "deploy: automatically\n        on_failure: rollback" });
  await using bot = await startReplica(world.settings("one"));
  await settled(bot.engine, await request(bot.engine, world.revision(2)), "succeeded_unverified");
  const before = [link(world, 1), link(world, 2)];
  world.script("migrate", "exit 1");
  const id = await request(bot.engine, world.revision(3));
  await settled(bot.engine, id, "failed");
  await released(bot, world, id);
  expect([link(world, 1), link(world, 2)]).toEqual(before);
  const rollbacks = await bot.engine.db.execute(`select id from deployments where kind = 'rollback'`);
  expect(rollbacks.rows).toEqual([]);
});

function link(world: World, server: number): string | null {
  const path = join(world.hosts[server - 1]?.directory ?? "", "current");
  return existsSync(path) ? readlinkSync(path) : null;
}

function live(world: World): readonly string[] {
  return world.hosts.map(({ directory }) => readFileSync(join(directory, "current/version"), "utf8"));
}
