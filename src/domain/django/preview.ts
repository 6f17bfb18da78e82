import { migrationOf, type Migration, type Operation } from "./migration.ts";
import { operationOf } from "./operation.ts";
import { parseMigratePlan, type PlannedMigration } from "./plan-output.ts";
import { parseReport, reportedBy, type StepReport } from "./report.ts";
import { parseShowMigrations, type ShownRow } from "./show-output.ts";
import { parseSqlMigrate, type SqlSection } from "./sql.ts";

/** What the new code says on a host before anything is migrated. */
export type Preview = { readonly before: readonly ShownRow[]; readonly migrations: readonly Migration[] };

/** The title under which `showmigrations --plan` is reported. */
const SHOW_TITLE = "showmigrations --plan";

/** The log of a `preview` step. Null when any of it is missing or is something else: then nothing is claimed. */
export function readPreview(log: string): Preview | null {
  const report = parseReport(log);
  if (!report.whole || !report.ended) return null;
  const before = parseShowMigrations(reportedBy(report, SHOW_TITLE) ?? "?");
  const planned = parseMigratePlan(reportedBy(report, "migrate --plan") ?? "");
  if (before === null || planned === null) return null;
  return { before, migrations: planned.map((one) => judged(one, report)) };
}

/** What is applied after a step that migrated, forwards or backwards; null: the host did not say. */
export function readApplied(log: string): readonly ShownRow[] | null {
  const shown = reportedBy(parseReport(log), SHOW_TITLE);
  return shown === null ? null : parseShowMigrations(shown);
}

function judged(planned: PlannedMigration, report: StepReport): Migration {
  const title = `sqlmigrate ${planned.name.replace(".", " ")}`;
  const sql = reportedBy(report, title);
  const sections = sql === null ? null : parseSqlMigrate(sql);
  const reversible = wayBackOf(report, `${title} --backwards`);
  const operations = planned.operations.map((text, index): Operation =>
    operationOf(text, { sql: statementsOf(sections, planned.operations.length, { text, index }), reversible }),
  );
  return migrationOf(planned.name, operations);
}

/** `sqlmigrate` and `migrate --plan` walk the same operations in the same order; if they do not, the SQL tells nothing. */
function statementsOf(
  sections: readonly SqlSection[] | null,
  operations: number,
  operation: { readonly text: string; readonly index: number },
): readonly string[] | null {
  const section = sections?.[operation.index];
  if (section === undefined || sections?.length !== operations || !section.written) return null;
  return operation.text === section.title || operation.text.startsWith(`${section.title} -> `) ? section.statements : null;
}

function wayBackOf(report: StepReport, title: string): boolean | null {
  const asked = report.commands.findLast((command) => command.title === title);
  if (asked === undefined) return null;
  if (asked.exit === 0) return true;
  return asked.errors.some((line) => line.includes("IrreversibleError")) ? false : null;
}
