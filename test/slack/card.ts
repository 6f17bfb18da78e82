import type { DeploymentCard, RunCard, ValidationView } from "../../src/domain/card.ts";
import type { DeploymentState } from "../../src/domain/deployment.ts";
import { environmentId } from "../../src/domain/ids.ts";
import type { Actor } from "../../src/domain/people.ts";
import { sha, minutesAgo, inMinutes, ann, type Words, CALM, changes, environment, deployment, steps, run } from "./shop.ts";

export function card(state: DeploymentState, words: Words = CALM): DeploymentCard {
  const own = deployment(state, words);
  return {
    kind: "deployment",
    app: words.name,
    environment: environment(words),
    deployment: own,
    run: run(words),
    steps: own.startedAt === null ? [] : steps(own, own.liveAt === null ? 9 : 99),
    approvals: own.startedAt === null ? [] : [{ actor: ann, at: minutesAgo(8) }],
    required: 1,
    approvers: {
      refs: ["@product-owners"],
      ids: ["U01ANN", "U05FARID"],
      left: ["U01ANN", "U05FARID"],
      unreadable: [],
      standIns: [],
      unknown: [],
    },
    offerable: state.state === "rejected",
    excluded: ["U02BOB", "U03CLEO"],
    unmapped: [],
    live: { revision: sha("4c1e77d"), since: minutesAgo(1400), title: "Faster product search" },
    wayBack: { revision: sha("4c1e77d"), title: "Faster product search", healthySince: minutesAgo(1380) },
    undo: { kind: "yes", because: "the database gains one column and loses nothing" },
    usualMs: 120_000,
    latest: { errorsAt: null, gap: null, isBlind: false },
    rollback: null,
    onIt: null,
    blocked: false,
    trouble: null,
    hosts: [
      { host: words.host, revision: own.liveAt === null ? sha("4c1e77d") : own.revision, as: "runs" },
      { host: "web-2", revision: own.liveAt === null ? sha("4c1e77d") : own.revision, as: "runs" },
    ],
    pausedUntil: null,
    queue: null,
    closing: null,
    validation: null,
    look: null,
    newer: null,
  };
}

export function runCard(words: Words = CALM, status: "running" | "passed" | "failed" = "running"): RunCard {
  return {
    kind: "run",
    app: words.name,
    run: run(words, status),
    changes: changes(words),
    path: [
      { environment: "staging", requires: ["build"], mode: "automatically", approvers: [], deployment: null },
      { environment: "production", requires: ["acceptance"], mode: "approval", approvers: ["@product-owners"], deployment: null },
    ],
    usualMs: { "integration tests": 180_000 },
    live: { revision: sha("4c1e77d"), since: minutesAgo(1400), title: null },
    supersededBy: null,
    validation: null,
  };
}

export function withMigrations(of: DeploymentCard, words: Words): DeploymentCard {
  const operation = { text: words.title, class: "destructive", misses: words.name, loses: words.title } as const;
  const pending = [
    { name: "orders.0002_order_total", class: "additive", operations: [] },
    { name: "orders.0003_remove_order_note", class: "destructive", operations: [operation] },
  ] as const;
  const migrations = { pending, source: words.name, applied: null, doubtful: [], undone: [], leaves: null };
  const undo = {
    kind: "no",
    because: words === CALM ? "it takes away field note of order, which earlier code needs" : words.title,
  } as const;
  return { ...of, undo, deployment: { ...of.deployment, changes: { ...of.deployment.changes, migrations } } };
}

/** Where people look before production: on staging, which somebody may hold meanwhile. */
export function validation(words: Words = CALM, over: Partial<ValidationView> = {}): ValidationView {
  return {
    revision: sha("9f3c2ab"),
    environment: words === CALM ? "staging" : words.name,
    url: words === CALM ? "https://staging.acme.test" : words.url,
    next: "production",
    liveSince: minutesAgo(20),
    due: true,
    said: [],
    lock: null,
    ...over,
  };
}

export function word(
  said: "looks_good" | "not_yet",
  who: Actor,
  minutes: number,
  reason: string | null = null,
): ValidationView["said"][number] {
  return {
    environmentId: environmentId("shop", "staging"),
    revision: sha("9f3c2ab"),
    actor: who,
    verdict: said,
    reason,
    at: minutesAgo(minutes),
  };
}

/** A lock and a freeze: each with its owner and its end, and what lifts it. */
export function held(words: Words): NonNullable<DeploymentCard["closing"]>["blockers"] {
  const [owner, reason] = words === CALM ? ["Ann", "a demo"] : [words.name, words.title];
  return [
    {
      rule: "lock",
      text: `${owner} holds it: ${reason}`,
      owner,
      liftsAt: inMinutes(60),
      lifts: "They type `/deploy unlock shop production`.",
    },
    { rule: "freeze", text: `${owner} froze it: ${reason}`, owner, liftsAt: inMinutes(45), lifts: null },
  ];
}
