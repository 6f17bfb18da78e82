import { describe, expect, test } from "vitest";
import { lostSince } from "../../src/domain/candidate.ts";
import type { App, ConnectionKind } from "../../src/domain/config.ts";
import { emptyRun, type Job, type StageStatus, type Workflow } from "../../src/domain/pipeline.ts";
import type { Requirement } from "../../src/domain/requirement.ts";
import { APPROVAL, approved, ended, environmentOf, modelOf, newRunId, offered, OLAF, sha, started } from "./model.ts";

const BECAUSE = "Stage unit is running.";
const gone = (number: number) => ({ kind: "withdraw", revision: sha(number), because: BECAUSE }) as const;

describe("a candidate that is withdrawn", () => {
  test("takes what waits for a yes with it, and is offered anew when it has passed again", () => {
    const model = modelOf(environmentOf());
    const first = offered(1);
    model.must(first);
    model.must(gone(1));
    expect(model.get(first.id).state).toMatchObject({ state: "cancelled", because: BECAUSE });
    expect(model.snapshot.candidates).toEqual([]);
    const again = offered(1);
    model.must(again);
    expect(model.state(again.id)).toBe("awaiting_approval");
    expect(model.get(again.id).number).toBe(2);
  });

  test("takes what was approved and is queued with it: the yes was for what had passed", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    const running = started(model, 1);
    const second = offered(2);
    model.must(second);
    model.must(approved(model, second.id, OLAF));
    model.must(gone(2));
    expect([model.state(running), model.state(second.id)]).toEqual(["executing", "cancelled"]);
  });

  test("stops nothing that runs, and is not one twice", () => {
    const model = modelOf(environmentOf());
    const running = started(model, 1);
    model.must(gone(1));
    expect(model.state(running)).toBe("executing");
    model.must(gone(1));
    model.must(ended(running));
    expect(model.state(running)).not.toBe("cancelled");
  });

  test("is no other one", () => {
    const model = modelOf(environmentOf());
    const first = offered(1);
    model.must(first);
    model.must(gone(2));
    expect(model.state(first.id)).toBe("awaiting_approval");
  });
});

function appAt(kind: ConnectionKind): App {
  return {
    name: "shop",
    repository: { connection: "default", kind, path: "acme/shop" },
    channel: "#shop",
    branch: "main",
    privacy: "normal",
    environments: [],
  };
}

describe("what a candidate has lost", () => {
  const SINCE = new Date("2026-11-23T10:00:00Z");
  const EARLIER = new Date("2026-11-23T09:00:00Z");
  const LATER = new Date("2026-11-23T22:00:00Z");

  function pipeline(status: StageStatus, over: Partial<Workflow> = {}): Workflow {
    const unit: Job = {
      job: "7",
      name: "unit",
      stage: "test",
      status,
      allowFailure: false,
      url: null,
      startedAt: null,
      finishedAt: null,
      updatedAt: EARLIER,
    };
    return {
      workflowRun: "100",
      provider: "gitlab",
      attempt: 1,
      name: "Pipeline",
      path: null,
      trigger: "push",
      branch: "main",
      tag: false,
      ownRepository: true,
      parent: null,
      status,
      url: null,
      startedAt: EARLIER,
      updatedAt: EARLIER,
      jobs: [unit],
      ...over,
    };
  }

  const nightly = pipeline("running", { workflowRun: "200", trigger: "schedule", startedAt: LATER });

  test.each<{ name: string; kind: ConnectionKind; requires: Requirement; workflows: readonly Workflow[]; lost: string | null }>([
    { name: "nothing while it stands", kind: "gitlab", requires: "unit", workflows: [pipeline("passed")], lost: null },
    {
      name: "a job that is done again",
      kind: "gitlab",
      requires: "unit",
      workflows: [pipeline("running")],
      lost: "Stage unit is running.",
    },
    { name: "a job of a stage", kind: "gitlab", requires: "test", workflows: [pipeline("queued")], lost: "Stage unit waits." },
    {
      name: "a job that failed the second time",
      kind: "ci",
      requires: "unit",
      workflows: [pipeline("failed")],
      lost: "Stage unit failed.",
    },
    { name: "nothing by another night's run", kind: "gitlab", requires: "unit", workflows: [pipeline("passed"), nightly], lost: null },
    { name: "nothing by clocks that differ", kind: "gitlab", requires: "unit", workflows: [nightly], lost: null },
    { name: "nothing where an attempt's end is final", kind: "github", requires: "unit", workflows: [pipeline("running")], lost: null },
  ])("$name", ({ kind, requires, workflows, lost }) => {
    const run = { ...emptyRun(newRunId(), "shop", sha(1)), workflows };
    expect(lostSince(appAt(kind), { ...environmentOf(), requires: [requires] }, run, SINCE)).toBe(lost);
  });
});
