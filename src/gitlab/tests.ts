import { z } from "zod";
import type { FailedTest, Run, TestsEvent, Workflow } from "../domain/pipeline.ts";
import { ok } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { Ask } from "./ask.ts";
import * as field from "./fields.ts";
import type { Failure } from "./wire.ts";

/** How many names of failed tests are kept. */
const MOST_FAILURES = 5;

/** A test that failed on the default branch this often in fourteen days fails without being touched; its present failure is one. */
const FLAKY = 2;

const count = z.int().nonnegative();
const summary = z.object({ total: z.object({ count, failed: count, skipped: count, error: count }) });

const testCase = z.object({
  status: z.string(),
  name: field.line,
  classname: field.lineOrNull.default(null),
  file: field.lineOrNull.default(null),
  recent_failures: z.object({ count }).nullable().catch(null).default(null),
});
const report = z.object({ test_suites: z.array(z.object({ test_cases: z.array(testCase).default([]) })) });

/** The test reports of all pipelines of a run: one event for each that has tests. Null when GitLab cannot be asked. */
export async function tests(ask: Ask, repository: string, run: Run): Promise<readonly TestsEvent[] | null> {
  const events: TestsEvent[] = [];
  for (const workflow of run.workflows) {
    const told = await testsOf(ask, { repository, run, workflow });
    if (!told.ok) return null;
    events.push(...told.value);
  }
  return events;
}

async function testsOf(
  ask: Ask,
  of: { readonly repository: string; readonly run: Run; readonly workflow: Workflow },
): Promise<Result<readonly TestsEvent[], Failure>> {
  const { repository, run, workflow } = of;
  const path = ["pipelines", workflow.workflowRun];
  const answer = await ask({ repository, path: [...path, "test_report_summary"], schema: summary });
  if (!answer.ok) return answer;
  const { total } = answer.value;
  if (total.count === 0) return ok([]);
  const failed = total.failed + total.error;
  const event: TestsEvent = {
    kind: "tests",
    repository,
    revision: run.revision,
    workflowRun: workflow.workflowRun,
    attempt: workflow.attempt,
    job: null,
    total: total.count,
    failed,
    skipped: total.skipped,
    // GitLab counts none that passed when they were tried again.
    flaky: 0,
    failures: failed === 0 ? [] : await failuresOf(ask, repository, path),
    url: workflow.url === null ? null : `${workflow.url}/test_report`,
    at: workflow.updatedAt ?? workflow.startedAt ?? new Date(0),
  };
  return ok([event]);
}

/** None where the whole report cannot be read: the counts are told all the same. */
async function failuresOf(ask: Ask, repository: string, path: readonly string[]): Promise<readonly FailedTest[]> {
  const answer = await ask({ repository, path: [...path, "test_report"], schema: report });
  if (!answer.ok) return [];
  return answer.value.test_suites
    .flatMap((suite) => suite.test_cases)
    .filter(({ status }) => status === "failed" || status === "error")
    .slice(0, MOST_FAILURES)
    .map(({ name, classname, file, recent_failures: recent }) => ({
      name: classname === null ? name : `${classname} ${name}`,
      file,
      // GitLab keeps no lines.
      line: null,
      flaky: (recent?.count ?? 0) >= FLAKY,
    }));
}
