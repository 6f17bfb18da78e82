import { expect, test } from "vitest";
import { parseSha } from "../../src/domain/ids.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { paceLine } from "../../src/slack/render/parts.ts";
import { context } from "./shop.ts";
import { everyCard } from "./cards.ts";

const BOB = { name: "Bob", email: null, login: "bob", slackId: null };

function revision(letter: string) {
  const parsed = parseSha(letter.repeat(40));
  if (parsed === null) throw new Error("no revision");
  return parsed;
}

const change = { revision: revision("a"), title: "SHOP-1 pay by card", author: BOB, url: null, pullRequest: null };
const changes = { changes: [change, change], complete: true, behind: 0, compareUrl: null, authors: [] };

test.each([
  ["2026-03-02T10:00:00Z", null],
  ["2026-03-01T09:00:00Z", "2 changes, 1 day since the last."],
  ["2026-02-27T11:00:00Z", "2 changes, 2 days since the last."],
])("small and often: what was live since %s", (since, words) => {
  expect(paceLine(changes, { since: new Date(since) }, new Date("2026-03-02T10:30:00Z"))).toBe(words);
});

test("a ticket is a link beside the title", () => {
  const { approval } = everyCard();
  if (approval?.kind !== "deployment") throw new Error("no card that asks");
  const tickets = [{ key: "SHOP-1", url: "https://tracker.acme.test/browse/SHOP-1" }];
  const model = { ...approval, deployment: { ...approval.deployment, changes: { ...changes, changes: [{ ...change, tickets }] } } };
  const drawn = JSON.stringify(renderCard(model, context).blocks);
  expect(drawn).toContain('{"type":"link","url":"https://tracker.acme.test/browse/SHOP-1","text":"SHOP-1"}');
});

test("the approval says that it is ready for where it goes", () => {
  const { approval } = everyCard();
  if (approval?.kind !== "deployment") throw new Error("no card that asks");
  const said = (ready: boolean): string => renderCard({ ...approval, ready }, context).text;
  expect(said(true)).toContain("Production-ready: all that production requires is met.");
  expect(said(false)).not.toContain("Production-ready");
});

test("a run's card says what CI deployed, what is ready and what was tested in vain", () => {
  const { tests_passed: passed, ...others } = everyCard();
  const run = [passed, ...Object.values(others)].find((card) => card?.kind === "run");
  if (run?.kind !== "run") throw new Error("no card of a run");
  const at = new Date("2026-11-23T09:00:00Z");
  const base = { requires: [], approvers: ["@owners"], deployment: null };
  const path = [
    { ...base, environment: "staging", mode: "by_ci" as const, observed: { state: "live" as const, at, url: "https://git.test/d/1" } },
    { ...base, environment: "preview", mode: "by_ci" as const, observed: { state: "failed" as const, at, url: null } },
    { ...base, environment: "europe", mode: "approval" as const, ready: true },
    {
      ...base,
      environment: "asia",
      mode: "approval" as const,
      doubt: "Stage e2e is stale: staging got another version (aaaaaaa) while it ran.",
    },
  ];
  const drawn = JSON.stringify(renderCard({ ...run, validation: null, path }, context).blocks);
  expect(drawn).toContain("deployed <https://git.test/d/1|by CI>");
  expect(drawn).toContain("*Preview* was not deployed by CI: it failed at");
  expect(drawn).toContain("*Europe* *Europe-ready*, after a yes from @owners");
  expect(drawn).toContain(":warning: *Asia* Stage e2e is stale: staging got another version (aaaaaaa) while it ran.");
});
