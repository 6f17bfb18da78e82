import { describe, expect, test } from "vitest";
import { measurementsOf } from "../../src/db/measurements.ts";
import type { Measurement } from "../../src/domain/measurement.ts";
import { deploymentById } from "../../src/db/deployments.ts";
import { deploymentCard } from "../../src/engine/card-model.ts";
import { statusRows } from "../../src/engine/status.ts";
import { startReplica } from "../support/engine-replica.ts";
import { liveHosts, openWorld, request, settled } from "../support/engine-world.ts";

function watched(policy: string, looks = "for: 8s, every: 2s"): string {
  return `deploy: automatically\n        watch: { ${looks}, countdown: 2s, on_regression: ${policy}, http: { url: "http://127.0.0.1:9/health" } }`;
}

function site(up: boolean): (look: number, at: Date) => Measurement {
  const samples = up ? { samples: [{ page: "/health", samplesMs: [20, 21] }] } : {};
  return (look, at) => ({ monitor: "http", look, at, kind: "site", up, latencyMs: up ? 20 : null, ...samples, detail: up ? "200" : "500" });
}

describe.concurrent("the watch after a deployment", { timeout: 240_000 }, () => {
  test("looks at its time, each look once, and ends healthy", async () => {
    // A job comes up to two seconds late, and a look that is late by an interval is skipped.
    await using world = await openWorld({ hosts: 1, environment: watched("offer", "for: 24s, every: 6s") });
    await using bot = await startReplica(world.settings("one"));
    bot.far.seen.http = site(true);
    const id = await request(bot.engine, world.revision(2));
    const { state } = await settled(bot.engine, id, "watching");
    const until = state.state === "watching" ? state.until : null;
    expect((await statusRows(bot.engine, null)).map((row) => row.watched?.until)).toEqual([until]);
    const ended = await settled(bot.engine, id, "succeeded", "succeeded_unverified");
    expect((await statusRows(bot.engine, null))[0]).not.toHaveProperty("watched");
    expect(ended.state.state).toBe("succeeded");
    const looks = (await measurementsOf(bot.engine.db, id)).watch.map((measurement) => measurement.look);
    expect(looks).toEqual([...new Set(looks)]);
    expect(looks.slice(0, 4)).toEqual([0, 1, 2, 3]);
    expect(bot.faults).toEqual([]);
  });

  test("without an answer of any monitor ends unverified, never healthy", async () => {
    await using world = await openWorld({ hosts: 1, environment: watched("offer") });
    await using bot = await startReplica(world.settings("one"));
    const id = await request(bot.engine, world.revision(2));
    expect((await settled(bot.engine, id, "succeeded", "succeeded_unverified")).state.state).toBe("succeeded_unverified");
  });

  test("a site that goes down counts down, and rolls back by itself where the database was not changed", async () => {
    await using world = await openWorld({ hosts: 1, environment: watched("rollback") });
    await using bot = await startReplica(world.settings("one"));
    bot.far.seen.http = site(true);
    const good = await request(bot.engine, world.revision(2));
    await settled(bot.engine, good, "succeeded");
    bot.far.seen.http = (look, at) => site(look === 0)(look, at);
    const bad = await request(bot.engine, world.revision(3));
    await settled(bot.engine, bad, "countdown");
    const [before] = (await measurementsOf(bot.engine.db, bad)).watch;
    // The first two looks of the watch before were warm-up.
    expect(before).toMatchObject({ look: 0, earlier: [[{ page: "/health", samplesMs: [20, 21] }], [{ page: "/health" }]] });
    const ended = await settled(bot.engine, bad, "regressed");
    const back = ended.rolledBackBy;
    expect(back).not.toBeNull();
    await settled(bot.engine, back ?? bad, "succeeded_unverified");
    const rollback = await deploymentById(bot.engine.db, back ?? bad);
    expect(rollback?.automatic).toBe(true);
    // The card of whatever comes next says why it waits.
    expect((await deploymentCard(bot.engine, good))?.spent).toBe(rollback?.number);
    expect(await liveHosts(bot.engine)).toEqual([`web-1 ${world.revision(2)}`]);
  });

  test("where nobody knows what migrate did, the same site only offers", async () => {
    await using world = await openWorld({ hosts: 1, environment: watched("rollback") });
    await using bot = await startReplica(world.settings("one"));
    // Succeeds without a word that Django would say.
    world.script("migrate", "exit 0");
    bot.far.seen.http = site(true);
    await settled(bot.engine, await request(bot.engine, world.revision(2)), "succeeded");
    bot.far.seen.http = (look, at) => site(look === 0)(look, at);
    const bad = await settled(bot.engine, await request(bot.engine, world.revision(3)), "countdown", "regressed");
    expect(bad.state.state).toBe("regressed");
    expect(bad.rolledBackBy).toBeNull();
  });
});
