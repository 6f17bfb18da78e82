import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stepsOf } from "../../src/db/steps.ts";
import { startReplica } from "../support/engine-replica.ts";
import { openWorld, request, settled } from "../support/engine-world.ts";
import { until } from "../support/until.ts";
import { released, starts, whenStarted } from "./started.ts";

const SECRETS = ["a-secret-of-many-bytes-that-is-never-printed"];
/** The step's parent is the one that watches over it on the host; the gate keeps the step in being without it. */
const KILLS_ITS_RUNNER =
  'if [ ! -e "$root/once" ]; then : >"$root/once"; kill -9 $PPID; while [ ! -e "$root/go" ]; do sleep 0.02; done; fi';

test("a repeatable step that outlives its runner is waited for, and then done as a new attempt", { timeout: 120_000 }, async () => {
  await using world = await openWorld({ hosts: 1 });
  world.script("collectstatic", KILLS_ITS_RUNNER);
  await using bot = await startReplica(world.settings("one"));
  const id = await request(bot.engine, world.revision(2));
  await until(
    () => bot.lines.some((line) => line.includes("waiting for its end")),
    () => `nobody noticed: ${bot.lines.join("\n")} ${bot.faults.join("\n")}`,
    60_000,
  );
  expect(starts(world).filter((line) => line === "collectstatic web-1")).toHaveLength(1);
  writeFileSync(join(world.root, "go"), "");
  await settled(bot.engine, id, "succeeded_unverified", "failed", "needs_attention");
  const rows = (await stepsOf(bot.engine.db, id)).filter((row) => row.step === "collectstatic");
  expect(rows.map((row) => `${row.attempt} ${row.status}`)).toEqual(["1 unknown", "2 done"]);
  await released(bot, world, id);
});

test.each([
  ["together with its group", "kill -9 -$PPID"],
  ["a moment before the step itself ends", "kill -9 $PPID; sleep 0.5; exit 0"],
])(
  "what a lost step printed is stored to its last byte, and a person is asked: runner killed %s",
  { timeout: 120_000 },
  async (_when, kills) => {
    await using world = await openWorld({ hosts: 1 });
    world.script("migrate", kills);
    await using bot = await startReplica(world.settings("one"), { secrets: SECRETS });
    const id = await request(bot.engine, world.revision(2));
    await whenStarted(world, "migrate web-1");
    const deployment = await settled(bot.engine, id, "needs_attention", "succeeded_unverified", "failed");
    expect(JSON.stringify(deployment.state)).toContain(
      "nobody can tell whether migrate on web-1 was done (its outcome was lost on the server)",
    );
    const [row] = (await stepsOf(bot.engine.db, id)).filter((one) => one.step === "migrate");
    expect(Buffer.concat([row?.head ?? Buffer.alloc(0), row?.tail ?? Buffer.alloc(0)]).toString()).toBe("migrate begins\n");
  },
);
