import { describe, expect, test } from "vitest";
import type { PipelineEvent } from "../../src/domain/pipeline.ts";
import { deploymentHook, jobHook, WEB } from "./hooks.ts";
import { createProject } from "./project.ts";
import { A, told, reason } from "./normalised.ts";

describe("a deployment", () => {
  const project = createProject("acme/web/shop");

  test("is known by the whole commit that its page names", () => {
    const [event] = told(deploymentHook(project, A));
    expect(event).toEqual({
      kind: "deployed",
      repository: "acme/web/shop",
      revision: A,
      externalId: "15",
      environment: "staging",
      tier: "staging",
      state: "live",
      transient: false,
      url: "https://staging.acme.test",
      log: `${WEB}/acme/web/shop/-/jobs/796`,
      by: { name: "Ann", email: null, login: "ann", slackId: null },
      ours: null,
      workflowRun: null,
      at: new Date("2026-03-02T09:30:00Z"),
    });
  });

  test.each([
    { name: "of another commit than its eight digits", changes: { short_sha: "bbbbbbbb" } },
    { name: "without a whole commit", changes: { commit_url: `${WEB}/acme/web/shop/-/commit/aaaaaaaa` } },
    { name: "that waits for somebody", changes: { status: "blocked" } },
    { name: "that is only made", changes: { status: "created" } },
  ])("$name is ignored", ({ changes }) => {
    expect(reason(deploymentHook(project, A, changes))).toMatch(/short_sha|neither begun nor ended/);
  });

  test.each([
    ["running", "started"],
    ["failed", "failed"],
    ["canceled", "failed"],
  ])("that is %s is %s", (status, state) => {
    expect(told(deploymentHook(project, A, { status }))[0]).toMatchObject({ state });
  });

  test.each([
    { environment: "review/coupon", environment_tier: "testing", transient: true },
    { environment: "coupon", environment_tier: "development", transient: true },
    { environment: "reviewed", environment_tier: null, transient: false },
  ])("to $environment is a review: $transient", ({ transient, ...changes }) => {
    expect(told(deploymentHook(project, A, changes))[0]).toMatchObject({ transient });
  });

  test("is over when the job that takes it down is done", () => {
    const pipeline = project.run({ sha: A, jobs: ["stop"] });
    const environment = { name: "review/coupon", action: "stop", deployment_tier: "development" };
    const hook = (): readonly PipelineEvent[] =>
      told(jobHook(project, pipeline, project.advance(pipeline, "stop", "running"), { environment }));
    expect(hook().map(({ kind }) => kind)).toEqual(["job"]);
    const done = told(jobHook(project, pipeline, project.advance(pipeline, "stop", "success"), { environment }));
    expect(done[1]).toMatchObject({ kind: "deployed", state: "stopped", environment: "review/coupon", transient: true });
  });
});
