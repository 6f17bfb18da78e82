import { expect, test } from "vitest";
import { wholeRun, type StoredBody } from "../../src/db/run-body.ts";
import { fromStored } from "../../src/db/stored.ts";
import { reduce } from "../../src/domain/pipeline/reduce.ts";
import { watchedOf } from "../../src/domain/pipeline/watched.ts";

/** As the first version wrote it: without checks, test reports, and what other providers than GitHub brought. */
const OLD = {
  id: "01990000-0000-7000-8000-000000000001",
  app: "shop",
  revision: "a".repeat(40),
  branch: "main",
  push: null,
  workflows: [
    {
      workflowRun: "77",
      attempt: 1,
      name: "CI",
      path: ".github/workflows/ci.yml",
      trigger: "push",
      branch: "main",
      ownRepository: true,
      status: "running",
      url: "https://github.test/77",
      startedAt: { $at: "2026-03-02T09:00:00.000Z" },
      jobs: [
        { job: "unit-1", name: "unit", status: "running", url: null, startedAt: { $at: "2026-03-02T09:00:00.000Z" }, finishedAt: null },
      ],
    },
  ],
};

test("a run that was stored before a field was known loads whole, and goes on", () => {
  const run = wholeRun(fromStored<StoredBody>(OLD));
  expect(run).toMatchObject({ checks: [], tests: [], workflows: [{ tag: false, parent: null, updatedAt: null }] });
  expect(run.workflows[0]?.jobs).toMatchObject([
    { stage: null, allowFailure: false, updatedAt: null, startedAt: new Date("2026-03-02T09:00:00Z") },
  ]);
  const after = reduce(run, {
    kind: "job",
    repository: "acme/shop",
    workflowRun: "77",
    attempt: 1,
    job: "unit-1",
    name: "unit",
    stage: null,
    workflowName: "CI",
    branch: "main",
    revision: run.revision,
    status: "passed",
    allowFailure: false,
    reopens: false,
    url: null,
    startedAt: null,
    finishedAt: new Date("2026-03-02T09:05:00Z"),
    updatedAt: new Date("2026-03-02T09:05:00Z"),
  });
  expect(watchedOf(after).map(({ name, status }) => `${name} ${status}`)).toEqual(["unit passed"]);
});
