import type { Aftermath } from "../../src/domain/aftermath.ts";
import type { DeploymentCard, RunCard, StepView, ValidationView } from "../../src/domain/card.ts";
import type { Environment, Host } from "../../src/domain/config.ts";
import type { ChangeSet, Deployment, DeploymentState, FinalName } from "../../src/domain/deployment.ts";
import { environmentId, parseDeploymentId, parseRunId, parseSha, type Sha } from "../../src/domain/ids.ts";
import type { Verdict } from "../../src/domain/measurement.ts";
import type { Actor } from "../../src/domain/people.ts";
import { planOf } from "../../src/domain/plan.ts";
import type { Change, Run } from "../../src/domain/pipeline.ts";

/** Card models as the engine would read them, one story: shop, three changes, two servers. */

export const NOW = new Date("2026-11-24T09:15:00Z");
export const context = { now: NOW, timezone: "Europe/Brussels" };

function some<Value>(value: Value | null): Value {
  if (value === null) throw new Error("a fixture id is malformed");
  return value;
}

export function sha(start: string): Sha {
  return some(parseSha(start.padEnd(40, "0")));
}

export function deploymentId(last: number): Deployment["id"] {
  return some(parseDeploymentId(`0192f0a0-0000-7000-8000-${String(last).padStart(12, "0")}`));
}

export function minutesAgo(minutes: number): Date {
  return new Date(NOW.getTime() - minutes * 60_000);
}

export function inMinutes(minutes: number): Date {
  return minutesAgo(-minutes);
}

export const ann: Actor = { kind: "slack", id: "U01ANN", name: "Ann" };
const bob = { name: "Bob", email: "bob@acme.test", login: "bob", slackId: "U02BOB" };
const cleo = { name: "Cleo", email: "cleo@acme.test", login: "cleo", slackId: "U03CLEO" };

export type Words = { readonly title: string; readonly name: string; readonly host: string; readonly url: string };
const CALM: Words = { title: "feat(pay): pay with Bancontact", name: "shop", host: "web-1", url: "https://git.acme.test/shop/1" };

function change(title: string, author: typeof bob, url: string): Change {
  return { revision: sha("9f3c2ab"), title, author, url, pullRequest: 412 };
}

export function changes(words: Words = CALM): ChangeSet {
  return {
    changes: [
      change(words.title, { ...bob, name: words === CALM ? "Bob" : words.name }, words.url),
      change("Show the delivery date in the basket (#413)", cleo, "https://git.acme.test/shop/2"),
      change("chore: update Django to 5.2.8", bob, "https://git.acme.test/shop/3"),
    ],
    complete: true,
    behind: 0,
    compareUrl: "https://git.acme.test/shop/compare",
    authors: [bob, cleo],
  };
}

function host(name: string): Host {
  return { name, address: "127.0.0.1", port: 22, user: "deploy", directory: "/srv/shop" };
}

export function environment(words: Words = CALM): Environment {
  return {
    id: environmentId(words.name, "production"),
    app: words.name,
    name: "production",
    requires: ["build", "unit"],
    after: null,
    needsValidation: false,
    release: { mode: "approval", approval: { from: [{ kind: "group", handle: "product-owners" }], count: 1, expiresMs: 86_400_000 } },
    freeze: [],
    rollbackFrom: null,
    onCall: [],
    allow: { guests: false, teams: [] },
    url: "https://shop.acme.test",
    onFailure: "hold",
    target: {
      type: "ssh",
      hosts: [host(words.host), host("web-2")],
      recipe: "django",
      layout: { kind: "in_place" },
      services: ["shop"],
      install: null,
      backup: null,
      users: {},
      before: {},
      after: {},
      manage: ["python", "manage.py"],
      origin: null,
      lockTimeoutMs: 5000,
      environment: {},
      commands: {},
      timeoutsSeconds: {},
      roll: { canary: 0, batch: 1, maxFailures: 0, pauseSeconds: 0, verifyTimes: 1, verifyEverySeconds: 2 },
    },
    watch: {
      forMs: 1_800_000,
      everyMs: 60_000,
      baselineMs: 3_600_000,
      onRegression: "offer",
      countdownMs: 90_000,
      sentry: { connection: "default", organization: null, project: "shop", environment: "production", releasePrefix: "" },
      http: null,
    },
  };
}

export function deployment(state: DeploymentState, words: Words = CALM): Deployment {
  const started = !["awaiting_approval", "queued", "rejected", "expired", "superseded"].includes(state.state);
  const live = ["watching", "countdown", "succeeded", "succeeded_unverified", "regressed"].includes(state.state);
  return {
    id: deploymentId(1),
    number: 812,
    environmentId: environmentId(words.name, "production"),
    kind: "deploy",
    revision: sha("9f3c2ab"),
    from: sha("4c1e77d"),
    plan: planOf(environment(words), { kind: "deploy", from: sha("4c1e77d"), revision: sha("9f3c2ab") }),
    planHash: "a".repeat(64),
    configHash: "b".repeat(64),
    counter: 3,
    runId: null,
    requestedBy: ann,
    requestedAt: minutesAgo(30),
    changes: changes(words),
    rollsBack: null,
    rolledBackBy: null,
    automatic: false,
    startedAt: started ? new Date(NOW.getTime() - 72_000 - (live ? 360_000 : 0)) : null,
    liveAt: live ? minutesAgo(6) : null,
    state,
  };
}

export function steps(of: Deployment, doneUntil = 9): readonly StepView[] {
  return of.plan.steps.map((step, index) => ({
    name: step.name,
    host: step.host,
    phase: step.phase,
    status: index < doneUntil ? "done" : index === doneUntil ? "running" : "waiting",
    startedAt: index <= doneUntil ? new Date(NOW.getTime() - 66_000 + index * 4_000) : null,
    finishedAt: index < doneUntil ? new Date(NOW.getTime() - 66_000 + (index + 1) * 4_000) : null,
    exitCode: index < doneUntil ? 0 : null,
    tail: "",
    note: null,
  }));
}

export function verdict(kind: Verdict["kind"], words: Words = CALM): Verdict {
  const bad = kind === "regressed";
  return {
    kind,
    level: bad ? "act" : "none",
    ongoing: bad,
    why: bad ? "errors rose from 0.3 to 76 a minute" : "nothing unusual so far",
    figures: {
      errorsAfter: bad ? 304 : 2,
      minutesAfter: bad ? 4 : 6,
      errorsBefore: 18,
      minutesBefore: 60,
      ...(bad ? { errorsNow: 76 } : {}),
      usersHit: bad ? 118 : null,
      since: bad ? minutesAgo(4) : null,
      newIssues: bad
        ? [
            {
              id: "1",
              title: words === CALM ? "TypeError: unsupported operand" : words.title,
              place: "pricing.py:88",
              url: "https://sentry.acme.test/1",
              events: 152,
              users: 118,
              unhandled: true,
              firstSeen: minutesAgo(4),
              lastSeen: minutesAgo(0),
            },
          ]
        : [],
      lastEventAt: new Date(NOW.getTime() - 40_000),
      siteUp: true,
      latencyMs: 118,
      pValue: null,
      ratio: { ratio: null, low: null, high: null },
    },
  };
}

/** What became of it after a rollback, of which the last error came two minutes ago. */
export function after(known: Partial<Aftermath>): Aftermath {
  return { over: [], goesOn: [], open: [], unverified: [], lastErrorAt: minutesAgo(2), ...known };
}

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

export function run(words: Words = CALM, status: "running" | "passed" | "failed" = "running"): Run {
  const job = (name: string, state: Run["workflows"][number]["jobs"][number]["status"], from: number, to: number | null) => ({
    job: name,
    name,
    stage: null,
    status: state,
    allowFailure: false,
    url: words.url,
    startedAt: minutesAgo(from),
    finishedAt: to === null ? null : minutesAgo(to),
    updatedAt: minutesAgo(to ?? from),
  });
  return {
    id: some(parseRunId("0192f0a0-0000-7000-8000-00000000000a")),
    app: words.name,
    revision: sha("9f3c2ab"),
    branch: "main",
    push: { at: minutesAgo(6), pusher: bob, before: null, changes: [], compareUrl: null },
    workflows: [
      {
        workflowRun: "1",
        provider: "github",
        attempt: 1,
        name: "ci",
        path: ".github/workflows/ci.yml",
        trigger: "push",
        branch: "main",
        tag: false,
        ownRepository: true,
        parent: null,
        status: status === "passed" ? "passed" : "running",
        url: words.url,
        startedAt: minutesAgo(6),
        updatedAt: minutesAgo(1),
        jobs: [
          job("build", "passed", 6, 4),
          job("unit", "passed", 4, 3),
          job(words === CALM ? "integration tests" : words.name, status, 2, status === "running" ? null : 1),
        ],
      },
    ],
    checks: [],
    tests: [],
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

function final(state: FinalName, because: string, kind: Verdict["kind"] | null = null, words: Words = CALM): DeploymentState {
  return {
    state,
    at: minutesAgo(1),
    because,
    by: state === "rejected" || state === "cancelled" ? ann : null,
    verdict: kind === null ? null : verdict(kind, words),
  };
}

function withMigrations(of: DeploymentCard, words: Words): DeploymentCard {
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

export const dan: Actor = { kind: "slack", id: "U06DAN", name: "Dan" };

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

const SCHEMA_BACK = {
  kind: "code_and_schema",
  because: "earlier code needs field note of order, which is gone",
  undo: { targets: [{ app: "orders", to: "0002_order_total" }], names: ["orders.0003_remove_order_note"] },
  loses: ["field note of order comes back empty"],
} as const;

/** What waits for people's look, and what people's look let go on. */
function lookCards(words: Words): Readonly<Record<string, DeploymentCard | RunCard>> {
  const foreign = words === CALM ? "the delivery date is a day too early" : words.title;
  const waiting = { ...card({ state: "awaiting_approval", expiresAt: inMinutes(1440), voided: null }, words) };
  const lock = { owner: ann, reason: words === CALM ? "looking at it" : words.title, until: inMinutes(100) };
  const look = { environment: words === CALM ? "staging" : words.name, url: words === CALM ? "https://staging.acme.test" : words.url };
  const good = validation(words, { said: [word("looks_good", ann, 40), word("looks_good", dan, 30)], liveSince: null, due: false });
  const newer = {
    revision: sha("71d0e2c"),
    title: words.title,
    waitsFor: { kind: "validation", environment: look.environment, heldBy: null },
  } as const;
  const watched = card(
    { state: "watching", until: inMinutes(24), verdict: verdict("healthy", words), keptBy: null, noSecondCountdown: false },
    words,
  );
  return {
    look: { ...runCard(words, "passed"), validation: validation(words) },
    look_held: {
      ...runCard(words, "failed"),
      supersededBy: sha("71d0e2c"),
      validation: validation(words, { lock, said: [word("looks_good", dan, 9), word("not_yet", ann, 3, foreign)] }),
    },
    look_over: {
      ...runCard(words, "passed"),
      validation: validation(words, { said: [word("not_yet", ann, 3, foreign)], liveSince: null, due: false }),
    },
    look_of_deployment: { ...watched, validation: validation(words, { environment: "production", next: "production-us", lock }) },
    look_of_schema: {
      ...watched,
      undo: { ...watched.undo, kind: "no", back: SCHEMA_BACK },
      validation: validation(words, { environment: "production", next: "production-us" }),
    },
    look_before_approval: { ...waiting, validation: validation(words), look },
    approval_validated: { ...waiting, validation: good, look, newer },
    approval_unvalidated: { ...waiting, validation: validation(words, { liveSince: null, due: false }), look },
  };
}

/** A lock and a freeze: each with its owner and its end, and what lifts it. */
function held(words: Words): NonNullable<DeploymentCard["closing"]>["blockers"] {
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

/** Every state that a card can be drawn in, by name. */
export function everyCard(words: Words = CALM): Readonly<Record<string, DeploymentCard | RunCard>> {
  const because = words === CALM ? "Step restart failed on web-2 with exit code 1" : words.title;
  const watching: DeploymentState = {
    state: "watching",
    until: inMinutes(24),
    verdict: verdict("healthy", words),
    keptBy: null,
    noSecondCountdown: false,
  };
  const regressed = card(final("regressed", "", "regressed", words), words);
  const back = (state: DeploymentState): DeploymentCard["rollback"] => {
    const own = deployment(state, words);
    const [revision, from] = [sha("4c1e77d"), sha("9f3c2ab")];
    const plan = planOf(environment(words), { kind: "rollback", from, revision });
    const done = own.liveAt !== null;
    // A rollback is cancelled only while it waits.
    const waits = state.state === "queued" || state.state === "cancelled";
    const rollback: Deployment = {
      ...own,
      id: deploymentId(2),
      number: 813,
      kind: "rollback",
      revision,
      from,
      plan,
      ...(done ? { startedAt: new Date(NOW.getTime() - 98_000), liveAt: minutesAgo(1) } : {}),
      ...(waits ? { startedAt: null } : {}),
    };
    return {
      deployment: rollback,
      steps: steps(rollback, done ? 99 : waits ? -1 : 6),
      aftermath: done ? after({ open: ["errors"] }) : null,
    };
  };
  return {
    pipeline: runCard(words),
    pipeline_failed: runCard(words, "failed"),
    pipeline_passed: runCard(words, "passed"),
    pipeline_superseded: { ...runCard(words, "passed"), supersededBy: sha("71d0e2c") },
    ...lookCards(words),
    approval: card({ state: "awaiting_approval", expiresAt: inMinutes(1440), voided: null }, words),
    approval_of_migrations: withMigrations(card({ state: "awaiting_approval", expiresAt: inMinutes(1440), voided: because }, words), words),
    regression_schema: {
      ...card({ ...watching, verdict: verdict("regressed", words) }, words),
      undo: {
        kind: "no",
        because: words === CALM ? "earlier code needs field note of order, which is gone" : words.title,
        back: {
          kind: "code_and_schema",
          because,
          undo: { targets: [{ app: "orders", to: "0002_order_total" }], names: ["orders.0003_remove_order_note"] },
          loses: [words === CALM ? "field note of order comes back empty" : words.title],
        },
      },
    },
    regression_by_hand: {
      ...card({ ...watching, verdict: verdict("regressed", words) }, words),
      undo: { kind: "no", because, back: { kind: "by_hand", because, byHand: [words === CALM ? "restore the backup" : words.title] } },
    },
    approval_of_two: { ...card({ state: "awaiting_approval", expiresAt: inMinutes(1440), voided: because }, words), required: 2 },
    queued: card(
      {
        state: "queued",
        since: minutesAgo(1),
        recheckAt: inMinutes(60),
        blockers: [{ rule: "freeze", text: because, owner: words.name, liftsAt: inMinutes(60) }],
      },
      words,
    ),
    queued_later: card(
      {
        state: "queued",
        since: minutesAgo(1),
        recheckAt: inMinutes(60),
        blockers: [
          {
            rule: "later",
            text: `${words === CALM ? "Ann" : words.name} said yes for later.`,
            owner: words === CALM ? "Ann" : words.name,
            liftsAt: inMinutes(60),
          },
        ],
      },
      words,
    ),
    queued_behind: {
      ...card({ state: "queued", since: minutesAgo(1), recheckAt: inMinutes(60), blockers: [] }, words),
      queue: { position: 2, of: 3, startsAt: inMinutes(75), opensAt: inMinutes(70), blockers: held(words) },
    },
    approval_closed: {
      ...card({ state: "awaiting_approval", expiresAt: inMinutes(1440), voided: null }, words),
      closing: { opensAt: inMinutes(70), blockers: held(words) },
    },
    executing: card({ state: "executing", since: minutesAgo(1) }, words),
    cancelling: card({ state: "cancelling", since: minutesAgo(1), by: ann, thenRollBack: true }, words),
    needs_attention: card({ state: "needs_attention", since: minutesAgo(2), because, during: "executing" }, words),
    executing_paused: { ...card({ state: "executing", since: minutesAgo(1) }, words), pausedUntil: inMinutes(1) },
    held: card(
      {
        state: "needs_attention",
        since: minutesAgo(2),
        because: `${words.host} is held by #811 of shop/production.`,
        during: "executing",
        held: [
          { host: words.host, run: "0192f0a0-0000-7000-8000-000000000811", since: minutesAgo(50), who: `#811 of ${words.name}/production` },
        ],
      },
      words,
    ),
    watching: card(watching, words),
    watching_blind: card({ ...watching, verdict: verdict("blind", words) }, words),
    regression: card({ ...watching, verdict: verdict("regressed", words) }, words),
    countdown: card(
      { state: "countdown", until: inMinutes(24), rollBackAt: new Date(NOW.getTime() + 50_000), verdict: verdict("regressed", words) },
      words,
    ),
    succeeded: card(final("succeeded", "no problem in 30 minutes", "healthy", words), words),
    succeeded_unverified: card(final("succeeded_unverified", "Sentry sent nothing during the watch", "blind", words), words),
    regressed: regressed,
    regression_unjudged: {
      ...card({ ...watching, verdict: verdict("regressed", words) }, words),
      alarm: { seenAt: minutesAgo(3), wouldActAt: null, word: null },
    },
    rolled_back_real: {
      ...regressed,
      alarm: { seenAt: minutesAgo(3), wouldActAt: minutesAgo(2), word: { isReal: true, by: ann, at: minutesAgo(1) } },
      rollback: { ...some(back(final("succeeded_unverified", "not watched"))), aftermath: after({ over: ["errors"] }) },
    },
    regressed_unjudged: { ...regressed, alarm: { seenAt: minutesAgo(3), wouldActAt: null, word: null } },
    failed: card(final("failed", because), words),
    failed_half_way: {
      ...card(final("failed", because), words),
      hosts: [
        { host: words.host, revision: sha("9f3c2ab"), as: "runs" },
        { host: "web-2", revision: sha("9f3c2ab"), as: "not_restarted" },
        { host: "web-3", revision: sha("4c1e77d"), as: "runs" },
        { host: "web-4", revision: null, as: "runs" },
      ],
    },
    rejected: card(final("rejected", words === CALM ? "the price list is wrong" : words.title), words),
    expired: card(final("expired", ""), words),
    superseded: card(final("superseded", "9f3c2ac took its place"), words),
    cancelled: card(final("cancelled", ""), words),
    rolling_back: { ...regressed, rollback: back({ state: "executing", since: minutesAgo(1) }) },
    rolled_back: {
      ...regressed,
      blocked: true,
      rollback: { ...some(back(final("succeeded_unverified", "not watched"))), aftermath: after({ over: ["errors"] }) },
    },
    rolled_back_in_vain: {
      ...regressed,
      rollback: { ...some(back(final("succeeded_unverified", "not watched"))), aftermath: after({ goesOn: ["errors"] }) },
    },
    rollback_waits: { ...regressed, rollback: back({ state: "queued", since: minutesAgo(1), blockers: [], recheckAt: null }) },
    rollback_cancelled: { ...regressed, rollback: back(final("cancelled", because)) },
    rollback_failed: { ...regressed, rollback: back(final("failed", because)) },
    rollback_stuck: { ...regressed, rollback: back({ state: "needs_attention", since: minutesAgo(1), because, during: "executing" }) },
  };
}
