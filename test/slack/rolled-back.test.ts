import { expect, test } from "vitest";
import type { Aftermath } from "../../src/domain/aftermath.ts";
import type { DeploymentCard } from "../../src/domain/card.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { after, NOW } from "./shop.ts";
import { everyCard } from "./cards.ts";

const AGAIN = "The earlier version";

/** The card of a rollback of which this became. */
function rolledBack(known: Partial<Aftermath>, compareUrl: string | null = null): DeploymentCard {
  const card = everyCard()["rolled_back"];
  if (card?.kind !== "deployment" || card.rollback === null) throw new Error("it is not rolled back");
  const { deployment, rollback } = card;
  const changes = { ...deployment.changes, compareUrl, complete: true };
  return { ...card, deployment: { ...deployment, changes }, rollback: { ...rollback, aftermath: after({ lastErrorAt: null, ...known }) } };
}

const buttons = (card: DeploymentCard) => JSON.stringify(drawn(card).blocks);
const drawn = (card: DeploymentCard) => renderCard(card, { now: NOW, timezone: "UTC" });

test.each<[string, Partial<Aftermath>, RegExp]>([
  ["what was slow is as fast as before", { over: ["slow"] }, /in production\. It is as fast as before\. The earlier version/u],
  ["all of it is over", { over: ["down", "errors"] }, /The site answers again and the errors have stopped\. The earlier version/u],
  [
    "a part goes on",
    { over: ["down"], goesOn: ["errors"] },
    /The site answers again, but the errors have not stopped, so it was probably not this deployment\. The earlier version/u,
  ],
  ["nobody can tell yet", { open: ["down"] }, /since .*\. Greenlight looks whether the site answers again\./u],
  [
    "the errors are over, and whether it is fast again nobody can tell yet",
    { over: ["errors"], open: ["slow"] },
    /in production\. The errors have stopped\. The earlier version .* Greenlight looks whether it becomes as fast as before\./u,
  ],
  ["nobody can ever tell", { unverified: ["requests"] }, /since .*\. Whether fewer requests fail is not verified\./u],
  [
    "a part nobody can measure",
    { over: ["errors"], unverified: ["requests"] },
    /The errors have stopped\. Whether fewer requests fail is not verified\. The earlier version/u,
  ],
])("the card of a rollback says no more than was seen: %s", (_name, known, says) => {
  const { text } = drawn(rolledBack(known));
  expect(text).toMatch(says);
  expect(text).toContain(AGAIN);
  const ofErrors = [...(known.over ?? []), ...(known.goesOn ?? [])].includes("errors");
  expect(text.includes("errors")).toBe(ofErrors);
});

test("the request that brought it is a press away, unless it was not the cause", () => {
  const at = "https://git.acme.test/acme/shop/compare/a...b";
  expect(buttons(rolledBack({ over: ["errors"] }, at))).toContain("https://git.acme.test/acme/shop/pull/412");
  expect(buttons(rolledBack({ goesOn: ["errors"] }, at))).not.toContain("link_revert");
  expect(buttons(rolledBack({ over: ["errors"] }))).not.toContain("link_revert");
});
