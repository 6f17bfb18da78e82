import { describe, expect, test } from "vitest";
import { parseRunId, parseSha } from "../../src/domain/ids.ts";
import { emptyRun } from "../../src/domain/pipeline.ts";
import type { PipelineEvent, Run, RunEvent } from "../../src/domain/pipeline.ts";
import { reduce } from "../../src/domain/pipeline/reduce.ts";
import { stagesOf } from "../../src/domain/pipeline/stages.ts";
import { isOpen } from "../../src/domain/quiet.ts";
import { isGoingOn } from "../../src/engine/ingest.ts";
import { dice } from "../support/dice.ts";
import { deploymentHook, jobHook, pipelineHook, WEB } from "./hooks.ts";
import { createProject } from "./project.ts";
import { A, MAIN, told, reason } from "./normalised.ts";

function isOfRun(event: PipelineEvent): event is RunEvent {
  return ["push", "workflow", "job", "check", "tests"].includes(event.kind);
}

function folded(bodies: readonly unknown[]): Run {
  const id = parseRunId("01990000-0000-7000-8000-000000000001");
  const revision = parseSha(A);
  if (id === null || revision === null) throw new Error("the test's own ids are wrong");
  return bodies
    .flatMap(told)
    .filter(isOfRun)
    .reduce(reduce, emptyRun(id, "shop", revision));
}

function summary(run: Run): unknown {
  return { pipelines: run.workflows.map(({ status }) => status), stages: stagesOf(run).map(({ name, status }) => `${name} ${status}`) };
}

describe("a pipeline", () => {
  test("says what it is, and how each of its jobs stands", () => {
    const project = createProject("acme/web/shop");
    const pipeline = project.run({
      sha: A,
      jobs: [
        { name: "build", stage: "prepare" },
        { name: "lint", stage: "test", allowFailure: true },
      ],
    });
    project.advance(pipeline, "build", "success");
    const lint = project.advance(pipeline, "lint", "failed");
    const [workflow, first, second] = told(pipelineHook(project, pipeline));
    expect(workflow).toEqual({
      by: { name: "Ann", email: null, login: "ann", slackId: null },
      kind: "workflow",
      provider: "gitlab",
      repository: "acme/web/shop",
      workflowRun: String(pipeline.id),
      attempt: 1,
      name: "Pipeline",
      path: null,
      trigger: "push",
      branch: "main",
      tag: false,
      ownRepository: true,
      revision: A,
      status: "passed",
      reopens: true,
      parent: null,
      url: `${WEB}/acme/web/shop/-/pipelines/${pipeline.id}`,
      startedAt: pipeline.created_at,
      updatedAt: pipeline.finished_at,
    });
    expect(second).toMatchObject({
      kind: "job",
      job: String(lint.id),
      name: "lint",
      stage: "test",
      status: "failed",
      allowFailure: true,
      reopens: true,
    });
    expect(first).toMatchObject({ name: "build", stage: "prepare", status: "passed", url: expect.stringMatching(/\/-\/jobs\/\d+$/) });
  });

  test.each([
    ["created", "queued"],
    ["waiting_for_resource", "queued"],
    ["preparing", "queued"],
    ["pending", "queued"],
    ["scheduled", "queued"],
    ["manual", "waiting"],
    ["running", "running"],
    ["canceling", "running"],
    ["success", "passed"],
    ["failed", "failed"],
    ["canceled", "cancelled"],
    ["skipped", "skipped"],
    ["a word of next year", "queued"],
    ["constructor", "queued"],
  ])("that is %s is %s", (status, expected) => {
    const project = createProject("acme/web/shop");
    const [workflow] = told(pipelineHook(project, project.run(MAIN), { status }));
    expect(workflow).toMatchObject({ status: expected });
  });

  test("of a merge request speaks of no branch, and for a fork is not ours", () => {
    const project = createProject("acme/web/shop");
    const pipeline = project.run({ ...MAIN, source: "merge_request_event" });
    const [own] = told({ ...pipelineHook(project, pipeline), merge_request: { source_project_id: 30, target_project_id: 30 } });
    const [fork] = told({ ...pipelineHook(project, pipeline), merge_request: { source_project_id: 99, target_project_id: 30 } });
    expect(own).toMatchObject({ trigger: "merge_request_event", branch: null, ownRepository: true });
    expect(fork).toMatchObject({ trigger: "merge_request_event", branch: null, ownRepository: false });
  });

  test("of a tag speaks of no branch, whatever the tag is called", () => {
    const project = createProject("acme/web/shop");
    expect(told(pipelineHook(project, project.run({ ...MAIN, ref: "main", tag: true })))[0]).toMatchObject({ branch: null, tag: true });
  });

  test("that another one began names it, and is never nobody's child", () => {
    const project = createProject("acme/web/shop");
    const parent = project.run(MAIN);
    const child = project.run({ ...MAIN, source: "parent_pipeline", parent });
    expect(told(pipelineHook(project, child))[0]).toMatchObject({ trigger: "parent_pipeline", parent: String(parent.id) });
    expect(told({ ...pipelineHook(project, child), source_pipeline: undefined })[0]).toMatchObject({ parent: "unknown" });
    // Begun by a pipeline of another project it stands on its own feet.
    expect(told({ ...pipelineHook(project, child, { source: "pipeline" }) })[0]).toMatchObject({ parent: null });
  });

  test("that our own mark made is not heard", () => {
    const project = createProject("acme/web/shop");
    const ours = project.run({ ...MAIN, source: "external", ref: "greenlight/production" });
    expect(reason(pipelineHook(project, ours))).toBe("our own mark at a commit");
    expect(reason(pipelineHook(project, { ...ours, source: "push" }))).toBe("3 events");
  });

  test("may call its list of jobs `jobs`", () => {
    const project = createProject("acme/web/shop");
    const { builds, ...body } = pipelineHook(project, project.run(MAIN));
    expect(told({ ...body, jobs: builds })).toHaveLength(3);
    expect(told(body)).toHaveLength(1);
  });
});

/** A pipeline that failed, was tried again and passed: each delivery as GitLab sends it. */
function story() {
  const project = createProject("acme/web/shop");
  const pipeline = project.run(MAIN);
  const bodies: unknown[] = [];
  const send = (name: string, status: string): void => {
    const job = project.advance(pipeline, name, status);
    bodies.push(jobHook(project, pipeline, job), pipelineHook(project, pipeline));
  };
  send("build", "success");
  send("unit", "running");
  send("unit", "failed");
  const failed = bodies.length;
  bodies.push(jobHook(project, pipeline, project.retry(pipeline, "unit")), pipelineHook(project, pipeline));
  const reopened = bodies.length;
  send("unit", "running");
  send("unit", "success");
  return { bodies, failed, reopened };
}

describe("a job that is tried again", () => {
  test("opens its pipeline again, although that ended, and passes in the end", () => {
    const { bodies, failed, reopened } = story();
    expect(summary(folded(bodies.slice(0, failed)))).toEqual({ pipelines: ["failed"], stages: ["build passed", "unit failed"] });
    expect(summary(folded(bodies.slice(0, reopened)))).toEqual({ pipelines: ["running"], stages: ["build passed", "unit queued"] });
    expect(summary(folded(bodies))).toEqual({ pipelines: ["passed"], stages: ["build passed", "unit passed"] });
  });

  test("ends the same in whatever order its deliveries come, and how often", () => {
    const { bodies } = story();
    for (let seed = 1; seed <= 300; seed += 1) {
      const roll = dice(seed);
      const some = bodies.filter(() => roll(10) < 4);
      const order = [...bodies, ...some].map((body) => ({ body, at: roll(1_000_000) })).toSorted((one, other) => one.at - other.at);
      const run = folded(order.map(({ body }) => body));
      expect(run.workflows.map(({ status }) => status)).toEqual(["passed"]);
      expect(
        stagesOf(run)
          .map(({ name, status }) => `${name} ${status}`)
          .toSorted(),
      ).toEqual(["build passed", "unit passed"]);
    }
  });
});

test("a pipeline that ended is over, whatever optional job waits to be played; a blocked one is not", () => {
  const project = createProject("acme/web/shop");
  const optional = project.run({ sha: A, jobs: ["unit", { name: "deploy", stage: "deploy", allowFailure: true }] });
  project.advance(optional, "deploy", "manual");
  project.advance(optional, "unit", "success");
  const ended = folded([pipelineHook(project, optional)]);
  expect(summary(ended)).toEqual({ pipelines: ["passed"], stages: ["unit passed", "deploy waiting"] });
  expect([isGoingOn(ended), isOpen(ended, new Date(), new Date())]).toEqual([false, false]);
  const blocked = project.run({ sha: A, jobs: ["unit", { name: "deploy", stage: "deploy" }] });
  project.advance(blocked, "unit", "success");
  project.advance(blocked, "deploy", "manual");
  const waits = folded([pipelineHook(project, blocked)]);
  expect(summary(waits)).toEqual({ pipelines: ["waiting"], stages: ["unit passed", "deploy waiting"] });
  expect([isGoingOn(waits), isOpen(waits, new Date(), new Date())]).toEqual([true, true]);
});

describe("moments", () => {
  test.each([
    ["2016-08-12 15:23:28 UTC", "2016-08-12T15:23:28.000Z"],
    ["2021-04-28 21:50:00 +0200", "2021-04-28T19:50:00.000Z"],
    ["2021-02-23T02:41:37.886Z", "2021-02-23T02:41:37.886Z"],
    ["2012-01-03T23:36:29+02:00", "2012-01-03T21:36:29.000Z"],
  ])("%s is %s", (text, iso) => {
    const project = createProject("acme/web/shop");
    const [event] = told(deploymentHook(project, A, { status_changed_at: text }));
    expect(event).toMatchObject({ at: new Date(iso) });
  });

  test.each(["yesterday", "2026-03-02 09:00:00", "0001-01-01 00:00:00 UTC", "2026-13-45 99:00:00 UTC", "12", ""])("%s is none", (text) => {
    const project = createProject("acme/web/shop");
    expect(reason(deploymentHook(project, A, { status_changed_at: text }))).toContain("no date of our time");
  });
});
