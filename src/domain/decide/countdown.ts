import type { Deployment, DeploymentState } from "../deployment.ts";
import type { CommandOf, Effect, Snapshot } from "../environment.ts";
import type { DeploymentId } from "../ids.ts";
import type { Verdict } from "../measurement.ts";
import { callOnCall } from "../duty.ts";
import { overWords, troublesOf } from "../trouble-words.ts";
import { isRecent } from "../verdict/watch-clock.ts";
import { capitalised } from "../verdict/words.ts";
import { wayBack } from "../way-back.ts";
import { byRule, decision, entry, move, note, type Outcome } from "./decision.ts";
import { placeWords, regressionPing } from "./regression-ping.ts";
import { enterRollback } from "./roll-back.ts";
import { actUnseen, holdUnseen, isUnseen, LOOK_AGAIN_MS } from "./unseen.ts";
import { tooLate } from "./refusals.ts";
import { watchEnds } from "./watch-end.ts";

type Countdown = Extract<DeploymentState, { readonly state: "countdown" }>;

/** A second one within this time means that rolling back does not help, or that the judge is wrong: people decide. */
export const ONE_AUTOMATIC_IN_MS = 6 * 3_600_000;

/** The rollback that Greenlight started by itself here so lately that it starts no other; null: none. */
export function lastAutomatic(snapshot: Snapshot, now: Date): Deployment | null {
  const all = [...snapshot.open, ...snapshot.past];
  const since = now.getTime() - ONE_AUTOMATIC_IN_MS;
  return all.find((one) => one.kind === "rollback" && one.automatic && one.requestedAt.getTime() > since) ?? null;
}

/** Strong enough, going on as of lately, wanted by the policy, safe to undo, and not stopped by a person before. */
export function isWanted(snapshot: Snapshot, deployment: Deployment, { verdict, undo }: CommandOf<"measured">, now: Date): boolean {
  const { state, plan } = deployment;
  return (
    acts(verdict) &&
    isFresh(deployment, verdict, now) &&
    plan.watch?.onRegression === "rollback" &&
    state.state === "watching" &&
    !state.noSecondCountdown &&
    undo.kind === "yes" &&
    wayBack(snapshot, deployment) !== null
  );
}

function acts(verdict: Verdict): boolean {
  return verdict.kind === "regressed" && verdict.ongoing && verdict.level === "act";
}

function isFresh({ plan }: Deployment, { seenAt }: Verdict, now: Date): boolean {
  return seenAt !== undefined && plan.watch !== null && isRecent(plan.watch, seenAt, now);
}

/** Greenlight says when it rolls back, and does it then unless something ends this. */
export function countDown(snapshot: Snapshot, deployment: Deployment, command: CommandOf<"measured">, now: Date): Outcome {
  const { state, plan } = deployment;
  if (state.state !== "watching" || plan.watch === null) return tooLate("counted down", deployment);
  const rollBackAt = new Date(now.getTime() + plan.watch.countdownMs);
  return decision({
    changes: [move(deployment, { state: "countdown", until: state.until, rollBackAt, verdict: command.verdict })],
    effects: [regressionPing(snapshot, deployment, command, { rollBackAt }), { kind: "recheck", at: rollBackAt }],
    history: [entry("countdown", deployment, byRule(command.verdict.why), { rollBackAt: rollBackAt.toISOString() })],
  });
}

type Counted = {
  readonly deployment: Deployment;
  readonly state: Countdown;
  readonly command: CommandOf<"measured">;
  /** The watch's own time is over. */
  readonly over: boolean;
};

/** A measurement while it is counted down. Missing data is no recovery: what was seen before stays said, as of when it was seen. */
export function measuredInCountdown(snapshot: Snapshot, counted: Counted, now: Date): Outcome {
  const { deployment, state, command, over } = counted;
  const { verdict } = command;
  if (verdict.kind === "healthy" || (verdict.kind === "regressed" && !verdict.ongoing))
    return over ? watchEnds(deployment, verdict, now) : recovered(deployment, verdict, state);
  if (verdict.kind === "regressed" && !acts(verdict)) {
    const told = regressionPing(snapshot, deployment, command, { unsure: true });
    return over ? watchEnds(deployment, verdict, now, { effects: [told], history: [] }) : unsure(deployment, verdict, state, told);
  }
  const kept = { ...state, verdict: verdict.kind === "regressed" ? verdict : state.verdict };
  return ends(snapshot, { ...deployment, state: kept }, command.id, now) ?? decision({ changes: [move(deployment, kept)] });
}

function recovered(deployment: Deployment, verdict: Verdict, { until, verdict: before }: Countdown): Outcome {
  const text = `${capitalised(overWords(troublesOf(before)))}, without a rollback. The watch goes on.`;
  return decision({
    changes: [watchesOn(deployment, verdict, until)],
    effects: [note(deployment, `recovered:${deployment.counter}`, text)],
    history: [entry("recovered", deployment, byRule(verdict.why))],
  });
}

/** It goes on, but what is known by now would not have begun a countdown. */
function unsure(deployment: Deployment, verdict: Verdict, { until }: Countdown, told: Effect): Outcome {
  return decision({
    changes: [watchesOn(deployment, verdict, until)],
    effects: [told],
    history: [entry("countdown_unsure", deployment, byRule(verdict.why))],
  });
}

/** The watch goes on; what acts later counts down again. */
function watchesOn(deployment: Deployment, verdict: Verdict, until: Date) {
  return move(deployment, { state: "watching", until, verdict, keptBy: null, noSecondCountdown: false });
}

/** The clock's own way to the end of a countdown: no look need come just then. Null: nothing is counted down, or not over yet. */
export function countdownOver(snapshot: Snapshot, id: DeploymentId, now: Date): Outcome | null {
  const counted = snapshot.open.find((deployment) => deployment.state.state === "countdown");
  return counted === undefined ? null : ends(snapshot, counted, id, now);
}

/** An automatic rollback is code only, always; the countdown entered only where that is safe. */
function ends(snapshot: Snapshot, deployment: Deployment, id: DeploymentId, now: Date): Outcome | null {
  const { state } = deployment;
  // After a restored backup nothing starts by itself.
  if (state.state !== "countdown" || now < state.rollBackAt || snapshot.heldBecause !== null) return null;
  if (!isFresh(deployment, state.verdict, now))
    return state.looksAgain === true ? notSeenAgain(snapshot, deployment, state) : looksAgain(deployment, state, now);
  const unseen = isUnseen(snapshot, deployment);
  if (unseen && deployment.plan.watch?.unseen === "hold") return decision(holdUnseen(deployment));
  const parts = enterRollback(snapshot, deployment, { by: byRule("the countdown ended"), id, now, because: state.verdict.why });
  if (parts === null) return watchEnds(deployment, state.verdict, now);
  return decision(unseen ? actUnseen(deployment, parts) : parts);
}

/** What would have it rolled back is old by now: nobody knows whether it goes on, so it is looked at first. */
function looksAgain(deployment: Deployment, state: Countdown, now: Date): Outcome {
  const rollBackAt = new Date(now.getTime() + LOOK_AGAIN_MS);
  const because = "Nobody has looked for a while";
  const text = `${because}: Greenlight looks now, and rolls back at ${rollBackAt.toISOString()} only if it goes on.`;
  return decision({
    changes: [move(deployment, { ...state, rollBackAt, looksAgain: true })],
    effects: [
      { kind: "look_now", deployment: deployment.id },
      { kind: "recheck", at: rollBackAt },
      note(deployment, `looks-again:${deployment.counter}`, text),
    ],
    history: [entry("countdown_prolonged", deployment, byRule(because), { rollBackAt: rollBackAt.toISOString() })],
  });
}

/** Missing data is no reason to roll back. */
function notSeenAgain(snapshot: Snapshot, deployment: Deployment, { until, verdict }: Countdown): Outcome {
  const because = "nobody could look again whether it still happens";
  const text = `Regression in ${placeWords(snapshot)}: ${because}, so Greenlight does not roll back by itself: it waits for you.`;
  const called = callOnCall(snapshot.environment);
  return decision({
    changes: [watchesOn(deployment, verdict, until)],
    effects: [
      note(deployment, `not-seen-again:${deployment.counter}`, text, { kind: "ping", ping: "regression", ...called, rollBackButton: true }),
    ],
    history: [entry("countdown_lapsed", deployment, byRule(because))],
  });
}
