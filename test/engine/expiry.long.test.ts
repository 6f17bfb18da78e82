import { describe, expect, test } from "vitest";
import { stepsOf } from "../../src/db/steps.ts";
import { startReplica } from "../support/engine-replica.ts";
import { openWorld, request, settled } from "../support/engine-world.ts";

/** Counts who drives at the same moment, over all replicas. */
function driversAtOnce() {
  let now = 0;
  let most = 0;
  let slices = 0;
  return {
    most: () => most,
    slices: () => slices,
    async around(work: () => Promise<void>): Promise<void> {
      now += 1;
      slices += 1;
      most = Math.max(most, now);
      try {
        await work();
      } finally {
        now -= 1;
      }
    },
  };
}

describe.concurrent("a step of 20 s under a job that expires after 5 s, with two replicas", { timeout: 240_000 }, () => {
  test.for([
    { sliceMs: 2500, name: "slices of half the expiry: one start, one driver at a time, and no fault" },
    { sliceMs: 60_000, name: "slices that outlast the expiry, against the rule: still one start" },
  ])("$name", async ({ sliceMs }) => {
    await using world = await openWorld();
    world.script("migrate", 'i=0; while [ $i -lt 20 ]; do echo "line $i"; i=$((i + 1)); sleep 1; done');
    const drivers = driversAtOnce();
    const settings = { expirySeconds: 5, timing: { sliceMs } };
    const options = { aroundDrive: drivers.around };
    await using one = await startReplica(world.settings("one", settings), options);
    await using other = await startReplica(world.settings("other", settings), options);
    const id = await request(one.engine, world.revision(2));
    await settled(one.engine, id, "succeeded_unverified");
    const starts = world.witnessed().map((line) => line.split(" ").slice(0, 2).join(" "));
    expect(starts).toHaveLength(11);
    expect(new Set(starts).size).toBe(11);
    const rows = await stepsOf(one.engine.db, id);
    expect(rows.map((row) => row.attempt)).toEqual(rows.map(() => 1));
    const migrate = rows.find((row) => row.step === "migrate");
    expect(migrate?.head.toString().match(/line \d+/gu)).toEqual(Array.from({ length: 20 }, (_, line) => `line ${line}`));
    expect([...one.faults, ...other.faults]).toEqual([]);
    expect(drivers.slices()).toBeGreaterThan(3);
    // The rule is what keeps drivers apart; without it only the fence does.
    expect(drivers.most()).toBeLessThanOrEqual(sliceMs < 5000 ? 1 : 2);
  });
});
