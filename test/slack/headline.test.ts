import { expect, test } from "vitest";
import type { Verdict } from "../../src/domain/measurement.ts";
import { pageOf } from "../../src/domain/page-words.ts";
import { lacksWords } from "../../src/domain/verdict/words.ts";
import { stillHappening } from "../../src/slack/render/figures.ts";
import { deployment, environment, inMinutes, minutesAgo, verdict } from "./shop.ts";

/** What a card and a page say first of a regression. */

const STORM = verdict("regressed");
const { errorsNow: _, ...calm } = STORM.figures;
const CRASH: Verdict = {
  ...STORM,
  why: "New unhandled error: KeyError in shop.cart, 4 times, 3 people hit",
  figures: { ...calm, newIssues: STORM.figures.newIssues.map((issue) => ({ ...issue, title: "KeyError", events: 4, users: 3 })) },
};

function pageText(seen: Verdict): string {
  const watching = { state: "watching", until: inMinutes(24), verdict: seen, keptBy: null, noSecondCountdown: false } as const;
  const call = { event: "trigger", cause: "regression", since: minutesAgo(4), afterMs: 600_000, aftermath: null } as const;
  return pageOf(environment(), deployment(watching), call).summary;
}

test("a storm late in the watch is told by its own rate, on the card and to the pager", () => {
  const late = { ...STORM, figures: { ...STORM.figures, errorsAfter: 84, minutesAfter: 28 } };
  expect(stillHappening(late)).toBe("Still happening: 76 errors a minute, before 0.3.");
  expect(pageText(late)).toContain("still happening, 76 errors a minute, before 0.3.");
  expect(stillHappening({ ...late, ongoing: false })).toContain("3 errors a minute, before 0.3 over the whole time.");
});

test("a crash in an otherwise quieter release is told as the crash, to the pager without its title", () => {
  expect(stillHappening(CRASH)).toBe("Still happening: new unhandled error: KeyError in shop.cart, 4 times, 3 people hit.");
  expect(stillHappening({ ...CRASH, ongoing: false })).toBe("New unhandled error: KeyError in shop.cart, 4 times, 3 people hit.");
  expect(pageText(CRASH)).toContain("still happening, new unhandled error, 4 times, 3 people hit.");
  expect(pageText(CRASH)).not.toContain("KeyError");
});

test("what is missing to act upon it is not said twice", () => {
  const lacks = "Sentry names nobody whom this error hit";
  expect(stillHappening({ ...CRASH, level: "propose", why: `${CRASH.why}; ${lacksWords(lacks)}`, lacks })).toBe(stillHappening(CRASH));
});
