import { describe, expect, test } from "vitest";
import type { DeploymentCard } from "../../src/domain/card.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { renderPlainHome } from "../../src/slack/render/home.ts";
import { card, context, environment, inMinutes, NOW, verdict } from "./cards.ts";

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

describe("why a regression waits for a person where Greenlight may roll back by itself", () => {
  const bad = verdict("regressed");
  test.each([
    { name: "it has stopped", found: { ...bad, ongoing: false }, undo: "yes", says: "only while it goes on" },
    { name: "too weak to act on", found: { ...bad, level: "propose" }, undo: "yes", says: "it is not sure enough" },
    { name: "not safe to undo", found: bad, undo: "no", says: "it rolls back only what is safe to undo" },
    { name: "it did so a moment ago", found: bad, undo: "yes", says: "less than six hours ago" },
  ] as const)("$name", ({ found, undo, says }) => {
    const watching = { state: "watching", until: inMinutes(24), verdict: found, keptBy: null, noSecondCountdown: false } as const;
    const { watch } = environment();
    if (watch === null) throw new Error("the environment of the test is not watched");
    const of = {
      ...card(watching),
      environment: { ...environment(), watch: { ...watch, onRegression: "rollback" as const } },
      undo: { kind: undo, because: "a reason" },
    };
    expect(renderCard(of, { ...context, now: NOW }).text).toContain(says);
  });
});

test("a Home tab that cannot be shown names the command as it is called here", () => {
  const shown = JSON.stringify(renderPlainHome("/ship"));
  expect(shown).toContain("`/ship status`");
  expect(shown).not.toContain("/deploy");
});
