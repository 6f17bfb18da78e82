import { describe, expect, test } from "vitest";
import type { DeploymentCard } from "../../src/domain/card.ts";
import { latestLooks } from "../../src/domain/latest-looks.ts";
import type { Measurement, Trouble, Verdict } from "../../src/domain/measurement.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { stillHappening } from "../../src/slack/render/figures.ts";
import { runningRow } from "../../src/slack/render/home-work.ts";
import { card } from "./card.ts";
import { context, environment, inMinutes, NOW, verdict } from "./shop.ts";

/** What the card of a watch claims to have seen. */

function watching(seen: Verdict, looks: readonly Measurement[] = []): DeploymentCard {
  const of = card({ state: "watching", until: inMinutes(24), verdict: seen, keptBy: null, noSecondCountdown: false });
  return { ...of, latest: latestLooks(looks) };
}

const regressed = (trouble: Trouble, ongoing = true): Verdict => ({ ...verdict("regressed"), ongoing, troubles: [trouble] });

function under(policy: "shadow" | "offer", seen: Verdict): DeploymentCard {
  const of = watching(seen);
  const { watch } = environment();
  if (watch === null) throw new Error("the environment of the test is not watched");
  const plan = { ...of.deployment.plan, watch: { ...watch, onRegression: policy } };
  return { ...of, deployment: { ...of.deployment, plan } };
}

test.each([
  ["offer", regressed("errors"), "does harm. Greenlight waits for somebody."],
  ["offer", regressed("errors", false), "did harm. Greenlight waits for somebody."],
  ["shadow", regressed("errors"), "is watched until"],
] as const)("Home asks nobody about what is only recorded, under %s", (policy, seen, says) => {
  const item = { kind: "deployment", card: under(policy, seen), at: null, may: ["roll_back", "keep_watching"] } as const;
  const told = JSON.stringify(runningRow(item, { ...context, linkOf: () => null }));
  expect(told).toContain(says);
  expect(told.includes("Roll back")).toBe(policy === "offer");
});

describe("under shadow", () => {
  test.each([
    [regressed("errors"), "errors rose"],
    [regressed("down"), "the site does not answer"],
    [regressed("slow"), "it is slow"],
    [regressed("down", false), "the site answers again"],
  ])("a regression is told as what it is: %#", (seen, says) => {
    const { text } = renderCard(under("shadow", seen), context);
    expect(text).toMatch(new RegExp(`Live since [^.]*, ${says}\\.`, "u"));
  });
});

const looked = { look: 1, at: NOW } as const;
const sentryAway: Measurement = { ...looked, monitor: "sentry", kind: "gap", because: "Sentry is away" };
const probeAway: Measurement = { ...looked, monitor: "http", kind: "gap", because: "the bot's own network failed" };
const answers: Measurement = { ...looked, monitor: "http", kind: "site", up: true, latencyMs: 20, detail: "HTTP 200" };

test.each([
  { looks: [sentryAway, probeAway], says: "but nothing can be measured", told: /Sentry is away; the bot's own network failed/iu },
  { looks: [probeAway], says: "but nothing can be measured", told: /the bot's own network failed/iu },
  { looks: [sentryAway, answers], says: "no problem seen so far", told: /Sentry is away/iu },
])("who saw nothing is named, and with nobody left no calm is claimed: $says", ({ looks, says, told }) => {
  const { text } = renderCard(watching(verdict("inconclusive"), looks), context);
  expect(text).toContain(says);
  expect(text).toMatch(told);
});

test("a single look at a site that does not answer takes not the place of what regressed", () => {
  const errors = regressed("errors");
  const once = { ...errors, figures: { ...errors.figures, siteUp: false } };
  expect(stillHappening(once)).toBe("Still happening: 76 errors a minute, before 0.3.");
  expect(stillHappening({ ...once, troubles: ["down", "errors"] })).toBe("Still happening: the site does not answer.");
});

test.each([
  [{}, "Still happening at the end of the watch: 76 errors a minute, before 0.3. It stays live: nobody rolled it back."],
  [{ cutShortBy: 813 }, "Still happening when #813 took its place: 76 errors a minute, before 0.3. Nobody had rolled it back. Errors:"],
])("a card that has ended with a regression says as of when: %j", (over, says) => {
  const state = { state: "regressed", at: NOW, because: "", by: null, verdict: regressed("errors"), ...over } as const;
  expect(renderCard(card(state), context).text).toContain(says);
});
