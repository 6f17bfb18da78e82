import { describe, expect, test } from "vitest";
import { missingFor } from "../../src/domain/candidate.ts";
import type { App } from "../../src/domain/config.ts";
import { emptyRun, type Check, type Job, type Run, type Workflow } from "../../src/domain/pipeline.ts";
import { isSeenToPass } from "../../src/domain/proof.ts";
import { isNamed, requirementText, type Requirement } from "../../src/domain/requirement.ts";
import { environmentOf, newRunId, sha } from "./model.ts";

const AT = new Date("2026-11-23T09:00:00Z");
const APP: App = {
  name: "shop",
  repository: { connection: "default", kind: "github", path: "acme/shop" },
  channel: "#shop",
  branch: "main",
  privacy: "normal",
  environments: [],
};

function job(name: string, over: Partial<Job> = {}): Job {
  const times = { startedAt: AT, finishedAt: AT, updatedAt: AT };
  return { job: `${name}-1`, name, stage: null, status: "passed", allowFailure: false, url: null, ...times, ...over };
}

function workflow(over: Partial<Workflow> = {}): Workflow {
  return {
    workflowRun: "100",
    provider: "github",
    attempt: 1,
    name: "CI",
    path: ".github/workflows/ci.yml",
    trigger: "push",
    branch: "main",
    tag: false,
    ownRepository: true,
    parent: null,
    status: "passed",
    url: null,
    startedAt: AT,
    updatedAt: AT,
    jobs: [job("unit")],
    ...over,
  };
}

function check(over: Partial<Check> = {}): Check {
  const source = { kind: "app", slug: "browser-farm", id: "77" } as const;
  const times = { startedAt: AT, finishedAt: AT, updatedAt: AT };
  return { name: "e2e", source, check: "1", status: "passed", branch: "main", ownRepository: true, url: null, ...times, ...over };
}

function status(over: Partial<Check> = {}): Check {
  return check({ name: "ci/old", check: "ci/old", source: { kind: "status", creator: "acme-ci" }, ...over });
}

/** Why the revision is no candidate; empty: it is one. */
function why(requirement: Requirement, workflows: readonly Workflow[], checks: readonly Check[] = []): string {
  const run: Run = { ...emptyRun(newRunId(), "shop", sha(1)), workflows, checks };
  const environment = { ...environmentOf(), requires: [requirement] };
  const texts = missingFor(APP, environment, run, null).map(({ text }) => text);
  // What the card claims must not be more than what was proven.
  if (texts.length === 0 && !isSeenToPass(requirement, run)) throw new Error("proven, and not claimed");
  return texts.join(" ");
}

describe("a stage by its name", () => {
  test.each<{ name: string; workflows: readonly Workflow[]; because: string }>([
    { name: "passed on the branch", workflows: [workflow()], because: "" },
    { name: "never ran", workflows: [workflow({ jobs: [] })], because: "Stage unit has not run for this version." },
    { name: "skipped", workflows: [workflow({ jobs: [job("unit", { status: "skipped" })] })], because: "Stage unit skipped." },
    { name: "cancelled", workflows: [workflow({ jobs: [job("unit", { status: "cancelled" })] })], because: "Stage unit cancelled." },
    { name: "waits", workflows: [workflow({ jobs: [job("unit", { status: "waiting" })] })], because: "Stage unit waits." },
    { name: "of a fork", workflows: [workflow({ ownRepository: false })], because: "Stage unit ran for a fork." },
    { name: "of a tag named main", workflows: [workflow({ tag: true })], because: "Stage unit ran for the tag main, not on main." },
    { name: "of another branch", workflows: [workflow({ branch: "side" })], because: "Stage unit ran on side, not on main." },
    {
      name: "of a pull request",
      workflows: [workflow({ trigger: "pull_request" })],
      because: "Stage unit ran for pull_request, which proves nothing about main.",
    },
    {
      name: "of who knows what",
      workflows: [workflow({ trigger: null, ownRepository: null })],
      because: "Stage unit passed, but what started its run is not known yet.",
    },
    {
      name: "of the merge queue",
      workflows: [workflow({ trigger: "merge_group", branch: "gh-readonly-queue/main/pr-7-abc" })],
      because: "",
    },
    {
      name: "of another branch's merge queue",
      workflows: [workflow({ trigger: "merge_group", branch: "gh-readonly-queue/mainly/pr-7" })],
      because: "Stage unit ran on gh-readonly-queue/mainly/pr-7, not on main.",
    },
    {
      name: "failed where it may",
      workflows: [workflow({ jobs: [job("unit", { status: "failed", allowFailure: true })] })],
      because: "",
    },
    {
      name: "a pull request beside the branch itself",
      workflows: [workflow({ workflowRun: "101", trigger: "pull_request", jobs: [job("unit", { status: "failed" })] }), workflow()],
      because: "",
    },
  ])("$name", ({ workflows, because }) => {
    expect(why("unit", workflows)).toBe(because);
  });

  test("each part of a matrix counts", () => {
    const parts = [job("unit (3.12)"), job("unit (3.13)", { status: "failed" })];
    expect(why("unit", [workflow({ jobs: parts })])).toBe("Stage unit (3.13) failed.");
    expect(why("unit", [workflow({ jobs: [job("unit (3.12)"), job("unit (3.13)", { status: "skipped" })] })])).toBe(
      "Stage unit (3.13) skipped.",
    );
  });

  test("a newer run of the file outdoes an older one, whichever was heard of first", () => {
    const failed = workflow({ workflowRun: "99", jobs: [job("unit", { status: "failed" })] });
    expect(why("unit", [workflow(), failed])).toBe("");
    expect(why("unit", [{ ...failed, workflowRun: "101" }, workflow()])).toBe("Stage unit failed.");
  });

  test("another file's green stage of the same name does not hide a red one", () => {
    const other = workflow({ workflowRun: "200", path: ".github/workflows/other.yml" });
    expect(why("unit", [workflow({ jobs: [job("unit", { status: "failed" })] }), other])).toBe("Stage unit failed.");
  });

  test("where one file serves several events, a run that skips the stage neither proves nor disproves it", () => {
    const later = workflow({ workflowRun: "101", trigger: "schedule", jobs: [job("unit", { status: "skipped" }), job("nightly")] });
    expect(why("unit", [workflow(), later])).toBe("");
    expect(why("nightly", [workflow({ jobs: [job("unit"), job("nightly", { status: "skipped" })] }), later])).toBe("");
  });

  test("a check or a status of that name is no proof until it is pinned", () => {
    expect(why("e2e", [], [check()])).toBe(
      "Stage e2e was reported by the app browser-farm, which counts only where `requires` names its app.",
    );
    expect(why("ci/old", [], [status()])).toBe(
      "Stage ci/old was reported by acme-ci, which counts only where `requires` names its creator.",
    );
  });
});

describe("a pinned stage", () => {
  test("counts only of its workflow's file and event", () => {
    const pinned = { stage: "unit", workflow: "ci.yml", event: "push" };
    expect(why(pinned, [workflow()])).toBe("");
    expect(why({ ...pinned, workflow: ".github/workflows/ci.yml" }, [workflow()])).toBe("");
    const evil = workflow({ path: ".github/workflows/evil-ci.yml" });
    expect(why(pinned, [evil])).toBe("Stage unit of ci.yml on push has not run for this version.");
    expect(why(pinned, [workflow({ trigger: "workflow_dispatch" })])).toBe("Stage unit of ci.yml on push has not run for this version.");
    // The name of a workflow is whatever its file says: it pins nothing where there is a file.
    expect(why(pinned, [workflow({ path: ".github/workflows/evil.yml", name: "ci.yml" })])).toContain("has not run");
    expect(why({ stage: "unit", workflow: "nightly" }, [workflow({ path: null, name: "nightly" })])).toBe("");
    const red = workflow({ workflowRun: "200", path: ".github/workflows/x.yml", jobs: [job("unit", { status: "failed" })] });
    expect(why(pinned, [workflow(), red])).toBe("");
  });

  test("counts only of its app", () => {
    const pinned = { stage: "e2e", app: "browser-farm" };
    expect(why(pinned, [], [check()])).toBe("");
    expect(why({ ...pinned, app: "77" }, [], [check()])).toBe("");
    const forged = check({ source: { kind: "app", slug: "evil-farm", id: "78" } });
    expect(why(pinned, [], [forged])).toBe("Check e2e was reported by the app evil-farm, not by the app browser-farm.");
    expect(why(pinned, [], [forged, check({ status: "failed" })])).toBe("Check e2e failed.");
    expect(why(pinned, [], [check({ status: "skipped" })])).toBe("Check e2e skipped.");
    expect(why(pinned, [workflow({ jobs: [job("e2e")] })], [status({ name: "e2e", check: "e2e" })])).toBe(
      "Check e2e of the app browser-farm has not run for this version.",
    );
    expect(why({ stage: "unit", app: "github-actions" }, [workflow()])).toBe("");
  });

  test("counts only as its creator set it", () => {
    const pinned = { stage: "ci/old", creator: "Acme-CI" };
    expect(why(pinned, [], [status()])).toBe("");
    expect(why(pinned, [], [status({ source: { kind: "status", creator: "mallory" } })])).toBe(
      "Status ci/old was set by mallory, not by Acme-CI.",
    );
    expect(why(pinned, [], [status({ source: { kind: "status", creator: null } })])).toContain("somebody who is not named");
    expect(why(pinned, [], [status({ status: "running" })])).toBe("Check ci/old is running.");
    expect(why(pinned, [], [check({ name: "ci/old" })])).toBe("Status ci/old has not been set for this version.");
  });
});

function pipeline(over: Partial<Workflow> = {}): Workflow {
  return workflow({ provider: "gitlab", path: null, name: "pipeline", ...over });
}

describe("GitLab's pipelines", () => {
  test("a stage is all its jobs but those that are optional and wait", () => {
    const jobs = [job("rspec", { stage: "test" }), job("pages", { stage: "test", status: "waiting", allowFailure: true })];
    expect(why("test", [pipeline({ jobs })])).toBe("");
    expect(why("pages", [pipeline({ jobs })])).toBe("Stage pages waits.");
    expect(why("test", [pipeline({ jobs: [...jobs, job("lint", { stage: "test", status: "failed" })] })])).toBe("Stage lint failed.");
    expect(why("test", [pipeline({ jobs: [jobs[1] ?? job("x")] })])).toContain("has not run");
  });

  test("a child counts with its parent, and never alone", () => {
    const child = pipeline({ workflowRun: "101", trigger: "parent_pipeline", parent: "100", jobs: [job("e2e")] });
    expect(why("e2e", [pipeline(), child])).toBe("");
    expect(why("e2e", [child])).toBe("Stage e2e passed, but what started its run is not known yet.");
    expect(why("e2e", [pipeline({ trigger: "merge_request_event" }), child])).toContain("proves nothing about main");
    expect(why({ stage: "e2e", workflow: "pipeline", event: "push" }, [pipeline(), child])).toBe("");
    expect(why({ stage: "e2e", event: "schedule" }, [pipeline(), child])).toContain("has not run");
    const both = [pipeline({ jobs: [job("e2e", { status: "failed" })] }), child];
    expect(why("e2e", both)).toBe("Stage e2e failed.");
  });

  test("a newer pipeline outdoes an older one with its children", () => {
    const old = [pipeline(), pipeline({ workflowRun: "101", parent: "100", jobs: [job("e2e", { status: "failed" })] })];
    const young = [pipeline({ workflowRun: "200" }), pipeline({ workflowRun: "201", parent: "200", jobs: [job("e2e")] })];
    expect(why("e2e", [...young, ...old])).toBe("");
  });
});

test("a requirement is said in words", () => {
  expect(requirementText("unit")).toBe("unit");
  expect(requirementText({ stage: "unit", workflow: "ci.yml", event: "push" })).toBe("unit of ci.yml on push");
  expect(requirementText({ stage: "e2e", app: "farm" })).toBe("e2e of the app farm");
  expect(requirementText({ stage: "x", creator: "ci" })).toBe("x set by ci");
});

test.each([
  ["unit", true],
  ["unit (3.12, pg16)", true],
  ["unit: [3.12]", true],
  ["unit 1/3", true],
  ["unit-tests", false],
  ["unit tests", false],
  ["unit (", false],
  ["a unit", false],
])("%s is the stage unit: %s", (name, is) => {
  expect(isNamed(name, "unit")).toBe(is);
});
