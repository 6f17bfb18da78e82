import type { FailedTest, Run, Tests, Workflow } from "../pipeline.ts";
import { isNewerRun } from "./newer.ts";
import { currentOf } from "./watched.ts";

/** What all reports of the newest attempts say together. */
export type TestCount = Pick<Tests, "total" | "failed" | "skipped" | "flaky"> & {
  /** At most five; `failed` is the whole count. */
  readonly failures: readonly FailedTest[];
};

const MOST_FAILURES = 5;

/** Null: nothing is told of tests. A report of an attempt that was run again is past, and one file's tests count once, as its newest run tells. */
export function testsOf(run: Run): TestCount | null {
  const past = new Set(run.workflows.filter((workflow) => !isToCount(run, workflow)).map(({ workflowRun }) => workflowRun));
  const reports = run.tests.filter(
    ({ workflowRun, attempt }) =>
      !past.has(workflowRun ?? "") &&
      run.workflows.every((workflow) => workflow.workflowRun !== workflowRun || workflow.attempt <= attempt),
  );
  if (reports.length === 0) return null;
  const sum = (of: (report: Tests) => number): number => reports.reduce((all, report) => all + of(report), 0);
  return {
    total: sum(({ total }) => total),
    failed: sum(({ failed }) => failed),
    skipped: sum(({ skipped }) => skipped),
    flaky: sum(({ flaky }) => flaky),
    failures: reports.flatMap(({ failures }) => failures).slice(0, MOST_FAILURES),
  };
}

/** What a fork or a proposal ran tells of other code than the branch's, and the same file may run for a push, a tag and each night. */
function isToCount({ workflows, tests }: Run, one: Workflow): boolean {
  const current = currentOf(workflows);
  if (!current.includes(one)) return false;
  const reported = current.filter(
    ({ path, workflowRun }) => path === one.path && tests.some((report) => report.workflowRun === workflowRun),
  );
  return one.path === null || !reported.some((other) => other !== one && isNewerRun(other, one));
}

/** A report of a later attempt: what failed before on the same revision, and does not now, is flaky whatever the report calls it. */
export function afterRetry(before: Tests, now: Tests): Tests {
  const failing = new Set(now.failures.map(({ name }) => name));
  const isWhole = now.failures.length === now.failed;
  const recovered =
    now.failed === 0
      ? before.failed
      : isWhole
        ? before.failures.filter(({ name }) => !failing.has(name)).length
        : Math.max(0, before.failed - now.failed);
  return { ...now, flaky: Math.max(now.flaky, Math.min(recovered, now.total - now.failed)) };
}
