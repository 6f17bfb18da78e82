import type { DiffAnswer, HistoryAnswer, QueueAnswer, WhyAnswer, WhyReason } from "../../src/domain/answers.ts";
import { FINAL_STATES, type StateName } from "../../src/domain/deployment.ts";
import type { Answer, StatusRow } from "../../src/domain/intent.ts";
import { inMinutes, minutesAgo, NOW, sha, verdict } from "./shop.ts";
import { LONGEST } from "./worst.ts";

/** Answers to questions as the engine would give them, in any words. */

/** Words that people, commits and configurations bring; `many` of everything. */
export type Said = { readonly name: string; readonly title: string; readonly url: string; readonly many: number };
export type Shown = Exclude<Answer, { readonly kind: "log_file" }>;
export const CALM: Said = { name: "shop", title: "feat(pay): pay with Bancontact (#412)", url: "https://git.acme.test/shop", many: 1 };

/** As much as there can be, with the longest names. */
export const LONG: Said = { name: LONGEST.name, title: LONGEST.title, url: LONGEST.url, many: 60 };

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

export function history(said: Said): HistoryAnswer {
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

export function diff(said: Said): DiffAnswer {
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

export function why(said: Said): WhyAnswer {
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

export function queue(said: Said): QueueAnswer {
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

export function help(said: Said, about: string | null): Shown {
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
    watched: { until: inMinutes(20), verdict: { ...verdict("regressed"), why: said.title, about: "site" } },
    lock: { owner: said.name, reason: said.title, until: inMinutes(60) },
    freeze: { owner: said.name, reason: said.title, until: inMinutes(60) },
    hosts: times(64, (index) => ({ host: `${index}.${said.name}`, recorded: "9f3c2ab", said: { kind: "silent", because: said.title } })),
  };
  return { kind: "status", rows: times(60, () => row), now: NOW };
}

/** Every kind of answer to a question. */
export function everyAnswer(said: Said): readonly Shown[] {
  return [history(said), diff(said), why(said), queue(said), help(said, null), help(said, "lock"), status(said)];
}
