import { expect, test } from "vitest";
import { checkBlocks } from "../../sandbox/slack/block-kit/validate.ts";
import type { CardModel } from "../../src/domain/card.ts";
import type { FailedTest, Run, Tests } from "../../src/domain/pipeline.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { context, minutesAgo } from "./shop.ts";
import { everyCard } from "./cards.ts";
import { CALLS, HIDES, HOSTILE } from "./hostile.ts";
import { story } from "./story.ts";
import { everyCardAtItsWorst } from "./worst.ts";

function report(over: Partial<Tests> = {}): Tests {
  const counts = { total: 412, failed: 0, skipped: 0, flaky: 0, failures: [] };
  return { workflowRun: "1", attempt: 1, job: null, url: null, at: minutesAgo(1), ...counts, ...over };
}

function failure(name: string, over: Partial<FailedTest> = {}): FailedTest {
  return { name, file: "shop/test_cart.py", line: 12, flaky: false, ...over };
}

function withTests(model: CardModel | undefined, tests: readonly Tests[], over: Partial<Run["workflows"][number]> = {}): CardModel {
  if (model?.run === null || model === undefined) throw new Error("no card with a run");
  const run = { ...model.run, tests, workflows: model.run.workflows.map((workflow) => ({ ...workflow, ...over })) };
  return model.kind === "run" ? { ...model, run } : { ...model, run };
}

function lines(model: CardModel): readonly string[] {
  return story(renderCard(model, context)).split("\n");
}

test("the card of a run says how many tests there were, and which failed where", () => {
  const { pipeline, approval } = everyCard();
  expect(lines(withTests(pipeline, [report()]))).toContain(":white_check_mark: *Tests:* 412 passed");
  const failures = [failure("adds twice"), failure("drops", { file: null, line: null }), failure("pays", { line: null, flaky: true })];
  const told = lines(withTests(pipeline, [report({ failed: 9, skipped: 3, flaky: 1, failures })]));
  const at = told.indexOf(":red_circle: *Tests:* 9 of 412 failed, 3 skipped, 1 flaky");
  expect(told.slice(at + 1, at + 5)).toEqual([
    "• adds twice (shop/test_cart.py:12)",
    "• drops",
    "• pays (shop/test_cart.py), flaky",
    "and 6 more",
  ]);
  expect(lines(withTests(pipeline, [report({ total: 0, failed: 2, failures: [failure("a"), failure("b")] })]))).toContain(
    ":red_circle: *Tests:* 2 failures",
  );
  // Names kept out (strict privacy): the counts stand alone.
  expect(lines(withTests(pipeline, [report({ failed: 2 })])).join("\n")).not.toContain("more");
  const asked = lines(withTests(approval, [report({ skipped: 3 })])).find((line) => line.includes("*Tests:*"));
  expect(asked).toMatch(/409 passed, 3 skipped$|none are required|not seen to pass/);
});

test("what nobody can check again is said on the card that asks, too", () => {
  const { pipeline, approval } = everyCard();
  for (const model of [pipeline, approval]) {
    const told = lines(withTests(model, [], { provider: "ci", name: "Jenkins" })).join("\n");
    expect(told).toContain("By the word of Jenkins alone");
    expect(lines(withTests(model, [])).join("\n")).not.toContain("By the word of");
  }
});

test("names that break or fool a chat, and the longest ones, pass Slack's rules", () => {
  const names = ["pipeline", "pipeline_failed", "look", "approval"];
  const worst = Object.entries(everyCardAtItsWorst()).filter(([name]) => names.includes(name));
  for (const [index, text] of [...HOSTILE, "x".repeat(10_000)].entries()) {
    const failures = Array.from({ length: 5 }, () => failure(text, { file: text, line: 9_999_999 }));
    const reports = Array.from({ length: 20 }, (_, at) => report({ workflowRun: "1", job: `${at}`, failed: 10_000_000, failures }));
    for (const [name, model] of worst) {
      const rendered = renderCard(withTests(model, reports, { provider: "ci", name: text }), context);
      expect([name, index, checkBlocks(rendered.blocks, "message", "/blocks")]).toEqual([name, index, []]);
      const all = JSON.stringify(rendered);
      expect([name, index, CALLS.test(all), HIDES.test(all)]).toEqual([name, index, false, false]);
      expect(rendered.text.length).toBeLessThanOrEqual(4_000);
    }
  }
});
