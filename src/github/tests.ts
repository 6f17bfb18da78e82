import { z } from "zod";
import { joined, MOST_FAILURES, type JUnit } from "../domain/junit.ts";
import type { FailedTest, Run, TestsEvent, Workflow } from "../domain/pipeline.ts";
import type { Ask } from "./ask.ts";
import type { Download } from "./download.ts";
import * as field from "./fields.ts";
import { readJUnit } from "./junit.ts";
import { unzip } from "./zip.ts";

/** GitHub has no reports of tests: they are in files that a workflow leaves, by this name. */
const NAMED = /junit|test|report/i;
/** Of one workflow run. */
const MOST_ARTIFACTS = 5;
const MOST_ARTIFACT_BYTES = 10 * 1024 * 1024;
/** What may come out of one archive. */
const MOST_REPORTS = 1_000;
const MOST_REPORT_BYTES = 32 * 1024 * 1024;
/** Jobs whose notes are read, of those that failed. */
const MOST_JOBS = 3;

const artifacts = z.object({
  artifacts: z.array(
    z.object({
      id: field.id,
      name: z.string(),
      size_in_bytes: z.int(),
      expired: z.boolean(),
      created_at: field.momentOrNull.default(null),
    }),
  ),
});
const annotations = z.array(
  z.object({
    path: field.line,
    start_line: z.int().nullable().catch(null),
    annotation_level: z.string().nullable(),
    title: field.lineOrNull.default(null),
    message: field.lineOrNull.default(null),
  }),
);

/** What the workflows of a run say of tests: by their JUnit files, else by the notes on what failed. Null when GitHub cannot be asked. */
export async function tests(
  ask: Ask,
  download: Download,
  of: { readonly repository: string; readonly run: Run },
): Promise<readonly TestsEvent[] | null> {
  const events: TestsEvent[] = [];
  for (const workflow of of.run.workflows) {
    const reported = await reportsOf(ask, download, { ...of, workflow });
    if (reported === null) return null;
    const found = reported.total > 0 ? reported : await notesOf(ask, of.repository, workflow);
    if (found === null) return null;
    if (found.total === 0 && found.failed === 0) continue;
    const { workflowRun, attempt, url, updatedAt, startedAt } = workflow;
    events.push({
      kind: "tests",
      repository: of.repository,
      revision: of.run.revision,
      workflowRun,
      attempt,
      job: null,
      ...found,
      url,
      at: updatedAt ?? startedAt ?? new Date(0),
    });
  }
  return events;
}

type Of = { readonly repository: string; readonly run: Run; readonly workflow: Workflow };

/** Of this attempt alone: what an earlier one left is older than its start. */
async function reportsOf(ask: Ask, download: Download, { repository, workflow }: Of): Promise<JUnit | null> {
  const listed = await ask({
    repository,
    route: "GET /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts",
    parameters: { run_id: workflow.workflowRun, per_page: 100 },
    schema: artifacts,
  });
  if (!listed.ok) return listed.refusal.kind === "missing" ? joined([]) : null;
  const since = workflow.startedAt;
  const wanted = listed.value.artifacts
    .filter(({ name, expired, size_in_bytes: size }) => NAMED.test(name) && !expired && size <= MOST_ARTIFACT_BYTES)
    .filter(({ created_at: at }) => since === null || at === null || at >= since)
    .slice(0, MOST_ARTIFACTS);
  const reports: JUnit[] = [];
  for (const { id } of wanted) {
    const archive = await download({ repository, artifact: id, bytes: MOST_ARTIFACT_BYTES });
    const files = archive === null ? null : await unzip(archive, { wanted: isXml, files: MOST_REPORTS, bytes: MOST_REPORT_BYTES });
    for (const { body } of files ?? []) {
      const report = readJUnit(body.toString("utf8"));
      if (report !== null) reports.push(report);
      // Megabytes are read in one go: presses and probes are answered in between.
      await new Promise(setImmediate);
    }
  }
  return joined(reports);
}

function isXml(name: string): boolean {
  return /\.xml$/i.test(name);
}

/** How many tests there were, notes do not say: `total` is 0 then. */
async function notesOf(ask: Ask, repository: string, workflow: Workflow): Promise<JUnit | null> {
  const failures: FailedTest[] = [];
  for (const job of workflow.jobs.filter(({ status }) => status === "failed").slice(0, MOST_JOBS)) {
    const noted = await ask({
      repository,
      route: "GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations",
      // A job's id is that of its check run.
      parameters: { check_run_id: job.job, per_page: 100 },
      schema: annotations,
    });
    if (!noted.ok && noted.refusal.kind !== "missing") return null;
    if (!noted.ok) continue;
    for (const note of noted.value) {
      // The runner's own ("exit code 1") name no file of the code.
      if (note.annotation_level !== "failure" || note.path === ".github") continue;
      failures.push({ name: note.title ?? note.message ?? "(no name)", file: note.path, line: note.start_line, flaky: false });
    }
  }
  return { total: 0, failed: failures.length, skipped: 0, flaky: 0, failures: failures.slice(0, MOST_FAILURES) };
}
