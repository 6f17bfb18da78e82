import { describe, expect, test } from "vitest";
import { releaseNote } from "../../src/domain/release-note.ts";
import { tooMuchWaits, weekToTellIn } from "../../src/domain/small.ts";
import { withTickets } from "../../src/domain/tickets.ts";
import { NOTHING, sha } from "./model.ts";

const BOB = { name: "Bob", email: null, login: "bob", slackId: null };

describe("the release note of a description", () => {
  test.each([
    ["a line of its own", "Fixes it.\r\n\r\nRelease-note: Pay by card again\r\nCloses #4", "Pay by card again"],
    ["in any letters", "release notes:   Pay by card  ", "Pay by card"],
    ["none of it", "Fixes it.", null],
    ["said to be none", "Release-note: none", null],
    ["empty", "Release-note:\nPay", null],
    ["in the middle of a sentence", "See Release-note: x", null],
    ["no description", null, null],
  ])("%s", (_what, description, note) => {
    expect(releaseNote(description)).toBe(note);
  });
});

test("tickets are found in the title, or in the one that a release note took the place of", () => {
  const tickets = { pattern: "SHOP-[0-9]+", url: "https://tracker.acme.test/browse/{ticket}" };
  const change = { revision: sha(1), author: BOB, url: null, pullRequest: null };
  const changes = [
    { ...change, title: "SHOP-12 Pay by card, see SHOP-9 and SHOP-12" },
    { ...change, title: "You can pay by card", was: "fix(pay): SHOP-7" },
    { ...change, title: "Update Django" },
  ];
  const linked = withTickets(tickets, { ...NOTHING, changes }).changes.map((one) => one.tickets?.map((ticket) => ticket.url) ?? null);
  expect(linked).toEqual([
    ["https://tracker.acme.test/browse/SHOP-12", "https://tracker.acme.test/browse/SHOP-9"],
    ["https://tracker.acme.test/browse/SHOP-7"],
    null,
  ]);
});

test.each([
  ["few and young", { changes: 15, days: 5 }, null],
  [
    "too many",
    { changes: 16, days: 0 },
    "shop: 16 changes wait for production, the oldest less than a day. Small ones are easier to undo.",
  ],
  ["too old", { changes: 1, days: 8 }, "shop: 1 change waits for production, the oldest 8 days. Small ones are easier to undo."],
])("small and often: %s", (_what, waits, words) => {
  expect(tooMuchWaits({ changes: 15, days: 5 }, { app: "shop", environment: "production", ...waits })).toBe(words);
});

test.each([
  ["in the morning", "2026-11-24T09:30:00Z", "2026-48"],
  ["at night in that zone", "2026-11-24T19:30:00Z", null],
  ["on a Sunday", "2026-11-29T11:30:00Z", null],
  ["the first days of a year belong to the week that they are of", "2027-01-01T11:00:00Z", "2026-53"],
])("told once a week: %s", (_what, now, week) => {
  expect(weekToTellIn(new Date(now), "Europe/Brussels")).toBe(week);
});
