import { logText } from "../log-text.ts";
import type { Plan, PlanStep } from "../plan.ts";
import { progressOf, STILL_RUNS, type Progress, type StepRecord } from "../progress.ts";
import { unseenSteps } from "../recipe/unseen.ts";
import { wantsBackup, withKnown, worseThanShown } from "./compare.ts";
import { readPreview } from "./preview.ts";
import { recordOf, withPreview, type Migrations, type SchemaStep } from "./record.ts";

/** The id of the step that reads what is applied when the outcome of a migration was lost. */
export const REREAD = "reread-migrate";

/** What is recorded of a step, with its log. */
export type LoggedStep = StepRecord & { readonly head: Uint8Array; readonly tail: Uint8Array };

/** What a deployment does next, once it is known what the new code would do to the database. */
export type Course = {
  readonly progress: Progress;
  /** The true plan is worse than what was shown: the earlier code is put back, and nothing is migrated. */
  readonly worse: { readonly because: string; readonly migrations: Migrations } | null;
  /** A backup that nothing asks for. */
  readonly spared: readonly PlanStep[];
};

/** From the stored plan and the recorded steps alone, like all that is due. `asked`: do people approve deployments here. */
export function courseOf(
  plan: Plan,
  rows: readonly LoggedStep[],
  known: { readonly migrations: Migrations | undefined; readonly asked: boolean },
): Course {
  const preview = endedPreview(plan, rows);
  if (preview === null) return { progress: progressOf(plan, rows), worse: null, spared: [] };
  const truth = trueMigrations(preview, known.migrations);
  const because = worseThanShown(truth?.pending ?? null, { shown: plan.migrations, asked: known.asked });
  if (because !== null) {
    const migrations: Migrations = truth ?? {
      ...recordOf(known.migrations, { preview: null, migrate: null }),
      pending: null,
      source: preview.host,
    };
    return { progress: progressOf({ ...plan, steps: plan.putBack }, rows), worse: { because, migrations }, spared: [] };
  }
  const spared = wantsBackup(truth?.pending ?? null) ? [] : plan.steps.filter((step) => step.name === "backup");
  return { progress: progressOf(plan, rows), worse: null, spared: spared.filter((step) => latest(rows, step) === undefined) };
}

/** The preview's record, while what comes after it has not begun: later nothing can be decided by it any more. */
function endedPreview(plan: Plan, rows: readonly LoggedStep[]): LoggedStep | null {
  const step = plan.steps.find((candidate) => candidate.id === "preview");
  const row = step === undefined ? undefined : latest(rows, step);
  if (step === undefined || row?.status !== "done") return null;
  const begun = plan.steps.some((later) => later.phase > step.phase && latest(rows, later) !== undefined);
  return begun ? null : row;
}

function trueMigrations(row: LoggedStep, known: Migrations | undefined): Migrations | null {
  const preview = readPreview(logOf(row));
  return preview === null ? null : withPreview(preview, withKnown(preview.migrations, known?.pending ?? null), row.host);
}

/** What was done to the database by these steps, as far as their logs tell. */
export function schemaRecord(plan: Plan, rows: readonly LoggedStep[], known: Migrations | undefined): Migrations {
  const unseen = unseenSteps(plan);
  if (unseen.length > 0) {
    const begun = unseen.some((step) => latest(rows, step) !== undefined);
    return recordOf(known, { preview: null, migrate: begun ? { log: "" } : null });
  }
  const preview = recorded(plan, rows, "preview");
  const read = preview === null ? null : trueMigrations(preview, known);
  const migrate = migrateRow(plan, rows);
  // While it still runs, what was read is how far it was then.
  const again = migrate?.note === STILL_RUNS ? undefined : rows.findLast((row) => row.step === REREAD && row.status === "done");
  return recordOf(read ?? known, {
    preview: schemaStep(preview),
    migrate:
      migrate === null
        ? null
        : {
            log: logOf(migrate),
            cut: migrate.status === "running" || migrate.status === "unknown",
            ...(again === undefined ? {} : { reread: logOf(again) }),
          },
  });
}

function schemaStep(row: LoggedStep | null): SchemaStep {
  return row === null ? null : { log: logOf(row) };
}

/** The record of the step that changes the schema, forwards or backwards; null: it was never begun. */
export function migrateRow<Row extends StepRecord>(plan: Plan, rows: readonly Row[]): Row | null {
  return recorded(plan, rows, "migrate") ?? recorded(plan, rows, "undo-migrate");
}

function recorded<Row extends StepRecord>(plan: Plan, rows: readonly Row[], id: string): Row | null {
  const step = plan.steps.find((candidate) => candidate.id === id);
  return (step === undefined ? undefined : latest(rows, step)) ?? null;
}

function latest<Row extends StepRecord>(rows: readonly Row[], step: Pick<PlanStep, "id" | "host">): Row | undefined {
  return rows
    .filter((row) => row.step === step.id && row.host === step.host && row.status !== "undone")
    .reduce<Row | undefined>((best, row) => (best === undefined || row.attempt > best.attempt ? row : best), undefined);
}

/** A step's stored output as text. */
export function logOf(row: Pick<LoggedStep, "head" | "tail">): string {
  const bytes = new Uint8Array(row.head.length + row.tail.length);
  bytes.set(row.head);
  bytes.set(row.tail, row.head.length);
  return logText(bytes);
}
