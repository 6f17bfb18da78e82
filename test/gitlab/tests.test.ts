import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { json, type Answer, type Visit } from "../../sandbox/loopback.ts";
import { parseRunId, parseSha, type Sha } from "../../src/domain/ids.ts";
import { emptyRun, type Run } from "../../src/domain/pipeline.ts";
import { createAsk } from "../../src/gitlab/ask.ts";
import { reread } from "../../src/gitlab/reread.ts";
import { tests } from "../../src/gitlab/tests.ts";
import { fixtures } from "../sandbox/judge.ts";
import { createProject } from "./project.ts";
import { startGitLab, TOKEN } from "./rest.ts";

const PATH = "acme/web/shop";

function testCase(name: string, status: string, over: Readonly<Record<string, unknown>> = {}) {
  return { name, status, classname: "Basket", file: "shop/tests/basket.py", execution_time: 0.1, ...over };
}

function report(cases: readonly { readonly status: string }[]) {
  const count = (status: string): number => cases.filter((one) => one.status === status).length;
  return {
    total_count: cases.length,
    success_count: count("success"),
    failed_count: count("failed"),
    skipped_count: count("skipped"),
    error_count: count("error"),
    test_suites: [{ name: "unit", test_cases: cases }],
  };
}

/** A revision with two pipelines, of which the first has this test report. */
async function world(of: Readonly<Record<string, unknown>>, before: (visit: Visit) => Answer | null = () => null) {
  const project = createProject(PATH);
  const revision = shaOf(project.commit("Version"));
  const pipeline = project.run({ sha: revision, jobs: ["unit"] });
  project.run({ sha: revision, jobs: ["docs"], source: "schedule" });
  project.reports.set(pipeline.id, of);
  const server = await startGitLab(project, { before });
  const ask = createAsk({ url: server.url, token: TOKEN, now: Date.now, log: { warn() {} } });
  const id = parseRunId("01990000-0000-7000-8000-000000000001");
  const run: Run | null = id === null ? null : await reread(ask, PATH, emptyRun(id, "shop", revision));
  if (run === null) throw new Error("the project could not be read");
  return { ask, run, pipeline, seen: server.seen, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function shaOf(text: string): Sha {
  const sha = parseSha(text);
  if (sha === null) throw new Error(`${text} is no commit`);
  return sha;
}

test("a report names five of the failed tests with their files, and counts all", async () => {
  const failed = Array.from({ length: 7 }, (_, index) => testCase(`test_${index}`, index === 0 ? "error" : "failed"));
  const flaky = testCase("test_flaky", "failed", { recent_failures: { count: 9, base_branch: "main" }, classname: null, file: null });
  await using far = await world(report([flaky, testCase("test_ok", "success"), testCase("test_off", "skipped"), ...failed]));
  const [event, ...more] = (await tests(far.ask, PATH, far.run)) ?? [];
  expect(more).toEqual([]);
  expect(event).toMatchObject({ kind: "tests", workflowRun: String(far.pipeline.id), total: 10, failed: 8, skipped: 1, job: null });
  expect(event?.failures).toHaveLength(5);
  expect(event?.failures.slice(0, 2)).toEqual([
    { name: "test_flaky", file: null, line: null, flaky: true },
    { name: "Basket test_0", file: "shop/tests/basket.py", line: null, flaky: false },
  ]);
  expect(event?.url).toMatch(/\/-\/pipelines\/\d+\/test_report$/);
});

test("without a failure only the summary is asked for", async () => {
  await using far = await world(report([testCase("test_ok", "success")]));
  expect(await tests(far.ask, PATH, far.run)).toMatchObject([{ total: 1, failed: 0, failures: [] }]);
  expect(far.seen.filter(({ path }) => path.endsWith("/test_report"))).toEqual([]);
});

test("a report that cannot be read leaves the counts, a summary that cannot leaves nothing", async () => {
  const failed = report([testCase("test_no", "failed")]);
  await using half = await world(failed, ({ path }) => (path.endsWith("/test_report") ? json(500, {}) : null));
  expect(await tests(half.ask, PATH, half.run)).toMatchObject([{ total: 1, failed: 1, failures: [] }]);
  await using none = await world(failed, ({ path }) => (path.endsWith("/test_report_summary") ? json(403, {}) : null));
  expect(await tests(none.ask, PATH, none.run)).toBeNull();
});

test("the published sample is understood", async ({ skip }) => {
  const file = join(fixtures, "gitlab/api/go-gitlab.pipeline_test_report.json");
  if (!existsSync(file)) return skip("the fixtures with GitLab's answers are absent");
  await using far = await world(JSON.parse(readFileSync(file, "utf8")));
  expect(await tests(far.ask, PATH, far.run)).toMatchObject([
    { total: 9, failed: 4, skipped: 0, failures: [{ name: "MyClassOne Error testcase 1", file: "/path/file.ext", flaky: true }, {}, {}] },
  ]);
});
