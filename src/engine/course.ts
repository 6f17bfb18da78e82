import { recordMigrations } from "../db/deployments.ts";
import { holdFence } from "../db/fence.ts";
import { beginStep, endStep, stepsOf, type StepRow } from "../db/steps.ts";
import type { Database } from "../db/client.ts";
import { courseOf, logOf, migrateRow, REREAD, schemaRecord } from "../domain/django/course.ts";
import { schemaFailure, stateOf } from "../domain/django/record.ts";
import { rereadCommand } from "../domain/django/commands.ts";
import type { StepsOutcome } from "../domain/environment.ts";
import type { PlanStep } from "../domain/plan.ts";
import { unseenSteps } from "../domain/recipe/unseen.ts";
import type { Progress } from "../domain/progress.ts";
import { environmentOf } from "./engine.ts";
import { followStep } from "./follow.ts";
import type { Drive } from "./slice.ts";

/** How long the state of the database is asked for before a person is asked instead. */
const REREAD_SECONDS = 120;

/** What is due, knowing what the new code says of its migrations; `outcome`: the deployment stops before them. */
export async function courseFor(
  driven: Drive,
  rows: readonly StepRow[],
): Promise<{ readonly progress: Progress; readonly outcome: StepsOutcome | null }> {
  const { deployment } = driven.claim;
  const course = courseOf(deployment.plan, rows, { migrations: deployment.changes.migrations, asked: !deployment.automatic });
  for (const step of course.spared) await spare(driven, step);
  if (course.spared.length > 0) return courseFor(driven, await stepsOf(driven.engine.db, deployment.id));
  if (course.worse === null) return { progress: course.progress, outcome: null };
  switch (course.progress.kind) {
    case "next":
      return { progress: course.progress, outcome: null };
    case "done":
      return { progress: course.progress, outcome: { kind: "worse", ...course.worse } };
    default: {
      const because = `${course.worse.because}; and the earlier code could not be put back: ${course.progress.because}`;
      return { progress: course.progress, outcome: { kind: "unknown", because } };
    }
  }
}

/** Nothing that is lost asks for it: said in its record, so that nobody wonders where it is. */
async function spare(driven: Drive, step: PlanStep): Promise<void> {
  const { engine, claim } = driven;
  const at = engine.clock();
  await engine.db.transaction(async (tx) => {
    await holdFence(tx, claim.deployment.id, claim.epoch);
    await beginStep(tx, claim.deployment.id, step, 1, at);
    const key = { deployment: claim.deployment.id, step: step.id, host: step.host, attempt: 1 };
    await endStep(tx, key, { status: "done", exitCode: null, note: "not needed: no migration takes data away", at });
  });
}

/** Written with the end of the steps: what was done to the database, for whoever wants to go back later. */
export async function recordSchema(tx: Database, driven: Drive): Promise<void> {
  const { deployment } = driven.claim;
  const { changes, plan } = deployment;
  const migrates = plan.steps.some(({ name }) => name === "migrate") || unseenSteps(plan).length > 0;
  const rows = migrates ? await stepsOf(tx, deployment.id) : [];
  await recordMigrations(tx, deployment.id, { ...changes, migrations: schemaRecord(plan, rows, changes.migrations) });
}

/** A failure or a lost outcome of a migration, in words that say what the database is now. */
export async function withSchema(driven: Drive, rows: readonly StepRow[], outcome: StepsOutcome): Promise<StepsOutcome> {
  const { plan } = driven.claim.deployment;
  const row = migrateRow(plan, rows);
  if (row === null) return outcome;
  if (outcome.kind === "failed" && row.status === "failed") {
    const said = schemaFailure({ log: logOf(row), backwards: row.step === "undo-migrate" });
    return said === null ? outcome : { ...outcome, because: `${outcome.because} ${said}` };
  }
  if (outcome.kind === "unknown" && row.status === "unknown") {
    const said = await reread(driven, row, rows);
    return { ...outcome, because: `${outcome.because}. ${said}` };
  }
  return outcome;
}

/** Read before anything else is done: a person who has to decide has to know it. */
async function reread(driven: Drive, lost: StepRow, rows: readonly StepRow[]): Promise<string> {
  const { engine, claim } = driven;
  const { deployment } = claim;
  const step = rereadStep(driven, lost);
  if (step === null) return "Which migrations are applied could not be read.";
  const attempt = 1 + Math.max(0, ...rows.filter((row) => row.step === step.id).map((row) => row.attempt));
  const followed = await followStep(driven, { step, attempt, begun: false }, rows, () => undefined);
  const row = (await stepsOf(engine.db, deployment.id)).find((known) => known.step === step.id && known.attempt === attempt);
  if (followed !== "settled" || row?.status !== "done") return "Which migrations are applied could not be read.";
  return stateOf(logOf(row), deployment.changes.migrations?.pending ?? null);
}

/** In the folder and as the user of the step that was lost. */
function rereadStep(driven: Drive, lost: StepRow): PlanStep | null {
  const { deployment } = driven.claim;
  const target = environmentOf(driven.engine, deployment.environmentId)?.environment.target;
  const step = deployment.plan.steps.find((candidate) => candidate.id === lost.step && candidate.host === lost.host);
  if (step === undefined || target?.type !== "ssh" || target.recipe !== "django" || target.commands.migrate !== undefined) return null;
  // What stands before the script itself: another user, or the way into the release that knows the migration.
  const at = step.argv.findIndex((word, index) => word === "sh" && ["migrate", "undo"].includes(step.argv[index + 3] ?? ""));
  return {
    ...step,
    id: REREAD,
    argv: [...step.argv.slice(0, Math.max(0, at)), ...rereadCommand(target.manage)],
    timeoutSeconds: REREAD_SECONDS,
    silentSeconds: REREAD_SECONDS,
    repeatable: true,
  };
}
