import { expect, test } from "vitest";
import type { Aftermath } from "../../src/domain/aftermath.ts";
import type { PageCause } from "../../src/domain/page.ts";
import { pageOf, saidInThread } from "../../src/domain/page-words.ts";
import { AUTOMATIC, environmentOf, live, MINUTE, modelOf, MONDAY } from "./model.ts";

/** What a pager hears of each cause, and what the thread says then. */

const NOTHING: Aftermath = { over: [], goesOn: [], open: [], unverified: [], lastErrorAt: null };

function summary(cause: PageCause, aftermath: Aftermath | null): string {
  const environment = environmentOf([AUTOMATIC]);
  const model = modelOf(environment);
  const deployment = model.get(live(model, 1));
  return pageOf(environment, deployment, { event: "trigger", cause, since: MONDAY, afterMs: 10 * MINUTE, aftermath }).summary;
}

test.each([
  [["errors"], "the errors have not stopped"],
  [["down"], "the site does not answer still"],
  [["down", "errors"], "the site does not answer still and the errors have not stopped"],
  [["part", "requests", "slow"], "a part of the site fails still, more requests fail still and it is slow still"],
  [["revision"], "the site answers with another version still"],
  // Of a version of Greenlight that did not write down what was wrong.
  [[], "it is not over"],
] as const)("a rollback that did not help says what goes on: %j", (goesOn, words) => {
  expect(summary("not_stopped", { ...NOTHING, over: ["slow"], goesOn })).toBe(
    `shop, production was rolled back and ${words}: probably not this deployment.`,
  );
});

test("a rollback that did not help, of which nothing more is known, still says so", () => {
  expect(summary("not_stopped", null)).toBe("shop, production was rolled back and it is not over: probably not this deployment.");
});

test.each([
  ["regression", "Nobody took it for 10 minutes: on-call is paged (night)."],
  ["rollback_failed", "The rollback did not finish: on-call is paged (night)."],
  ["needs_attention", "A person has to look: on-call is paged (night)."],
  ["not_stopped", "The rollback did not help: on-call is paged (night)."],
  ["unverified", "Nobody could see whether the rollback helped: on-call is paged (night)."],
] as const)("the thread says why on-call is paged: %s", (cause, says) => {
  expect(saidInThread(cause, { to: "night", afterMs: 10 * MINUTE, timezone: "UTC" })).toBe(says);
});
