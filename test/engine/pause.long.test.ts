import { describe, expect, test } from "vitest";
import { stepsOf } from "../../src/db/steps.ts";
import { apply } from "../../src/engine/apply.ts";
import { deploymentCard } from "../../src/engine/card-model.ts";
import { startReplica } from "../support/engine-replica.ts";
import { openWorld, PRODUCTION, request, settled, standingOf } from "../support/engine-world.ts";
import { until } from "../support/until.ts";
import { starts } from "./started.ts";

describe("a roll that pauses between two batches", () => {
  test("pauses between batches by what is recorded: a bot that dies in the pause changes nothing", async () => {
    await using world = await openWorld({ hosts: 2, target: ["roll: { pause: 4s }"] });
    const first = await startReplica(world.settings("one"));
    const id = await request(first.engine, world.revision(2));
    await until(async () => (await stepsOf(first.engine.db, id)).some((row) => row.step === "verify" && row.status === "done"));
    expect((await deploymentCard(first.engine, id))?.pausedUntil).toBeInstanceOf(Date);
    await first[Symbol.asyncDispose]();
    expect(starts(world)).not.toContain("restart web-2");
    await using second = await startReplica(world.settings("two"));
    await settled(second.engine, id, "succeeded_unverified");
    const rows = await stepsOf(second.engine.db, id);
    const ended = rows.find((row) => row.step === "verify" && row.host === "web-1")?.finishedAt ?? new Date(0);
    const began = rows.find((row) => row.step === "restart" && row.host === "web-2")?.startedAt ?? new Date(0);
    expect(began.getTime() - ended.getTime()).toBeGreaterThanOrEqual(4000);
    expect(starts(world).filter((start) => start.startsWith("restart"))).toEqual(["restart web-1", "restart web-2"]);
  });

  test("is cancelled in a pause without waiting for its end", async () => {
    await using world = await openWorld({ hosts: 2, target: ["roll: { pause: 30m }"] });
    await using bot = await startReplica(world.settings("one"));
    const id = await request(bot.engine, world.revision(2));
    await until(async () => (await deploymentCard(bot.engine, id))?.pausedUntil !== null && starts(world).includes("verify web-1"));
    const stop = { kind: "cancel", standing: standingOf("UPETRA"), deployment: id, thenRollBack: false } as const;
    expect(await apply(bot.engine, PRODUCTION, stop)).toMatchObject({ ok: true });
    await settled(bot.engine, id, "cancelled");
    expect(starts(world)).not.toContain("restart web-2");
  });
});
