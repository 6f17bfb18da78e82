import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import type { DeploymentId } from "../../src/domain/ids.ts";
import type { Answer } from "../../src/domain/intent.ts";
import type { Verdict } from "../../src/domain/measurement.ts";
import { apply } from "../../src/engine/apply.ts";
import { deploymentCard } from "../../src/engine/card-model.ts";
import { pressedOf } from "../../src/engine/roll-back-of.ts";
import { renderAnswer } from "../../src/slack/render/answer.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { verdict } from "../domain/model.ts";
import { openLookWorld, STAGING, type LookWorld } from "./look-world.ts";

const WATCHED = [
  'watch: { for: 30m, http: { url: "https://staging.acme.test/health" }, on_regression: shadow }',
  'rollback: { from: ["@product-owners"] }',
].join("\n        ");

async function goesLive(world: LookWorld, title: string): Promise<DeploymentId> {
  await world.merged(title);
  const [watched] = (await world.open("staging")).filter(({ state }) => state.state === "watching");
  if (watched === undefined) throw new Error("nothing is watched");
  return watched.id;
}

async function look(world: LookWorld, deployment: DeploymentId, seen: Verdict): Promise<void> {
  const id = world.engine.newId() as DeploymentId;
  const undo = { kind: "yes" as const, because: "nothing was migrated" };
  const outcome = await apply(world.engine, STAGING, { kind: "measured", deployment, verdict: seen, undo, id });
  if (!outcome.ok) throw new Error(outcome.refusal.title);
}

function wordsOf(answer: Answer): string {
  if (answer.kind === "log_file") throw new Error("a file is no answer to this");
  return renderAnswer(answer, { now: new Date("2026-03-02T12:00:00Z") }).text;
}

test("a regression in the shadow is said to be false on its card, and counted with what a rollback would have done", async () => {
  await using world = await openLookWorld({ staging: WATCHED });
  world.at("Mon 09:00");
  const first = await goesLive(world, "Pay by card");
  world.at("Mon 09:30");
  await look(world, first, verdict("healthy"));
  world.at("Mon 10:00");
  const second = await goesLive(world, "Pay by cheque");
  world.at("Mon 10:05");
  await look(world, second, verdict("regressed", "propose", true));
  world.at("Mon 10:06");
  await look(world, second, verdict("regressed", "act", true));
  world.at("Mon 10:07");
  await look(world, second, verdict("regressed", "act", true));

  const trusted = async (who = "UPETRA"): Promise<string> => wordsOf(await world.says(who, { kind: "trust", app: null }));
  expect(await trusted()).toContain("shop in staging (now shadow): 2 watches");
  expect(await trusted()).toContain("1 alarm: 1 nobody said (#2); no regression is known to have been missed.");
  expect(await trusted()).toContain("rollback would have acted once: 1 nobody said (#2). Greenlight never rolled back by itself.");

  const card = await deploymentCard(world.engine, second);
  if (card === null) throw new Error("it has no card");
  expect(card.alarm).toEqual({ seenAt: new Date("2026-03-02T10:05:00Z"), wouldActAt: new Date("2026-03-02T10:06:00Z"), word: null });
  const press = { kind: "mark_alarm" as const, ...pressedOf(card.deployment) };
  // Whoever may not roll back may not say it either, whichever way they try.
  expect(await world.says("UEVE", { ...press, isReal: false })).toMatchObject({ kind: "refused" });
  const named = { kind: "name_alarm" as const, app: "shop", environment: "staging", number: 2 };
  expect(await world.says("UEVE", { ...named, isReal: false })).toMatchObject({ kind: "refused" });
  expect(await trusted()).toContain("1 alarm: 1 nobody said");

  expect(await world.says("UPETRA", { ...press, isReal: true })).toMatchObject({ kind: "done" });
  expect(await world.says("UOLAF", { ...named, isReal: false })).toMatchObject({ kind: "done" });
  expect(await trusted()).toContain("1 alarm: 1 false");
  expect(await trusted()).toContain("Advice: stay with on_regression: shadow. 1 of 1 act would have been wrong.");
  const now = await deploymentCard(world.engine, second);
  expect(now === null ? "" : renderCard(now, { now: new Date("2026-03-02T10:08:00Z"), timezone: "UTC" }).text).toContain(
    "False alarm, says Olaf at 10:07 UTC",
  );
  const written = await world.desk.database.pool.query<{ said: string; before: string | null }>(
    "select body ->> 'said' as said, body ->> 'before' as before from history where kind = 'alarm_judged' order by sequence",
  );
  expect(written.rows).toEqual([
    { said: "real", before: null },
    { said: "false alarm", before: "real" },
  ]);

  // A database from before alarms were counted is given them from its history.
  const migration = await readFile(new URL("../../migrations/0009_alarms.sql", import.meta.url), "utf8");
  const { pool } = world.desk.database;
  await pool.query("delete from alarms");
  await pool.query(migration.slice(migration.indexOf("INSERT INTO")));
  expect((await deploymentCard(world.engine, second))?.alarm).toEqual({ seenAt: card.alarm?.seenAt, wouldActAt: null, word: null });

  expect(wordsOf(await world.says("UPETRA", { ...named, number: 1, isReal: true }))).toContain("no regression was seen of #1");
  expect(wordsOf(await world.says("UPETRA", { ...named, number: 9, isReal: true }))).toContain("staging of shop has no #9");
});
