import { describe, expect, test } from "vitest";
import { checkBlocks } from "../../sandbox/slack/block-kit/validate.ts";
import type { RunCard } from "../../src/domain/card.ts";
import type { Check, Job, StageStatus, Workflow } from "../../src/domain/pipeline.ts";
import { watchedOf } from "../../src/domain/pipeline/watched.ts";
import { LIMITS } from "../../src/slack/limits.ts";
import { renderCard, renderPlain } from "../../src/slack/render/card.ts";
import { context, minutesAgo } from "./shop.ts";
import { everyCard } from "./cards.ts";
import { CALLS, HIDES, HOSTILE } from "./hostile.ts";
import { story } from "./story.ts";

function job(name: string, status: StageStatus = "passed", over: Partial<Job> = {}): Job {
  const isOver = !["queued", "waiting", "running"].includes(status);
  const times = {
    startedAt: status === "queued" ? null : minutesAgo(4),
    finishedAt: isOver ? minutesAgo(2) : null,
    updatedAt: minutesAgo(2),
  };
  return { job: name, name, stage: null, status, allowFailure: false, url: null, ...times, ...over };
}

function check(name: string, status: StageStatus = "passed", over: Partial<Check> = {}): Check {
  const source = { kind: "app", slug: "browser-farm", id: "77" } as const;
  const times = { startedAt: minutesAgo(4), finishedAt: minutesAgo(2), updatedAt: minutesAgo(2) };
  return { name, source, check: name, status, branch: "main", ownRepository: true, url: null, ...times, ...over };
}

function card(
  workflows: readonly (Partial<Workflow> & Pick<Workflow, "jobs">)[],
  checks: readonly Check[] = [],
  over: Partial<RunCard> = {},
): RunCard {
  const base = everyCard()["pipeline"];
  if (base?.kind !== "run") throw new Error("no run's card");
  const [workflow] = base.run.workflows;
  if (workflow === undefined) throw new Error("an empty fixture");
  const all = workflows.map((one, index) => ({
    ...workflow,
    workflowRun: String(index + 1),
    path: `.github/workflows/${index}.yml`,
    ...one,
  }));
  return { ...base, run: { ...base.run, workflows: all, checks }, ...over };
}

function lines(model: RunCard): readonly string[] {
  return story(renderCard(model, context)).split("\n");
}

function told(workflows: Parameters<typeof card>[0]): string {
  return lines(card(workflows)).join(" ");
}

describe("stages on a run's card", () => {
  test("the parts of a matrix are one line, and what failed of them is named", () => {
    const parts = ["3.11", "3.12", "3.13"];
    expect(lines(card([{ jobs: parts.map((part) => job(`unit (${part})`)) }]))).toContain(
      ":white_check_mark: *Unit* all 3 passed in 2 min",
    );
    const failed = parts.map((part) => job(`unit (${part})`, part === "3.12" ? "failed" : "passed"));
    expect(lines(card([{ jobs: failed }]))).toContain(":red_circle: *Unit* 1 of 3 failed: 3.12");
    expect(story(renderCard(card([{ jobs: failed }]), context))).toContain("Tests failed");
    const half = parts.map((part) => job(`unit (${part})`, part === "3.12" ? "running" : part === "3.13" ? "queued" : "passed"));
    expect(lines(card([{ jobs: half }]))).toContain(":hourglass_flowing_sand: *Unit* running for 4 min, 1 of 3 passed");
    expect(lines(card([{ jobs: [job("unit (3.12, pg16)", "failed")] }]))).toContain(":red_circle: *Unit (3.12, pg16)* failed after 2 min");
  });

  test("a stage of GitLab is its jobs; what may fail is shown as what it is, and holds nothing up", () => {
    const jobs = [
      job("rspec 1/2", "passed", { stage: "test" }),
      job("rspec 2/2", "passed", { stage: "test" }),
      job("lint", "failed", { stage: "test", allowFailure: true }),
      job("pages", "waiting", { stage: "publish", allowFailure: true }),
      job("audit", "failed", { stage: "audit", allowFailure: true }),
    ];
    const said = lines(card([{ jobs, provider: "gitlab", status: "passed" }]));
    expect(said[0]).toContain("Tests passed");
    expect(lines(card([{ jobs, provider: "gitlab", status: "running" }]))[0]).toContain("Testing");
    expect(said).toContain(":warning: *Test* passed in 2 min; lint failed, which is allowed");
    expect(said).toContain(":white_circle: *Publish* waits for a yes in CI");
    expect(said).toContain(":warning: *Audit* failed, which is allowed");
    expect(said.join(" ")).not.toContain("Tests failed");
  });

  test("what was skipped has not passed, and what CI refused before a stage began does not wait for CI", () => {
    const some = [{ jobs: [job("build"), job("unit", "skipped"), job("lint")], status: "passed" as const }];
    expect(told(some)).toContain("2 of 3 stages passed so far; the others did not run.");
    const none = [{ jobs: [job("unit", "skipped")], status: "skipped" as const }];
    expect(told(none)).toContain("CI ended, and no stage of it ran.");
    expect(told(none)).not.toMatch(/passed|Waiting for CI/u);
    const refused = told([{ name: "<Deliver>", jobs: [], status: "failed" }]);
    expect(refused).toContain("Tests failed");
    expect(refused).toContain("&lt;Deliver&gt; failed before any stage of it began.");
    // The word of the job that failed was lost.
    expect(told([{ jobs: [job("build")], status: "failed" }])).toContain("Tests failed");
    expect(told([{ jobs: [job("build")], status: "cancelled" }])).toContain("cancelled in CI");
    expect(told([{ jobs: [], status: "queued" }])).toContain("Waiting for CI to start.");
  });

  test("stages of one name in two workflows say which; proposals, forks and outdone runs are left out", () => {
    const model = card([
      { name: "CI", jobs: [job("build")] },
      { name: "Nightly", jobs: [job("build", "failed")] },
      { name: "CI", path: ".github/workflows/0.yml", jobs: [job("build", "running")] },
      { name: "PR", trigger: "pull_request", jobs: [job("preview", "failed")] },
      { name: "Fork", ownRepository: false, jobs: [job("stranger", "failed")] },
    ]);
    const said = lines(model);
    expect(said).toContain(":hourglass_flowing_sand: *Build* (CI) running for 4 min");
    expect(said).toContain(":red_circle: *Build* (Nightly) failed after 2 min");
    expect(said.join(" ")).not.toMatch(/Preview|Stranger/);
    expect(watchedOf(model.run)).toHaveLength(2);
  });

  test("two pipelines of a CI that names no file stand beside each other, and the same one run again takes its own place", () => {
    const jenkins = { provider: "ci" as const, name: "Jenkins", path: null, status: "passed" as const };
    const build = { ...jenkins, workflowRun: "build-7", jobs: [job("build"), job("unit", "failed")], updatedAt: minutesAgo(9) };
    const e2e = { ...jenkins, workflowRun: "e2e-3", jobs: [job("e2e")], updatedAt: minutesAgo(5) };
    const again = { ...jenkins, workflowRun: "build-8", jobs: [job("build"), job("unit")], updatedAt: minutesAgo(2) };
    expect(told([build, e2e])).toContain("Tests failed");
    expect(told([build, e2e, again])).toContain("All 3 stages passed so far.");
  });

  test("a required check counts, a failed one is shown, and all others are one line", () => {
    const base = card([{ jobs: [job("build")] }]);
    const [staging] = base.path;
    if (staging === undefined) throw new Error("a run's card without environments");
    const path = [{ ...staging, requires: ["build", "e2e"] }];
    const coverage = Array.from({ length: 20 }, (_, index) => check(`coverage ${index}`));
    const said = lines(card([{ jobs: [job("build")] }], [check("e2e"), check("style", "failed"), ...coverage], { path }));
    expect(said).toContain(":white_check_mark: *E2e* (browser-farm) passed in 2 min");
    expect(said).toContain(":red_circle: *Style* (browser-farm) failed after 2 min");
    expect(said).toContain(":white_check_mark: *20 other checks* that nothing here requires");
    expect(said.join(" ")).toContain("All 2 stages passed so far");
    const failed = lines(card([{ jobs: [job("build")] }], [check("e2e", "failed")], { path }));
    expect(failed.join(" ")).toContain("Tests failed");
  });

  test("children stand with their parent, and go with it", () => {
    const jobs = [job("e2e", "passed", { stage: "e2e" })];
    const pipeline = { provider: "gitlab", path: null, name: "pipeline" } as const;
    const model = card([
      { ...pipeline, jobs: [job("a", "passed", { stage: "build" })] },
      { ...pipeline, parent: "1", trigger: "parent_pipeline", jobs },
      { ...pipeline, jobs: [job("a", "running", { stage: "build" })] },
      { ...pipeline, parent: "3", trigger: "parent_pipeline", jobs: [job("e2e", "queued", { stage: "e2e" })] },
    ]);
    expect(watchedOf(model.run).map(({ name, status }) => `${name} ${status}`)).toEqual(["build running", "e2e queued"]);
  });
});

describe("at its worst", () => {
  const statuses: readonly StageStatus[] = ["queued", "waiting", "running", "passed", "failed", "cancelled", "skipped"];
  const words = [...HOSTILE, "x".repeat(300), "💥".repeat(150), "a (" + "b, ".repeat(90) + "c)"];

  test.each([
    { name: "200 jobs of as many names", nameOf: (index: number) => `${words[index % words.length] ?? ""} ${index}` },
    { name: "a matrix of 200 parts", nameOf: (index: number) => `unit (${words[index % words.length] ?? ""} ${index})` },
  ])("$name, 50 checks: Slack takes it, nobody is called, nothing is hidden", ({ nameOf }) => {
    for (const shift of statuses.keys()) {
      const at = (index: number) => statuses[(index + shift) % statuses.length] ?? "passed";
      const jobs = Array.from({ length: 200 }, (_, index) => job(nameOf(index), at(index), { stage: index % 9 === 8 ? nameOf(3) : null }));
      const checks = Array.from({ length: 50 }, (_, index) => check(nameOf(index), at(index)));
      const model = card(
        [
          { name: nameOf(1), jobs: jobs.slice(0, 100) },
          { name: nameOf(2), jobs: jobs.slice(100) },
        ],
        checks,
      );
      const rendered = renderCard(model, context);
      expect(checkBlocks(rendered.blocks, "message", "/blocks")).toEqual([]);
      expect(checkBlocks(renderPlain(model, context).blocks, "message", "/blocks")).toEqual([]);
      expect(rendered.text.length).toBeLessThanOrEqual(LIMITS.text);
      const marked = JSON.stringify(rendered.blocks.filter((block) => block.type === "section" || block.type === "context"));
      expect(marked).not.toMatch(CALLS);
      expect(JSON.stringify(rendered)).not.toMatch(HIDES);
    }
  });
});
