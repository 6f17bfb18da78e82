import { expect, test } from "vitest";
import { deploymentById } from "../../src/db/deployments.ts";
import { verifyHistory } from "../../src/db/history.ts";
import { stepsOf } from "../../src/db/steps.ts";
import type { CheckpointName } from "../../src/engine/engine.ts";
import { startReplica } from "../support/engine-replica.ts";
import { liveHosts, openWorld, request, settled, type World } from "../support/engine-world.ts";
import { spawnReplica, type ReplicaProcess } from "../support/replica-process.ts";
import { until } from "../support/until.ts";

/** Two hosts, six steps, migrate on the first only: what a deployment starts when nothing goes wrong. */
const STARTS = 11;
/** At how manieth time there a seed strikes: early, in the middle, late. Slices of a second give several claims. */
const TIMES: Readonly<Record<CheckpointName, readonly number[]>> = {
  claimed: [1, 2, 3, 4],
  started: [1, 4, 7, 9],
  output: [2, 5, 7, 11],
  exited: [1, 6, 7, 10],
  releasing: [1, 1, 1, 1],
};
const POINTS = ["claimed", "started", "output", "exited", "releasing"] as const satisfies readonly CheckpointName[];
const SEEDS = [0, 1, 2, 3] as const;
/** Slow enough that a replica is struck in the middle of a step, with output on the way. */
const PACE = 'i=0; while [ $i -lt 6 ]; do echo "$step line $i"; i=$((i + 1)); sleep 0.1; done';
const TIMING = { sliceMs: 1000 };

/** Seeds 1 and 3: a second replica is there already; seed 3: the first was only frozen and wakes later; else it starts again. */
function modeOf(seed: number): "again" | "second" | "frozen" {
  return seed === 3 ? "frozen" : seed === 1 ? "second" : "again";
}

test.concurrent.for(POINTS.flatMap((point) => SEEDS.map((seed) => ({ point, seed }))))(
  "struck at $point, seed $seed: each step starts once, and it ends live on both hosts",
  { timeout: 300_000 },
  async ({ point, seed }, { onTestFinished }) => {
    const time = TIMES[point][seed] ?? 1;
    const mode = modeOf(seed);
    await using world = await openWorld({ pace: PACE });
    const processes: ReplicaProcess[] = [];
    const spawned = async (...words: Parameters<typeof spawnReplica>): Promise<ReplicaProcess> => {
      const replica = await spawnReplica(...words);
      processes.push(replica);
      return replica;
    };
    onTestFinished(async () => void (await Promise.all(processes.map((replica) => replica.kill()))));
    const began = Date.now();
    await using desk = await startReplica(world.settings("desk"), { work: false });
    const signal = mode === "frozen" ? "SIGSTOP" : "SIGKILL";
    const first = await spawned(world.root, world.settings("first", { timing: TIMING }), { point, time, signal });
    const id = await request(desk.engine, world.revision(2));
    await until(
      () => first.struck() || first.ended(),
      () => `never came to ${point} for time ${time}: ${first.said()}`,
      120_000,
    );
    const second = await spawned(world.root, world.settings(mode === "again" ? "first" : "second", { timing: TIMING }));
    if (mode === "frozen") await wokenInTheMiddle(world, first, seed + time);
    await settled(desk.engine, id, "succeeded_unverified", "needs_attention", "failed");
    first.wake();
    await until(
      async () => (await deploymentById(desk.engine.db, id))?.liveAt !== null && (await released(world, id)),
      () => `the hosts were not released: ${second.said()}`,
      60_000,
    );
    expect(world.witnessed()).toHaveLength(STARTS);
    await provenOnce(world, desk.engine, id);
    console.log(`point ${point} seed ${seed} (time ${time}, ${mode}): ${Date.now() - began} ms`);
  },
);

/** Woken after the second one has taken over: it goes on where it stood, and everything it says must be refused. */
async function wokenInTheMiddle(world: World, first: ReplicaProcess, more: number): Promise<void> {
  const before = world.witnessed().length;
  await until(
    () => world.witnessed().length >= Math.min(STARTS, before + 1 + (more % 4)),
    () => "the second replica did not go on",
    90_000,
  );
  first.wake();
}

async function released(world: World, id: string): Promise<boolean> {
  const rows = await world.database.pool.query("select holds_hosts from deployments where id = $1", [id]);
  return rows.rows[0]?.holds_hosts === false;
}

async function provenOnce(world: World, engine: Parameters<typeof liveHosts>[0], id: Parameters<typeof stepsOf>[1]): Promise<void> {
  const target = world.revision(2);
  const starts = world.witnessed().map((line) => line.split(" ").slice(0, 2).join(" "));
  expect(starts.toSorted()).toEqual([...new Set(starts)].toSorted());
  expect(starts).toHaveLength(STARTS);
  expect((await deploymentById(engine.db, id))?.state.state).toBe("succeeded_unverified");
  expect(await liveHosts(engine)).toEqual([`web-1 ${target}`, `web-2 ${target}`]);
  expect([world.headOf("web-1"), world.headOf("web-2")]).toEqual([target, target]);
  for (const row of await stepsOf(engine.db, id)) {
    expect(`${row.step} ${row.status} attempt ${row.attempt}`).toBe(`${row.step} done attempt 1`);
    // No byte lost, none twice, whoever followed.
    const text = Buffer.concat([row.head, row.tail]).toString();
    expect(text.match(new RegExp(`${row.step} line \\d`, "g"))).toEqual(Array.from({ length: 6 }, (_, line) => `${row.step} line ${line}`));
  }
  expect((await verifyHistory(engine.db, engine.historyKey)).faults).toEqual([]);
}
