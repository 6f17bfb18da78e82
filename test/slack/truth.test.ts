import { describe, expect, test } from "vitest";
import { checkBlocks } from "../../sandbox/slack/block-kit/validate.ts";
import type { DeploymentCard } from "../../src/domain/card.ts";
import type { Verdict } from "../../src/domain/measurement.ts";
import { encodeValue, pressedOf } from "../../src/slack/action-value.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { renderPlainHome } from "../../src/slack/render/home.ts";
import { ann, context, environment, inMinutes, minutesAgo, NOW, verdict } from "./shop.ts";
import { card } from "./card.ts";
import { everyCard } from "./cards.ts";

/** What a card claims where it would be easy to claim too much. */

const asking = card({ state: "awaiting_approval", expiresAt: inMinutes(1440), voided: null });

function confirmOf(of: DeploymentCard): { readonly title: string; readonly text: string } {
  const buttons = renderCard(of, context).blocks.flatMap((block) => (block.type === "actions" ? block.elements : []));
  const asks = buttons.flatMap((one) => (one.type === "button" && one.confirm !== undefined ? [one.confirm] : []))[0];
  return { title: asks?.title?.text ?? "", text: asks?.text.text ?? "" };
}

function withChanges(over: Partial<DeploymentCard["deployment"]["changes"]>, from = asking.deployment.from): DeploymentCard {
  return { ...asking, deployment: { ...asking.deployment, from, changes: { ...asking.deployment.changes, ...over } } };
}

describe("what a yes is asked for", () => {
  test.each([
    { of: asking, title: "Deploy 3 changes to production?" },
    { of: withChanges({ complete: false }), title: "Deploy at least 3 changes to production?" },
    { of: withChanges({ changes: [], complete: false }), title: "Deploy this version to production?" },
    { of: withChanges({ changes: [] }, null), title: "Deploy the first version to production?" },
  ])("$title", ({ of, title }) => {
    expect(confirmOf(of).title).toBe(title);
  });

  test.each([
    { kind: "yes", says: "You can roll back at any time." },
    { kind: "code_only", says: "not the database" },
    { kind: "no", says: "Code alone cannot go back" },
    { kind: "unknown", says: "Nobody knows whether it is safe to roll back." },
  ] as const)("safe to undo: $kind", ({ kind, says }) => {
    expect(confirmOf({ ...asking, undo: { kind, because: "a reason" } }).text).toContain(says);
  });
});

type Policy = "shadow" | "offer" | "rollback";

function watchUnder(onRegression: Policy) {
  const { watch } = environment();
  if (watch === null) throw new Error("the environment of the test is not watched");
  return { ...watch, onRegression };
}

/** A regression in its watch, deployed under this policy. */
function regressionUnder(policy: Policy, found: Verdict): DeploymentCard {
  const seen = card({ state: "watching", until: inMinutes(24), verdict: found, keptBy: null, noSecondCountdown: false });
  return { ...seen, deployment: { ...seen.deployment, plan: { ...seen.deployment.plan, watch: watchUnder(policy) } } };
}

describe("why a regression waits for a person where Greenlight may roll back by itself", () => {
  const bad = verdict("regressed");
  test.each([
    { name: "it has stopped", found: { ...bad, ongoing: false }, undo: "yes", says: "only while it goes on" },
    { name: "too weak to act on", found: { ...bad, level: "propose" }, undo: "yes", says: "it is not sure enough" },
    { name: "not safe to undo", found: bad, undo: "no", says: "it rolls back only what is safe to undo" },
    { name: "it did so a moment ago", found: bad, undo: "yes", spent: 808, says: "less than six hours ago (#808)" },
    { name: "nothing of that is known", found: bad, undo: "yes", says: "Greenlight waits for you. Since" },
  ] as const)("$name", ({ found, undo, says, ...fact }) => {
    const of = { ...regressionUnder("rollback", found), undo: { kind: undo, because: "a reason" }, ...fact };
    expect(renderCard(of, { ...context, now: NOW }).text).toContain(says);
  });

  test.each([
    { held: { countdownHeld: "unseen" }, says: "Nobody could see the countdown, so it was stopped. Greenlight waits for you." },
    {
      held: { countdownHeld: "not_configured" },
      says: "The configuration left the environment out, so the countdown was stopped. Greenlight waits for you.",
    },
    { held: {}, says: "The countdown was stopped. Greenlight waits for you." },
  ] as const)("its countdown was stopped by no person: $held.countdownHeld", ({ held, says }) => {
    const of = regressionUnder("rollback", bad);
    const state = { state: "watching", until: inMinutes(24), verdict: bad, keptBy: null, noSecondCountdown: true, ...held } as const;
    const { text } = renderCard({ ...of, deployment: { ...of.deployment, state } }, context);
    expect(text).toContain(says);
    expect(text.includes("Nobody could see")).toBe(says.includes("Nobody could see"));
  });

  test("by the plan that it was deployed with, not by what was configured since", () => {
    const [rollback, offer] = [watchUnder("rollback"), watchUnder("offer")].map((watch) => ({ ...environment(), watch }));
    if (rollback === undefined || offer === undefined) throw new Error("no environments");
    const [planned, configured] = [regressionUnder("offer", bad), regressionUnder("rollback", bad)];
    expect(renderCard({ ...planned, environment: rollback }, context).text).toContain("it does not roll back by itself here");
    expect(renderCard({ ...configured, environment: offer }, context).text).not.toContain("it does not roll back by itself");
    expect(renderCard({ ...regressionUnder("shadow", bad), environment: offer }, context).text).not.toContain("Regression seen");
  });
});

test.each([
  { keptBy: null, wayBack: true, labels: ["Roll back to 4c1e77d", "I’m on it", "Keep and watch"] },
  { keptBy: ann, wayBack: true, labels: ["Roll back to 4c1e77d", "I’m on it", "Open Sentry"] },
  { keptBy: null, wayBack: false, labels: ["Open Sentry", "I’m on it", "Keep and watch"] },
  { keptBy: ann, wayBack: false, labels: ["Open Sentry", "I’m on it"] },
])("Slack takes a regression's buttons, kept by $keptBy.name, with a way back: $wayBack", ({ keptBy, wayBack, labels }) => {
  const kept = card({ state: "watching", until: inMinutes(24), verdict: verdict("regressed"), keptBy, noSecondCountdown: keptBy !== null });
  const { blocks } = renderCard(wayBack ? kept : { ...kept, wayBack: null }, context);
  expect(checkBlocks(blocks, "message", "/blocks")).toEqual([]);
  const buttons = blocks.flatMap((block) => (block.type === "actions" ? block.elements : []));
  expect(buttons.flatMap((one) => (one.type === "button" ? [one.text.text] : []))).toEqual(labels);
});

describe("what calls a person can be taken by one, for the deployment that is called for", () => {
  const cards = everyCard();
  const offered = (name: string, over: Partial<DeploymentCard> = {}) => {
    const shown = cards[name];
    if (shown?.kind !== "deployment") throw new Error(`no card ${name}`);
    const about = encodeValue(pressedOf(shown.deployment));
    const { blocks } = renderCard({ ...shown, ...over }, context);
    const all = blocks.flatMap((block) => (block.type === "actions" ? block.elements : []));
    const offers = all.flatMap((one) =>
      one.type === "button"
        ? [{ label: one.text.text, value: one.value }]
        : one.type === "overflow"
          ? one.options.map(({ text, value }) => ({ label: text.text, value }))
          : [],
    );
    return offers.filter(({ label, value }) => label === "I’m on it" && value === about).length;
  };

  test.each(["regression", "countdown", "needs_attention", "held", "rollback_stuck", "regressed"])("%s", (name) => {
    expect(offered(name)).toBe(1);
    expect(offered(name, { onIt: { actor: ann, at: minutesAgo(1) } })).toBe(0);
  });

  test("where a button that takes the schema back has its place, it is in the menu", () => {
    const back = cards["regression_schema"];
    if (back?.kind !== "deployment") throw new Error("no card whose schema goes back");
    expect(offered("needs_attention", { undo: back.undo })).toBe(1);
  });

  test.each(["watching", "succeeded", "failed", "rolled_back"])("%s calls nobody", (name) => {
    expect(offered(name)).toBe(0);
  });
});

test("a Home tab that cannot be shown names the command as it is called here", () => {
  const shown = JSON.stringify(renderPlainHome("/ship"));
  expect(shown).toContain("`/ship status`");
  expect(shown).not.toContain("/deploy");
});
