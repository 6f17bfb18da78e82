import type { Watch } from "../config.ts";
import type { Deployment } from "../deployment.ts";
import type { CommandOf, Effect, Snapshot } from "../environment.ts";
import type { Verdict } from "../measurement.ts";
import { actorKey, actorName } from "../people.ts";
import { authorize } from "../authorize.ts";
import { byRule, decision, entry, find, move, note, type Outcome } from "./decision.ts";
import { countDown, isWanted, lastAutomatic, measuredInCountdown } from "./countdown.ts";
import { notAllowed, tooLate, unknown } from "./refusals.ts";
import { regressionPing } from "./regression-ping.ts";
import { watchEnds, type Seen } from "./watch-end.ts";

/** One look per configured monitor, the first one as soon as it is live. */
export function firstLooks(deployment: Deployment, watch: Watch, now: Date): readonly Effect[] {
  const at = new Date(now.getTime() + watch.everyMs);
  return [
    ...(watch.sentry === null ? [] : [lookAt(deployment, "sentry", 1, at)]),
    ...(watch.http === null ? [] : [lookAt(deployment, "http", 1, at)]),
  ];
}

/** The look of one monitor at its time. */
function lookAt(deployment: Deployment, monitor: "sentry" | "http", look: number, at: Date): Effect {
  return { kind: "look", deployment: deployment.id, monitor, look, at };
}

/** A new measurement was judged. The caller stores it and plans the next look. */
export function measured(snapshot: Snapshot, given: CommandOf<"measured">, now: Date): Outcome {
  const deployment = find(snapshot, given.deployment);
  if (deployment === undefined) return unknown();
  const { state } = deployment;
  if (state.state !== "watching" && state.state !== "countdown") return tooLate("judged", deployment);
  // What does not say when it was seen was seen at this look.
  const verdict = { ...given.verdict, seenAt: given.verdict.seenAt ?? now };
  const command = { ...given, verdict };
  const over = now >= state.until && command.awaited !== true;
  if (state.state === "countdown") return measuredInCountdown(snapshot, { deployment, state, command, over }, now);
  const wanted = isWanted(snapshot, deployment, command, now);
  const spent = wanted ? lastAutomatic(snapshot, now) : null;
  if (wanted && spent === null) return countDown(snapshot, deployment, command, now);
  const seen = begins(state.verdict, verdict) ? firstSeen(snapshot, deployment, command, spent) : { effects: [], history: [] };
  if (over) return watchEnds(deployment, verdict, now, seen);
  return decision({ changes: [move(deployment, { ...state, verdict })], ...seen });
}

/** Is it news? What comes back after it had stopped begins anew. */
function begins(before: Verdict | null, verdict: Verdict): boolean {
  return verdict.kind === "regressed" && (before?.kind !== "regressed" || (verdict.ongoing && !before.ongoing));
}

/** People are called. `shadow` is for learning how often it would speak: it is recorded, and nobody is called. */
function firstSeen(snapshot: Snapshot, deployment: Deployment, command: CommandOf<"measured">, spent: Deployment | null): Seen {
  const silent = deployment.plan.watch?.onRegression === "shadow";
  const rolledBackBefore = spent === null ? {} : { rolledBackBefore: `#${spent.number}` };
  return {
    effects: silent ? [] : [regressionPing(snapshot, deployment, command, { spent })],
    history: [entry("regression_seen", deployment, byRule(command.verdict.why), rolledBackBefore)],
  };
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
    effects: [note(deployment, `on-it:${deployment.id}:${actorKey(actor)}`, `${actorName(actor)} is on it.`)],
    history: [entry("on_it", deployment, actor)],
    answer: "Noted: the card says that you are on it.",
  });
}
