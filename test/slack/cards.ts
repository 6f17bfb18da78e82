import type { DeploymentCard, RunCard } from "../../src/domain/card.ts";
import type { Deployment, DeploymentState } from "../../src/domain/deployment.ts";
import { planOf } from "../../src/domain/plan.ts";
import {
  NOW,
  some,
  sha,
  deploymentId,
  minutesAgo,
  inMinutes,
  ann,
  type Words,
  CALM,
  environment,
  deployment,
  steps,
  verdict,
  after,
  final,
  dan,
} from "./shop.ts";
import { card, runCard, withMigrations, validation, word, held } from "./card.ts";

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
