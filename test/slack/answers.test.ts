import { describe, expect, test } from "vitest";
import { checkBlocks } from "../../sandbox/slack/block-kit/validate.ts";
import type { DiffAnswer, HistoryAnswer, QueueAnswer, WhyAnswer, WhyReason } from "../../src/domain/answers.ts";
import { FINAL_STATES, type StateName } from "../../src/domain/deployment.ts";
import type { Answer, StatusRow } from "../../src/domain/intent.ts";
import { LIMITS } from "../../src/slack/limits.ts";
import { renderAnswer } from "../../src/slack/render/answer.ts";
import type { Rendered } from "../../src/slack/render/drawing.ts";
import { inMinutes, minutesAgo, NOW, sha } from "./cards.ts";
import { CALLS, HIDES, HOSTILE } from "./hostile.ts";
import { LONGEST } from "./worst.ts";

/** Words that people, commits and configurations bring; `many` of everything. */
type Said = { readonly name: string; readonly title: string; readonly url: string; readonly many: number };
type Shown = Exclude<Answer, { readonly kind: "log_file" }>;
const CALM: Said = { name: "shop", title: "feat(pay): pay with Bancontact (#412)", url: "https://git.acme.test/shop", many: 1 };

const STATES: readonly StateName[] = [
  ...FINAL_STATES,
  "awaiting_approval",
  "queued",
  "executing",
  "cancelling",
  "needs_attention",
  "watching",
  "countdown",
];

function times<Value>(many: number, value: (index: number) => Value): readonly Value[] {
  return Array.from({ length: many }, (_, index) => value(index));
}

function place(said: Said, index: number): string {
  return said === CALM ? "production" : `${said.name}-${index}`;
}

function history(said: Said): HistoryAnswer {
  return {
    kind: "history",
    app: said.name,
    environments: times(said.many, (index) => ({
      environment: place(said, index),
      more: said.many > 1,
      entries: times(said === CALM ? 3 : 10, (at) => ({
        number: 812 - at,
        kind: at === 1 ? "rollback" : "deploy",
        state:
          said === CALM
            ? ((["watching", "succeeded", "regressed"] as const)[at % 3] ?? "failed")
            : (STATES[(index + at) % STATES.length] ?? "failed"),
        revision: sha("9f3c2ab"),
        title: said.title,
        because: at === 0 ? null : said.title,
        at: minutesAgo(60 + at),
        tookMs: 118_000,
        askedBy: said === CALM ? "Bob" : said.name,
        approvedBy: times(said.many, () => (said === CALM ? "Ann" : said.name)),
        overriddenBy: said === CALM ? [] : [said.name],
        rollsBack: at === 1 ? 810 : null,
        rolledBackBy: at === 2 ? { number: 811, by: said === CALM ? "Eve" : said.name } : null,
      })),
    })),
    now: NOW,
  };
}

function diff(said: Said): DiffAnswer {
  const version = { revision: sha("9f3c2ab"), title: said.title };
  return {
    kind: "diff",
    app: said.name,
    environments: times(said.many, (index) => ({
      environment: place(said, index),
      live: { revision: sha("4c1e77d"), title: "Faster product search", since: minutesAgo(1400) },
      mixed: said.many > 1,
      byCi: said.many > 1 && index === 1,
      candidate: version,
      changes: {
        total: said === CALM ? 2 : 500,
        complete: said === CALM,
        behind: said === CALM ? 0 : 40,
        titles: times(said === CALM ? 2 : 20, () => ({ title: said.title, author: said === CALM ? "Bob" : said.name, url: said.url })),
        authors: times(said === CALM ? 1 : 11, () => (said === CALM ? "Bob" : said.name)),
        compareUrl: said.url,
      },
      next: {
        ...version,
        revision: sha("71d0e2c"),
        waitsFor: reasons(said).map((reason) => ({ ...reason, rule: "requirements" as const })),
      },
    })),
    now: NOW,
  };
}

function reasons(said: Said): readonly WhyReason[] {
  return times(said === CALM ? 1 : 40, () => ({
    rule: "lock",
    text: said === CALM ? "Ann holds it: the sale is on" : said.title,
    owner: said === CALM ? "Ann" : said.name,
    liftsAt: inMinutes(60),
    lifts: said === CALM ? "They type `/deploy unlock shop production`." : said.title,
  }));
}

function why(said: Said): WhyAnswer {
  const stands: WhyAnswer["environments"][number]["stand"][] = [
    { kind: "stopped", reasons: reasons(said), opensAt: said === CALM ? inMinutes(60) : inMinutes(90) },
    { kind: "free", words: `${said.name} production` },
    { kind: "live", since: minutesAgo(60) },
    { kind: "on_its_way", number: 812, state: "executing" },
    { kind: "by_ci" },
  ];
  return {
    kind: "why",
    app: said.name,
    branch: said === CALM ? "main" : said.name,
    command: "/deploy",
    newest: { revision: sha("9f3c2ab"), title: said.title },
    environments: times(said === CALM ? 5 : 5 * said.many, (index) => ({
      environment: place(said, index),
      stand: stands[index % 5] ?? { kind: "by_ci" },
      instead: index % 5 === 0 ? { revision: sha("4c1e77d"), title: said.title, words: `${said.name} production` } : null,
    })),
    now: NOW,
  };
}

function queue(said: Said): QueueAnswer {
  const line = (number: number, state: StateName) => ({
    number,
    kind: "deploy" as const,
    state,
    revision: sha("9f3c2ab"),
    title: said.title,
    askedBy: said === CALM ? "Bob" : said.name,
  });
  return {
    kind: "queue",
    app: null,
    environments: times(said.many, (index) => ({
      app: said.name,
      environment: place(said, index),
      running: [{ ...line(812, "executing"), since: minutesAgo(1), usualMs: 120_000 }],
      waiting: times(said === CALM ? 2 : 64, (at) => ({
        ...line(813 + at, at === 0 ? "queued" : "awaiting_approval"),
        place: at === 0 ? "next" : null,
        since: minutesAgo(5),
        blockers: reasons(said),
        startsAt: at === 0 ? inMinutes(1) : null,
        expiresAt: at === 0 ? null : inMinutes(1440),
      })),
    })),
    now: NOW,
  };
}

function help(said: Said, about: string | null): Shown {
  const apps = times(said.many, (index) => (said === CALM ? "shop" : `${said.name}${index}`));
  return {
    kind: "help",
    command: "/deploy",
    apps,
    about,
    example: { app: said.name, environment: place(said, 0), before: place(said, 1) },
  };
}

function status(said: Said): Shown {
  const row: StatusRow = {
    app: said.name,
    environment: "production",
    live: { revision: "9f3c2ab", since: minutesAgo(60), title: said.title, source: "ours" },
    mixed: true,
    current: { number: 812, state: "executing", revision: "9f3c2ab", title: said.title },
    lock: { owner: said.name, reason: said.title, until: inMinutes(60) },
    freeze: { owner: said.name, reason: said.title, until: inMinutes(60) },
    hosts: times(64, (index) => ({ host: `${index}.${said.name}`, recorded: "9f3c2ab", said: { kind: "silent", because: said.title } })),
  };
  return { kind: "status", rows: times(60, () => row), now: NOW };
}

function everyAnswer(said: Said): readonly Shown[] {
  return [history(said), diff(said), why(said), queue(said), help(said, null), help(said, "lock"), status(said)];
}

function rendered(answer: Shown): Rendered {
  return renderAnswer(answer, { now: NOW });
}

/** What stands in its sections. */
function words({ blocks }: Rendered): string {
  return blocks.map((block) => (block.type === "section" ? (block.text?.text ?? "") : "")).join("\n");
}

/** As somebody in UTC would read it. */
function read(answer: Shown): string {
  return words(rendered(answer)).replace(/<!date\^\d+\^[^|>]*\|([^>]*)>/gu, "$1");
}

describe("an answer reads as a colleague would say it", () => {
  test("history: how it ended, what it was, who wanted it, when, and what took it back", () => {
    expect(read(history(CALM)).split("\n")).toEqual([
      "*shop in production*:",
      ":large_green_circle: *#812* is watched after 1 min 58 s: Pay with Bancontact, `9f3c2ab`. Asked for by Bob, approved by Ann, 08:15 UTC.",
      ":white_check_mark: *#811* was healthy after 1 min 58 s: rollback of #810 to Pay with Bancontact, `9f3c2ab`. Asked for by Bob, approved by Ann, 08:14 UTC.",
      ":red_circle: *#810* regressed after 1 min 58 s: Pay with Bancontact, `9f3c2ab`. Asked for by Bob, approved by Ann, 08:13 UTC. Because: feat(pay): pay with Bancontact (#412).",
      "   :arrows_counterclockwise: rolled back by Eve with #811",
    ]);
  });

  test("diff: what is live, what would come, whose it is, and what is newer still", () => {
    expect(read(diff(CALM)).split("\n")).toEqual([
      "*shop to production*: live is `4c1e77d` Faster product search, since Mon 23 Nov 09:55 UTC. The newest that may go there is `9f3c2ab` Pay with Bancontact.",
      "*2 changes* by Bob:",
      "• <https://git.acme.test/shop|Pay with Bancontact>, Bob",
      "• <https://git.acme.test/shop|Pay with Bancontact>, Bob",
      "<https://git.acme.test/shop|Compare>",
      ":hourglass_flowing_sand: Newer, but it may not go there yet: `71d0e2c` Pay with Bancontact. Ann holds it: the sale is on.",
    ]);
  });

  test("why: one line a reason with its owner, its end and what lifts it", () => {
    expect(read(why(CALM)).split("\n").slice(0, 5)).toEqual([
      "*The newest version of shop* on main is `9f3c2ab` Pay with Bancontact.",
      ":double_vertical_bar: *Production*: not yet, because",
      "• Ann holds it: the sale is on. Until 10:15 UTC. They type `/deploy unlock shop production`.",
      "   `4c1e77d` Pay with Bancontact may go there now: type `/deploy shop production`.",
      ":large_green_circle: *Production*: nothing stands in its way. Type `/deploy shop production`.",
    ]);
  });

  test("queue: what runs, whose turn it is, when it starts and what it waits for", () => {
    expect(read(queue(CALM)).split("\n")).toEqual([
      "*shop to production*",
      ":hourglass_flowing_sand: *#812* `9f3c2ab` Pay with Bancontact is deploying, 1 min of about 2 min.",
      ":double_vertical_bar: *#813* `9f3c2ab` Pay with Bancontact waits, next, since 09:10 UTC, asked for by Bob. It starts at about 09:16 UTC.",
      "   • Ann holds it: the sale is on. Until 10:15 UTC. They type `/deploy unlock shop production`.",
      ":double_vertical_bar: *#814* `9f3c2ab` Pay with Bancontact waits for a yes, since 09:10 UTC, asked for by Bob. It can be approved until Wed 25 Nov 09:15 UTC.",
      "   • Ann holds it: the sale is on. Until 10:15 UTC. They type `/deploy unlock shop production`.",
    ]);
  });

  test("help: one screen with names that exist, and more of one word", () => {
    const all = read(help(CALM, null));
    expect(all.split("\n").length).toBeLessThanOrEqual(32);
    for (const line of [
      "`/deploy shop production`",
      "`/deploy why shop production`",
      "`/deploy looks-good shop production`",
      "buttons on the card",
    ])
      expect(all).toContain(line);
    expect(read(help(CALM, "lock"))).toContain("`/deploy lock APP ENVIRONMENT [REASON] [for 2h]`");
    expect(read(help(CALM, "lock"))).toContain("until fri");
  });

  test("nothing to say is said", () => {
    expect(read({ kind: "queue", app: "shop", environments: [], now: NOW })).toBe("Nothing runs and nothing waits of shop.");
    expect(read({ ...why(CALM), newest: null })).toContain("Nothing is known of shop yet");
    expect(read({ ...history(CALM), environments: [{ environment: "staging", entries: [], more: false }] })).toBe(
      "*shop in staging*: nothing was deployed yet.",
    );
  });
});

test.each<[string, Said]>([
  ["as much as there can be, with the longest names", { name: LONGEST.name, title: LONGEST.title, url: LONGEST.url, many: 60 }],
  ["one of each", CALM],
  ...HOSTILE.map((title, index): [string, Said] => [
    `hostile set ${index}`,
    { name: HOSTILE[(index + 1) % HOSTILE.length] ?? "x", title, url: "javascript:alert(1)|>", many: 3 },
  ]),
])("%s is never refused by Slack, calls nobody and hides nothing", (_name, said) => {
  for (const answer of everyAnswer(said)) {
    const { blocks, text } = rendered(answer);
    expect([answer.kind, checkBlocks(blocks, "message", "/blocks")]).toEqual([answer.kind, []]);
    expect(blocks.length).toBeLessThanOrEqual(LIMITS.blocks);
    expect(text.length).toBeLessThanOrEqual(LIMITS.messageText);
    expect(text.trim()).not.toBe("");
    expect(`${text}${words({ blocks, text })}`).not.toMatch(CALLS);
    expect(JSON.stringify({ blocks, text })).not.toMatch(HIDES);
    expect(JSON.stringify({ blocks, text })).not.toContain("<javascript:");
  }
});
