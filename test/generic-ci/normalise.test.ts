import { readFile } from "node:fs/promises";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { emptyRun, type PipelineEvent } from "../../src/domain/pipeline.ts";
import { reduce } from "../../src/domain/pipeline/reduce.ts";
import { ciSchemaText } from "../../src/generic-ci/body.ts";
import { BUILD, BUILD_ALONE, normaliseCi, readCi } from "../../src/generic-ci/normalise.ts";
import { newRunId } from "../domain/model.ts";
import { wholeMessage } from "./message.ts";

function eventsOf(message: unknown, event = BUILD, headers: Readonly<Record<string, string>> = {}): readonly PipelineEvent[] {
  const read = normaliseCi(event, Buffer.from(JSON.stringify(message)), headers);
  if (read.kind !== "events") throw new Error(read.reason);
  return read.events;
}

const SHA = "a".repeat(40);
const AT = new Date("2026-03-02T09:12:00Z");

test("a message is a push, a pipeline, its stages, its tests and its images, in our words", () => {
  const [push, workflow, ...rest] = eventsOf(wholeMessage());
  expect(push).toMatchObject({
    kind: "push",
    repository: "shop",
    ref: "refs/heads/main",
    before: null,
    after: SHA,
    changes: [{ title: "Add a cart", author: { name: "Ann Ar", email: "ann@acme.test" } }],
  });
  expect(workflow).toEqual({
    kind: "workflow",
    provider: "ci",
    repository: "shop",
    workflowRun: "1842",
    attempt: 2,
    name: "Jenkins",
    path: null,
    trigger: "push",
    branch: "main",
    tag: false,
    ownRepository: true,
    reopens: true,
    parent: null,
    revision: SHA,
    status: "failed",
    url: "https://ci.acme.test/job/1842",
    startedAt: new Date("2026-03-02T09:10:00Z"),
    updatedAt: AT,
  });
  expect(rest).toMatchObject([
    { kind: "job", job: "7", name: "unit", status: "failed", allowFailure: false, reopens: true, updatedAt: AT },
    { kind: "job", job: "lint", name: "lint", status: "passed", allowFailure: true },
    {
      kind: "tests",
      total: 412,
      failed: 1,
      skipped: 3,
      flaky: 1,
      failures: [{ name: "cart: adds twice", file: "test/cart.py", line: 12, flaky: false }],
    },
    { kind: "image", image: "registry.acme.test:5000/shop", tag: "1.4", digest: `sha256:${"b".repeat(64)}`, revision: SHA },
  ]);
  expect(JSON.stringify(rest)).not.toContain("patient");
});

test("a stage that is run again has a higher number under its old name; ids that are words are parts, each of which counts", () => {
  function jobsAfter(...ids: readonly (readonly [string, string])[]): readonly string[] {
    const { build } = wholeMessage();
    const told = ids.flatMap(([id, status], minute) =>
      eventsOf({ ...wholeMessage(), at: `2026-03-02T09:0${minute}:00Z`, build, stages: [{ id, name: "unit", status }] }),
    );
    const run = told.reduce(reduce, emptyRun(newRunId(), "shop", revision));
    return run.workflows.flatMap(({ jobs }) => jobs.map((job) => `${job.job} ${job.status}`));
  }
  const [push] = eventsOf(wholeMessage());
  if (push?.kind !== "push") throw new Error("the message is no push");
  const revision = push.after;
  expect(jobsAfter(["9", "failed"], ["10", "success"])).toEqual(["10 passed"]);
  expect(jobsAfter(["10", "failed"], ["9", "success"])).toEqual(["10 failed"]);
  expect(jobsAfter(["python-3.12", "failed"], ["python-3.13", "success"])).toEqual(["python-3.12 failed", "python-3.13 passed"]);
});

test("a pull request is nobody's push, and an unsigned moment is not believed", () => {
  const { at: _at, ...message } = wholeMessage();
  const headers = { "webhook-timestamp": "1772443920" };
  expect(eventsOf(message, BUILD, headers)[1]).toMatchObject({ updatedAt: new Date(1_772_443_920_000) });
  // The body alone is signed: its own latest moment counts.
  expect(eventsOf(message, BUILD_ALONE, headers)[1]).toMatchObject({ updatedAt: AT });
  const pull = { ...wholeMessage(), pull_request: { number: 12, url: "https://git.acme.test/12" } };
  expect(eventsOf(pull)[0]).toMatchObject({ kind: "workflow", trigger: "pull_request", ownRepository: false });
  const manual = eventsOf({ ...message, build: { ...message.build, event: "manual" } });
  expect(manual[0]).toMatchObject({ kind: "workflow", trigger: "workflow_dispatch", ownRepository: true });
});

test("what is wrong is said by the field's name", () => {
  const whole = wholeMessage();
  const { build, tests } = whole;
  const wrong: readonly (readonly [unknown, string])[] = [
    [[], "the body must be an object with `version`, `provider`, `project` and `build`"],
    [{ ...whole, version: 2 }, "version must be 1"],
    [{ ...whole, project: "../x" }, "project must be the name behind `ci:` in greenlight.yml"],
    [{ ...whole, build: { ...build, sha: "a1b2c3d" } }, "build.sha must be a full commit id of 40 hex digits"],
    [{ ...whole, build: { ...build, status: "passed" } }, "build.status must be queued, running, success, failed, canceled or skipped"],
    [{ ...whole, build: { ...build, url: "javascript:alert(1)" } }, "build.url must be an address that begins with https:// or http://"],
    [
      { ...whole, build: { ...build, started_at: "+300000-01-01T00:00:00Z" } },
      "build.started_at must be a moment as in 2026-03-02T09:10:00Z",
    ],
    [{ ...whole, build: { ...build, branch: "refs/heads/main" } }, "build.branch must be a branch by its short name, as in main"],
    [{ ...whole, build: { ...build, id: {} } }, "build.id must be an id: a text of at most 100 characters, or a number"],
    [{ ...whole, stages: [{ name: "unit", status: "success" }, { status: "success" }] }, "stages[1].name must be a text"],
    [{ ...whole, stages: "unit" }, "stages must be a list of stages"],
    [{ ...whole, stages: Array.from({ length: 201 }, () => ({ name: "x", status: "success" })) }, "stages must have at most 200 stages"],
    [{ ...whole, stagse: [] }, "stagse is no field of version 1: is it spelt right?"],
    [{ ...whole, tests: { ...tests, total: -1 } }, "tests.total must be a whole number, 0 or more"],
    [{ ...whole, tests: { ...tests, failures: [{}] } }, "tests.failures[0].name must be a text"],
    [{ ...whole, artifacts: [{ kind: "image", ref: "x", digest: "latest" }] }, "artifacts[0].digest must be sha256: and 64 hex digits"],
    [{ ...whole, commit: { message: "x", author: 1 } }, "commit.author must be a name, or `{ name, email }`"],
  ];
  for (const [message, says] of wrong) {
    const read = readCi(Buffer.from(JSON.stringify(message)));
    expect.soft(read.ok ? null : read.fault.says).toBe(says);
  }
  const broken = readCi(Buffer.from([0x7b, 0xff, 0x7d]));
  expect(broken.ok ? null : broken.fault.says).toBe("the body must be JSON in UTF-8");
});

test("docs/ci-webhook.schema.json is current (else: npm run schema) and judges as the bot does", async () => {
  expect(await readFile("docs/ci-webhook.schema.json", "utf8")).toBe(ciSchemaText());
  const schema: unknown = JSON.parse(ciSchemaText());
  if (typeof schema !== "object" || schema === null) throw new Error("the schema is no object");
  const accepts = new Ajv2020({ strictTypes: false }).compile(schema);
  const whole = wholeMessage();
  expect(accepts(whole)).toBe(true);
  expect(accepts({ ...whole, build: { ...whole.build, status: "passed" } })).toBe(false);
  expect(accepts({ ...whole, stagse: [] })).toBe(false);
});
