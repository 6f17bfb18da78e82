import { expect, test } from "vitest";
import type { WhyReason } from "../../src/domain/answers.ts";
import { answerText } from "../../src/cli/answer.ts";

const NOW = new Date("2026-11-24T09:15:00Z");
const VERSION = { revision: "9f3c2ab".padEnd(40, "0"), title: "feat(pay): pay with Bancontact" };
const LOCK: WhyReason = { rule: "lock", text: "Ann holds it: the sale is on", owner: "Ann", liftsAt: NOW, lifts: "She unlocks it." };

test("the questions of the command are answered line by line on a terminal", () => {
  const entry = { number: 812, kind: "deploy", state: "succeeded_unverified", because: "not watched", at: NOW, tookMs: 118_000 } as const;
  const who = { askedBy: "Bob", approvedBy: ["Ann"], overriddenBy: [], rollsBack: null, rolledBackBy: { number: 813, by: "Eve" } };
  expect(
    answerText({
      kind: "history",
      app: "shop",
      environments: [{ environment: "production", more: true, entries: [{ ...VERSION, ...entry, ...who }] }],
      now: NOW,
    }),
  ).toBe(
    [
      "shop production: the last 1",
      "  #812 succeeded unverified: 9f3c2ab000000000000000000000000000000000 feat(pay): pay with Bancontact, 2026-11-24T09:15:00.000Z, took 118 s; asked for by Bob, approved by Ann; rolled back by Eve with #813; because not watched",
    ].join("\n"),
  );
  expect(
    answerText({
      kind: "why",
      app: "shop",
      branch: "main",
      command: "/deploy",
      newest: VERSION,
      environments: [
        { environment: "staging", stand: { kind: "free", words: "shop staging" }, instead: null },
        {
          environment: "production",
          stand: { kind: "stopped", reasons: [LOCK], opensAt: new Date(NOW.getTime() + 60_000) },
          instead: null,
        },
      ],
      now: NOW,
    }).split("\n"),
  ).toEqual([
    "shop, newest on main: 9f3c2ab000000000000000000000000000000000 feat(pay): pay with Bancontact",
    "  staging: nothing stands in its way: greenlight deploy shop staging --reason TEXT",
    "  production: not yet",
    "    why: Ann holds it: the sale is on Lifts at 2026-11-24T09:15:00.000Z. She unlocks it.",
    "    all that ends by the clock is over at 2026-11-24T09:16:00.000Z",
  ]);
  expect(answerText({ kind: "queue", app: null, environments: [], now: NOW })).toBe("Nothing runs and nothing waits.");
});

test("a difference names what is older than its lines, and what waits", () => {
  const part = {
    environment: "production",
    live: { ...VERSION, since: NOW },
    mixed: false,
    byCi: false,
    candidate: VERSION,
    changes: {
      total: 500,
      complete: false,
      behind: 2,
      titles: [
        { title: "feat: one", author: "Bob", url: null },
        { title: "feat: two", repository: "acme/shop-theme", author: "Bob", url: null },
      ],
      authors: ["Bob"],
      compareUrl: "https://git.acme.test/compare",
      comparisons: [{ repository: "acme/shop-theme", url: "https://git.acme.test/theme" }],
    },
    next: { ...VERSION, waitsFor: [{ rule: "requirements", text: "Stage build is running.", owner: null, liftsAt: null }] },
  } as const;
  const text = answerText({ kind: "diff", app: "shop", environments: [part], now: NOW });
  for (const words of [
    "at least 500 changes by Bob",
    "    feat: one (Bob)",
    "    acme/shop-theme: feat: two (Bob)",
    "  acme/shop-theme: https://git.acme.test/theme",
    "    and 498 older",
    "leaves out 2 commits",
    "    waits: Stage build is running.",
  ])
    expect(text).toContain(words);
});
