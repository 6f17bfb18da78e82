import type { Command, Decision, Snapshot } from "./environment.ts";
import type { Refusal } from "./intent.ts";
import type { Result } from "./result.ts";
import { markAlarm, withAlarm } from "./decide/alarm.ts";
import { resolve } from "./decide/attention.ts";
import { escalated } from "./decide/escalate.ts";
import { drifted } from "./decide/drift.ts";
import { cancelEnded, stepsEnded } from "./decide/execution.ts";
import { freeze, unfreeze } from "./decide/freeze.ts";
import { gateAsked } from "./decide/gate-asked.ts";
import { foundLive, gone, restored } from "./decide/hold.ts";
import { crashFreeFell, lateRegression } from "./decide/late.ts";
import { askUnlock, lock, unlock } from "./decide/lock.ts";
import { observed } from "./decide/observed.ts";
import { offer, request } from "./decide/offer.ts";
import { allowAgain } from "./decide/allow-again.ts";
import { approve } from "./decide/approve.ts";
import { delegate, undelegate } from "./decide/delegation.ts";
import { startNow } from "./decide/start-now.ts";
import { offerAgain } from "./decide/offer-again.ts";
import { cancel, reject } from "./decide/press.ts";
import { rollBack } from "./decide/roll-back.ts";
import { stale } from "./decide/stale.ts";
import { recheck } from "./decide/start.ts";
import { notYet, validate } from "./decide/validation.ts";
import { keepWatching, measured, onIt, stopCountdown } from "./decide/watch.ts";
import { withdraw } from "./decide/withdraw.ts";

/**
 * The whole lifecycle, and the only place that knows it. Pure: everything it may know is in the snapshot, the
 * clock comes in as `now`, new ids come in with the command.
 */
export function decide(snapshot: Snapshot, command: Command, now: Date): Result<Decision, Refusal> {
  const old = stale(snapshot, command);
  if (old !== null) return old;
  const outcome = decided(snapshot, command, now);
  return outcome.ok ? { ok: true, value: escalated(snapshot, outcome.value, now) } : outcome;
}

function decided(snapshot: Snapshot, command: Command, now: Date): Result<Decision, Refusal> {
  switch (command.kind) {
    case "offer":
      return command.byGate === true ? gateAsked(snapshot, command, now) : offer(snapshot, command, now);
    case "request":
      return request(snapshot, command, now);
    case "approve":
      return approve(snapshot, command, now);
    case "start_now":
      return startNow(snapshot, command, now);
    case "offer_again":
      return offerAgain(snapshot, command, now);
    case "delegate":
      return delegate(snapshot, command, now);
    case "undelegate":
      return undelegate(snapshot, command);
    case "reject":
      return reject(snapshot, command, now);
    case "cancel":
      return cancel(snapshot, command, now);
    case "roll_back":
      return rollBack(snapshot, command, now);
    case "stop_countdown":
      return stopCountdown(snapshot, command);
    case "keep_watching":
      return keepWatching(snapshot, command);
    case "on_it":
      return onIt(snapshot, command);
    case "mark_alarm":
      return markAlarm(snapshot, command, now);
    case "allow_again":
      return allowAgain(snapshot, command);
    case "resolve":
      return resolve(snapshot, command, now);
    case "lock":
      return lock(snapshot, command, now);
    case "unlock":
      return unlock(snapshot, command, now);
    case "ask_unlock":
      return askUnlock(snapshot, command, now);
    case "freeze":
      return freeze(snapshot, command, now);
    case "unfreeze":
      return unfreeze(snapshot, command, now);
    case "validate":
      return validate(snapshot, command, now);
    case "not_yet":
      return notYet(snapshot, command, now);
    case "recheck":
      return recheck(snapshot, command, now);
    case "steps_ended":
      return stepsEnded(snapshot, command, now);
    case "cancel_ended":
      return cancelEnded(snapshot, command, now);
    case "measured":
      return withAlarm(snapshot, command, measured(snapshot, command, now), now);
    case "late_regression":
      return lateRegression(snapshot, command, now);
    case "crash_free_fell":
      return crashFreeFell(snapshot, command, now);
    case "drifted":
      return drifted(snapshot, command, now);
    case "withdraw":
      return withdraw(snapshot, command, now);
    case "observed":
      return observed(snapshot, command);
    case "found_live":
      return foundLive(snapshot, command, now);
    case "restored":
      return restored(snapshot, command, now);
    case "gone":
      return gone(snapshot, now);
    default:
      return command satisfies never;
  }
}
