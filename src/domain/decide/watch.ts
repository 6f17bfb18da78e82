import type { Watch } from "../config.ts";
import type { Deployment } from "../deployment.ts";
import type { Change, CommandOf, Effect, Snapshot } from "../environment.ts";
import type { DeploymentId } from "../ids.ts";
import type { Verdict } from "../measurement.ts";
import { actorName } from "../people.ts";
import { wayBack } from "../way-back.ts";
import { authorize } from "../authorize.ts";
import { byRule, decision, end, entry, find, move, note, type Outcome } from "./decision.ts";
import { notAllowed, tooLate, unknown } from "./refusals.ts";
import { regressionPing } from "./regression-ping.ts";
import { enterRollback } from "./roll-back.ts";
import { actUnseen, holdUnseen, isUnseen } from "./unseen.ts";

/** One look per configured monitor, the first one as soon as it is live. */
export function firstLooks(deployment: Deployment, watch: Watch, now: Date): readonly Effect[] {
  const at = new Date(now.getTime() + watch.everyMs);
  return [
    ...(watch.sentry === null ? [] : [lookAt(deployment, "sentry", 1, at)]),
    ...(watch.http === null ? [] : [lookAt(deployment, "http", 1, at)]),
  ];
}

/** The look of one monitor at its time. */
export function lookAt(deployment: Deployment, monitor: "sentry" | "http", look: number, at: Date): Effect {
  return { kind: "look", deployment: deployment.id, monitor, look, at };
}

/** A new measurement was judged. The caller stores it and plans the next look. */
export function measured(snapshot: Snapshot, command: CommandOf<"measured">, now: Date): Outcome {
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined) return unknown();
  const { state } = deployment;
  if (state.state !== "watching" && state.state !== "countdown") return tooLate("judged", deployment);
  const { verdict } = command;
  const over = now >= state.until && command.awaited !== true;
  if (state.state === "countdown") {
    // Missing data is no recovery: what was seen before stays said.
    if (verdict.kind === "healthy" || (verdict.kind === "regressed" && !verdict.ongoing))
      return over ? watchEnds(deployment, verdict, now) : recovered(deployment, verdict, state.until);
    const kept = verdict.kind === "regressed" ? verdict : state.verdict;
    const back = automatic(snapshot, { ...deployment, state: { ...state, verdict: kept } }, command.id, now);
    return back ?? decision({ changes: [move(deployment, { ...state, verdict: kept })] });
  }
  const wanted = verdictActs(deployment, verdict) && command.undo.kind === "yes" && wayBack(snapshot, deployment) !== null;
  const spent = wanted ? lastAutomatic(snapshot, now) : null;
  if (wanted && spent === null) return countDown(snapshot, deployment, command, now);
  if (over) return watchEnds(deployment, verdict, now);
  const first = verdict.kind === "regressed" && state.verdict?.kind !== "regressed";
  const changes: Change[] = [move(deployment, { ...state, verdict })];
  if (!first) return decision({ changes });
  // `shadow` is for learning how often it would speak: it is recorded, and nobody is called.
  const silent = deployment.plan.watch?.onRegression === "shadow";
  return decision({
    changes,
    effects: silent ? [] : [regressionPing(snapshot, deployment, command, { spent })],
    history: [entry("regression_seen", deployment, byRule(verdict.why), spent === null ? {} : { rolledBackBefore: `#${spent.number}` })],
  });
}

/** A second one within this time means that rolling back does not help, or that the judge is wrong: people decide. */
export const ONE_AUTOMATIC_IN_MS = 6 * 3_600_000;

/** The rollback that Greenlight started by itself here so lately that it starts no other; null: none. */
export function lastAutomatic(snapshot: Snapshot, now: Date): Deployment | null {
  const all = [...snapshot.open, ...snapshot.past];
  const since = now.getTime() - ONE_AUTOMATIC_IN_MS;
  return all.find((one) => one.kind === "rollback" && one.automatic && one.requestedAt.getTime() > since) ?? null;
}

/** Strong enough, still going on, wanted by the policy, and not stopped by a person before. */
function verdictActs({ state, plan }: Deployment, verdict: Verdict): boolean {
  return (
    verdict.kind === "regressed" &&
    verdict.ongoing &&
    verdict.level === "act" &&
    plan.watch?.onRegression === "rollback" &&
    state.state === "watching" &&
    !state.noSecondCountdown
  );
}

function countDown(snapshot: Snapshot, deployment: Deployment, command: CommandOf<"measured">, now: Date): Outcome {
  const { state, plan } = deployment;
  if (state.state !== "watching" || plan.watch === null) return tooLate("counted down", deployment);
  const rollBackAt = new Date(now.getTime() + plan.watch.countdownMs);
  return decision({
    changes: [move(deployment, { state: "countdown", until: state.until, rollBackAt, verdict: command.verdict })],
    effects: [regressionPing(snapshot, deployment, command, { rollBackAt }), { kind: "recheck", at: rollBackAt }],
    history: [entry("countdown", deployment, byRule(command.verdict.why), { rollBackAt: rollBackAt.toISOString() })],
  });
}

function recovered(deployment: Deployment, verdict: Verdict, until: Date): Outcome {
  return decision({
    changes: [move(deployment, { state: "watching", until, verdict, keptBy: null, noSecondCountdown: false })],
    effects: [
      note(
        deployment,
        `recovered:${deployment.counter}`,
        "The errors have stopped by themselves. Nothing is rolled back; the watch goes on.",
      ),
    ],
    history: [entry("recovered", deployment, byRule(verdict.why))],
  });
}

/** The clock's own way to the end of a countdown: no look need come just then. Null: nothing is counted down, or not over yet. */
export function countdownOver(snapshot: Snapshot, id: DeploymentId, now: Date): Outcome | null {
  const counted = snapshot.open.find((deployment) => deployment.state.state === "countdown");
  return counted === undefined ? null : automatic(snapshot, counted, id, now);
}

/** An automatic rollback is code only, always; the countdown entered only where that is safe. */
function automatic(snapshot: Snapshot, deployment: Deployment, id: DeploymentId, now: Date): Outcome | null {
  const { state } = deployment;
  // After a restored backup nothing starts by itself.
  if (state.state !== "countdown" || now < state.rollBackAt || snapshot.heldBecause !== null) return null;
  const unseen = isUnseen(snapshot, deployment);
  if (unseen && deployment.plan.watch?.unseen === "hold") return decision(holdUnseen(deployment));
  const parts = enterRollback(snapshot, deployment, { by: byRule("the countdown ended"), id, now, because: state.verdict.why });
  if (parts === null) return watchEnds(deployment, state.verdict, now);
  return decision(unseen ? actUnseen(deployment, parts) : parts);
}

function watchEnds(deployment: Deployment, verdict: Verdict, now: Date): Outcome {
  const actor = byRule("the watch ended");
  const history = [entry("verdict", deployment, actor, { verdict: verdict.kind, why: verdict.why })];
  const effects: Effect[] = [
    { kind: "recheck", at: null },
    { kind: "reconsider" },
    note(
      deployment,
      "verdict",
      `The watch has ended: ${verdict.kind === "healthy" ? "healthy" : verdict.kind === "regressed" ? "a regression" : "not verified"}. ${verdict.why}`,
    ),
  ];
  const name =
    verdict.kind === "healthy" ? "succeeded" : verdict.kind === "regressed" && verdict.ongoing ? "regressed" : "succeeded_unverified";
  return decision({ changes: [end(deployment, name, { now, because: verdict.why, verdict })], effects, history });
}

/** A person stops the countdown: the watch goes on, and no second countdown begins for this deployment. */
export function stopCountdown(snapshot: Snapshot, command: CommandOf<"stop_countdown">): Outcome {
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined) return unknown();
  const { state } = deployment;
  if (state.state !== "countdown") return tooLate("stopped", deployment);
  const may = authorize("stop_countdown", command.standing, snapshot.environment, deployment);
  if (may !== null) return notAllowed("stopped", may, snapshot);
  const { actor } = command.standing;
  return decision({
    changes: [move(deployment, { state: "watching", until: state.until, verdict: state.verdict, keptBy: actor, noSecondCountdown: true })],
    effects: [
      note(
        deployment,
        `countdown-stopped:${deployment.counter}`,
        `${actorName(actor)} stopped the countdown. Greenlight will not start another one for this deployment.`,
      ),
    ],
    history: [entry("countdown_stopped", deployment, actor)],
    answer: "Stopped. It stays live and is watched on; you can still roll back.",
  });
}

/** A person has seen the regression and keeps the deployment for now. */
export function keepWatching(snapshot: Snapshot, command: CommandOf<"keep_watching">): Outcome {
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined) return unknown();
  const { state } = deployment;
  if (state.state !== "watching") return tooLate("kept", deployment);
  const may = authorize("keep_watching", command.standing, snapshot.environment, deployment);
  if (may !== null) return notAllowed("kept", may, snapshot);
  const { actor } = command.standing;
  return decision({
    changes: [move(deployment, { ...state, keptBy: actor, noSecondCountdown: true })],
    effects: [note(deployment, `kept:${deployment.counter}`, `${actorName(actor)} keeps it and watches on.`)],
    history: [entry("kept", deployment, actor)],
    answer: "It stays live and is watched on.",
  });
}

/** A person takes care of it; the card names them. */
export function onIt(snapshot: Snapshot, command: CommandOf<"on_it">): Outcome {
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined) return unknown();
  const { actor } = command.standing;
  const may = authorize("on_it", command.standing, snapshot.environment, deployment);
  if (may !== null) return notAllowed("noted", may, snapshot);
  return decision({
    changes: [{ kind: "on_it", id: deployment.id, by: actor }],
    effects: [note(deployment, `on-it:${deployment.id}`, `${actorName(actor)} is on it.`)],
    history: [entry("on_it", deployment, actor)],
    answer: "Noted: the card says that you are on it.",
  });
}
