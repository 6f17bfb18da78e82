import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { DeploymentId, Sha } from "../../src/domain/ids.ts";
import { digestOf } from "../../src/domain/digest.ts";
import { deploymentById } from "../../src/db/deployments.ts";
import { apply } from "../../src/engine/apply.ts";
import { deploymentCard } from "../../src/engine/card-model.ts";
import { statusRows } from "../../src/engine/status.ts";
import { startReplica, type Replica } from "../support/engine-replica.ts";
import { liveHosts, openWorld, PRODUCTION, request, settled, standingOf, type World } from "../support/engine-world.ts";
import { until } from "../support/until.ts";
import { released, starts, whenStarted } from "./started.ts";

const APPROVAL = 'approval: { from: ["@product-owners"], count: 1, expires: 24h }';

async function approve(bot: Replica, id: DeploymentId): Promise<void> {
  const deployment = await deploymentById(bot.engine.db, id);
  if (deployment === null) throw new Error("nothing to approve");
  const { revision, environmentId, planHash } = deployment;
  const digest = digestOf({ revision, environment: environmentId, planHash });
  const command = { kind: "approve", standing: standingOf("UPETRA"), deployment: id, digest, override: null, approverNames: [] } as const;
  expect(await apply(bot.engine, PRODUCTION, command)).toMatchObject({ ok: true });
}

/** What somebody does on a server without telling anybody. */
function byHand(world: World, host: string, revision: Sha): void {
  execFileSync("git", ["-C", join(world.root, host, "shop"), "checkout", "--quiet", "--detach", revision]);
}

async function thread(bot: Replica): Promise<string> {
  const rows = await bot.engine.db.execute<{ text: string }>("select body ->> 'text' as text from replies order by \"order\"");
  return rows.rows.map((row) => row.text).join("\n");
}

describe("a roll over four servers", { timeout: 240_000 }, () => {
  test("stops at a server that breaks: the canary first, the rest untouched, and the card says who runs what", async () => {
    await using world = await openWorld({ hosts: 4, target: ["roll: { canary: 1, batch: 2 }"] });
    await using bot = await startReplica(world.settings("one"));
    await settled(bot.engine, await request(bot.engine, world.revision(2)), "succeeded_unverified");
    world.script("restart", `[ "$revision$host" != ${world.revision(3)}web-2 ] || exit 7`);
    const before = world.witnessed().length;
    const id = await request(bot.engine, world.revision(3));
    expect((await settled(bot.engine, id, "failed")).state).toMatchObject({ because: "restart on web-2 ended with exit code 7." });
    await released(bot, world, id);
    const rolled = starts(world)
      .slice(before)
      .filter((start) => /^(restart|verify)/u.test(start));
    expect(rolled.slice(0, 2)).toEqual(["restart web-1", "verify web-1"]);
    expect(rolled.slice(2).toSorted()).toEqual(["restart web-2", "restart web-3"]);
    expect((await deploymentCard(bot.engine, id))?.hosts.map(({ host, as }) => `${host} ${as}`)).toEqual([
      "web-1 runs",
      "web-2 not_restarted",
      "web-3 runs",
      "web-4 not_restarted",
    ]);
  });
});

describe("a server that somebody changed by hand", { timeout: 240_000 }, () => {
  test("voids the approval before the first step; approved anew, the same deployment takes its servers again", async () => {
    await using world = await openWorld({ environment: APPROVAL });
    await using bot = await startReplica(world.settings("one"));
    const earlier = await request(bot.engine, world.revision(2));
    await approve(bot, earlier);
    await settled(bot.engine, earlier, "succeeded_unverified");
    await released(bot, world, earlier);
    byHand(world, "web-2", world.revision(4));
    const before = world.witnessed().length;
    const id = await request(bot.engine, world.revision(3));
    await approve(bot, id);
    await until(async () => (await thread(bot)).includes("(changed by hand?)"));
    const asked = await settled(bot.engine, id, "awaiting_approval");
    expect(asked.state).toMatchObject({ voided: expect.stringContaining("web-2 runs") });
    expect(asked.plan.running).toEqual({ "web-1": world.revision(2), "web-2": world.revision(4) });
    await released(bot, world, id);
    expect(world.witnessed().length).toBe(before);
    await approve(bot, id);
    await settled(bot.engine, id, "succeeded_unverified");
    expect([world.headOf("web-1"), world.headOf("web-2")]).toEqual([world.revision(3), world.revision(3)]);
  });

  test("where nobody is asked, is said and deployed over", async () => {
    await using world = await openWorld();
    await using bot = await startReplica(world.settings("one"));
    await settled(bot.engine, await request(bot.engine, world.revision(2)), "succeeded_unverified");
    byHand(world, "web-1", world.revision(4));
    const id = await request(bot.engine, world.revision(3));
    const ended = await settled(bot.engine, id, "succeeded_unverified");
    expect(ended.from).toBe(world.revision(4));
    expect(await liveHosts(bot.engine)).toEqual([`web-1 ${world.revision(3)}`, `web-2 ${world.revision(3)}`]);
  });

  test("is shown by the status of its app, and a silent server is said to be silent", async () => {
    await using world = await openWorld({ hosts: 3 });
    await using bot = await startReplica(world.settings("one"));
    const id = await request(bot.engine, world.revision(2));
    await settled(bot.engine, id, "succeeded_unverified");
    await released(bot, world, id);
    byHand(world, "web-2", world.revision(4));
    await world.hosts[2]?.server.setDown(true);
    const [row] = await statusRows(bot.engine, "shop");
    const recorded = world.revision(2).slice(0, 7);
    expect(row?.hosts).toEqual([
      { host: "web-1", recorded, said: { kind: "runs", revision: recorded } },
      { host: "web-2", recorded, said: { kind: "runs", revision: world.revision(4).slice(0, 7) } },
      { host: "web-3", recorded, said: { kind: "silent", because: expect.any(String) } },
    ]);
    expect((await statusRows(bot.engine, null))[0]?.hosts).toEqual([]);
  });
});

test("a server held by a run that is gone is taken over when a person says so", { timeout: 240_000 }, async () => {
  await using world = await openWorld();
  await using bot = await startReplica(world.settings("one"));
  const gone = randomUUID();
  const [, second] = bot.engine.config.apps[0]?.environments[0]?.target.hosts ?? [];
  if (second === undefined) throw new Error("a world without a second host");
  const stranger = { installation: bot.engine.installation, deployment: gone, number: 0, epoch: 1 };
  expect(await bot.engine.target.acquire(second, stranger)).toMatchObject({ kind: "acquired" });
  const id = await request(bot.engine, world.revision(2));
  const stuck = await settled(bot.engine, id, "needs_attention");
  expect(stuck.state).toMatchObject({
    because: expect.stringContaining("nothing of it runs there any more"),
    held: [{ host: "web-2", run: gone, since: expect.any(Date) }],
  });
  expect(world.witnessed()).toEqual([]);
  const resolve = { kind: "resolve", standing: standingOf("UPETRA"), deployment: id, reason: "its bot is gone", id: id } as const;
  expect(await apply(bot.engine, PRODUCTION, { ...resolve, way: "take_over" })).toMatchObject({ ok: true });
  await settled(bot.engine, id, "succeeded_unverified");
  await whenStarted(world, "restart web-2");
  // Its own late commands start nothing any more.
  expect(await bot.engine.target.acquire(second, { ...stranger, epoch: 2 })).toEqual({ kind: "closed" });
});
