import { expect, test } from "vitest";
import type { VerdictFigures } from "../../src/domain/measurement.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { stillHappening, siteLine } from "../../src/slack/render/figures.ts";
import { statusLine } from "../../src/slack/render/answer.ts";
import { NOW, context, minutesAgo, verdict } from "./shop.ts";
import { card } from "./card.ts";

const calm = verdict("inconclusive");

test.each<{ readonly figures: Partial<VerdictFigures>; readonly line: string | null }>([
  { figures: { siteUp: null }, line: null },
  { figures: { siteUp: false }, line: "*Site:* does not answer" },
  { figures: { latencyMs: null }, line: "*Site:* answers" },
  { figures: { latencyMs: 118 }, line: "*Site:* answers in 118 ms" },
  {
    figures: { latencyMs: 820, latencyP95Ms: 1249, latencyBeforeMs: 190 },
    line: "*Site:* answers in 820 ms, 95 of 100 times within 1.2 s (before: 190 ms)",
  },
  { figures: { latencyMs: 118, certificateDays: 9 }, line: ":warning: *Site:* answers in 118 ms; its certificate expires in 9 days" },
  { figures: { latencyMs: 118, certificateDays: 1 }, line: ":warning: *Site:* answers in 118 ms; its certificate expires in 1 day" },
  { figures: { latencyMs: 118, certificateDays: 0 }, line: ":warning: *Site:* answers in 118 ms; its certificate expires within a day" },
])("the site's line: $line", ({ figures, line }) => {
  expect(siteLine({ ...calm.figures, ...figures })).toBe(line);
});

test("what only the site tells is not told by the errors' figures", () => {
  const slow = { ...verdict("regressed"), level: "propose", why: "The site answers in 820 ms, before 190 ms", about: "site" } as const;
  expect(stillHappening(slow)).toBe("Still happening: the site answers in 820 ms, before 190 ms.");
  const over = { ...slow, ongoing: false, why: "The site was slow for 6 min (820 ms, before 190 ms), now it answers as before" };
  expect(stillHappening(over)).toBe("The site was slow for 6 min (820 ms, before 190 ms), now it answers as before.");
});

test("the card of a slow site says so first, with the comparison beside it", () => {
  const figures = { ...verdict("regressed").figures, newIssues: [], latencyMs: 820, latencyP95Ms: 1249, latencyBeforeMs: 190 };
  const slow = {
    ...verdict("regressed"),
    level: "propose",
    why: "The site answers in 820 ms, before 190 ms",
    about: "site",
    figures,
  } as const;
  const state = { state: "watching", until: minutesAgo(-20), verdict: slow, keptBy: null, noSecondCountdown: false } as const;
  const { text } = renderCard(card(state), context);
  expect(text).toContain("Still happening: the site answers in 820 ms, before 190 ms.");
  expect(text).toContain("Site: answers in 820 ms, 95 of 100 times within 1.2 s (before: 190 ms).");
});

test.each([
  { name: "nothing yet", said: null, line: ":eyes: Watched until 10:35. Nothing was looked at yet." },
  {
    name: "no problem",
    said: { ...calm, why: "No problem seen so far", figures: { ...calm.figures, latencyMs: 118, latencyBeforeMs: 110 } },
    line: ":eyes: Watched until 10:35. No problem seen so far. *Site:* answers in 118 ms (before: 110 ms).",
  },
  {
    name: "another version",
    said: { ...verdict("regressed"), why: "The site answers with 71d0e2c, not 9f3c2ab", about: "site" } as const,
    line: ":red_circle: Watched until 10:35. Still happening: the site answers with 71d0e2c, not 9f3c2ab. *Site:* answers in 118 ms.",
  },
])("the status says what the watch has seen: $name", ({ said, line }) => {
  const row = { app: "shop", environment: "production", live: null, mixed: false, current: null, lock: null, freeze: null, hosts: [] };
  const text = statusLine({ ...row, watched: { until: minutesAgo(-20), verdict: said } }, NOW);
  expect(text.split("\n   ")[1]?.replace(/until [^.]+\./u, "until 10:35.")).toBe(line);
});
