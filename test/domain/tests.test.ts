import { expect, test } from "vitest";
import { parseSha, type Sha } from "../../src/domain/ids.ts";
import type { PipelineEvent, TestsEvent, WorkflowEvent } from "../../src/domain/pipeline.ts";
import { emptyRun } from "../../src/domain/pipeline.ts";
import { hasEnded } from "../../src/domain/pipeline/ended.ts";
import { reduce } from "../../src/domain/pipeline/reduce.ts";
import { testsOf } from "../../src/domain/pipeline/tests.ts";
import { normaliseCi } from "../../src/generic-ci/normalise.ts";
import { newRunId } from "./model.ts";

const REVISION = ((): Sha => {
  const revision = parseSha("a".repeat(40));
  if (revision === null) throw new Error("no revision");
  return revision;
})();

function report(attempt: number, over: Partial<TestsEvent> = {}): TestsEvent {
  const counts = { total: 10, failed: 0, skipped: 1, flaky: 0, failures: [] };
  const place = { repository: "shop", revision: REVISION, workflowRun: "7", attempt, job: null, url: null };
  return { kind: "tests", ...place, ...counts, at: new Date(2_000_000_000_000 + attempt), ...over };
}

function failing(...names: readonly string[]): Pick<TestsEvent, "failed" | "failures"> {
  return { failed: names.length, failures: names.map((name) => ({ name, file: null, line: null, flaky: false })) };
}

function workflow(attempt: number, status: string, id = "7"): readonly PipelineEvent[] {
  const build = { id, attempt, sha: REVISION, branch: "main", status };
  const body = { version: 1, provider: "CI", project: "shop", at: `2026-03-02T09:0${attempt}:00Z`, build };
  const read = normaliseCi("build", Buffer.from(JSON.stringify(body)), {});
  if (read.kind !== "events") throw new Error(read.reason);
  return read.events;
}

function after(...events: readonly PipelineEvent[]) {
  return events.reduce(reduce, emptyRun(newRunId(), "shop", REVISION));
}

test("what failed first and passes in a later attempt on the same revision is flaky", () => {
  const first = [...workflow(1, "failed"), report(1, failing("a", "b"))];
  expect(testsOf(after(...first))).toMatchObject({ failed: 2, flaky: 0 });
  // While it runs again nothing is known: the earlier report is past.
  expect(testsOf(after(...first, ...workflow(2, "running")))).toBeNull();
  expect(testsOf(after(...first, ...workflow(2, "success"), report(2)))).toMatchObject({ failed: 0, flaky: 2 });
  expect(testsOf(after(...first, ...workflow(2, "failed"), report(2, failing("b"))))).toMatchObject({ failed: 1, flaky: 1 });
  expect(testsOf(after(...first, ...workflow(2, "failed"), report(2, failing("c"))))).toMatchObject({ failed: 1, flaky: 2 });
  // Without names (strict privacy) the counts say it.
  expect(testsOf(after(report(1, { failed: 3 }), ...workflow(2, "failed"), report(2, { failed: 1 })))).toMatchObject({
    failed: 1,
    flaky: 2,
  });
});

test("reports of several workflows are summed, and late or doubled ones change nothing", () => {
  const both = [report(1, failing("a")), report(1, { workflowRun: "8", total: 5, skipped: 0, ...failing("b", "c", "d", "e", "f") })];
  const run = after(...both);
  expect(testsOf(run)).toMatchObject({ total: 15, failed: 6, skipped: 1, failures: { length: 5 } });
  expect([...both, report(1, { at: new Date(0), total: 99 })].reduce(reduce, run)).toEqual(run);
  expect(testsOf(after(report(2), report(1, failing("late"))))).toMatchObject({ failed: 0 });
});

function reportOf(id: string, over: Partial<TestsEvent>): TestsEvent {
  return report(1, { workflowRun: id, ...over });
}

test("one file's tests count once, and what a fork or a proposal ran does not count beside the branch's own", () => {
  const nature = { kind: "workflow" as const, provider: "github" as const, repository: "shop", attempt: 1, name: "CI", revision: REVISION };
  const rest = { path: "ci.yml", tag: false, status: "passed" as const, reopens: false, parent: null, url: null, startedAt: null };
  function ran(id: string, trigger: string, over: Partial<WorkflowEvent> = {}): WorkflowEvent {
    return { ...nature, ...rest, workflowRun: id, trigger, branch: "main", ownRepository: true, updatedAt: new Date(0), ...over };
  }
  const push = [ran("20", "push"), reportOf("20", { total: 10 })];
  const proposal = [ran("19", "pull_request", { branch: "tax" }), reportOf("19", { total: 10, ...failing("a") })];
  const fork = [ran("21", "push", { ownRepository: false }), reportOf("21", { total: 10, ...failing("b") })];
  expect(testsOf(after(...proposal, ...push, ...fork))).toMatchObject({ total: 10, failed: 0, failures: [] });
  expect(testsOf(after(...proposal))).toMatchObject({ total: 10, failed: 1 });
  // At night the same file is run once more; until it has told of its tests, those of the day are what is known.
  const night = ran("30", "schedule");
  expect(testsOf(after(...push, night))).toMatchObject({ total: 10, failed: 0 });
  expect(testsOf(after(...push, night, reportOf("30", { total: 11, ...failing("c") })))).toMatchObject({ total: 11, failed: 1 });
  const other = [ran("31", "push", { path: "e2e.yml" }), reportOf("31", { total: 3 })];
  expect(testsOf(after(...push, ...other))).toMatchObject({ total: 13 });
});

test("tests are asked for when a workflow ends, and once more when it was run again", () => {
  const running = after(...workflow(1, "running"));
  const over = workflow(1, "failed").reduce(reduce, running);
  const again = workflow(2, "running").reduce(reduce, over);
  expect(hasEnded(after(), running)).toBe(false);
  expect(hasEnded(running, over)).toBe(true);
  expect(hasEnded(over, over)).toBe(false);
  expect(hasEnded(over, again)).toBe(false);
  expect(hasEnded(again, workflow(2, "success").reduce(reduce, again))).toBe(true);
  expect(hasEnded(after(), over)).toBe(true);
});
