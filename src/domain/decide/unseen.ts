import type { Deployment } from "../deployment.ts";
import type { Change, Effect, HistoryEntry, Snapshot } from "../environment.ts";
import { byRule, entry, move, note } from "./decision.ts";

/** A countdown whose evidence is old goes on for so long, in milliseconds: a look with all its time-outs is through by then. */
export const LOOK_AGAIN_MS = 60_000;

/** Could nobody see the countdown, because Slack has not taken the card since it began? */
export function isUnseen(snapshot: Snapshot, deployment: Deployment): boolean {
  const { state, plan } = deployment;
  if (state.state !== "countdown" || snapshot.shownAt === undefined) return false;
  const began = state.rollBackAt.getTime() - (state.looksAgain === true ? LOOK_AGAIN_MS : (plan.watch?.countdownMs ?? 0));
  return snapshot.shownAt === null || snapshot.shownAt.getTime() < began;
}

type Parts = { readonly changes: readonly Change[]; readonly effects: readonly Effect[]; readonly history: readonly HistoryEntry[] };

const UNSEEN = "Nobody could see the countdown: Slack did not show it.";

/** `unseen: hold`: it stays live and is watched on, and no second countdown begins; people find the offer when Slack is back. */
export function holdUnseen(deployment: Deployment): Parts {
  const { state } = deployment;
  if (state.state !== "countdown") return { changes: [], effects: [], history: [] };
  const { until, verdict } = state;
  const because = `${UNSEEN} It was not rolled back (unseen: hold).`;
  return {
    changes: [move(deployment, { state: "watching", until, verdict, keptBy: null, noSecondCountdown: true, countdownHeld: "unseen" })],
    effects: [note(deployment, `unseen:${deployment.counter}`, `${because} Greenlight waits for you.`)],
    history: [entry("countdown_held", deployment, byRule(because))],
  };
}

/** `unseen: act`, the default: the rollback says that nobody could have stopped it. */
export function actUnseen<Given extends Parts>(deployment: Deployment, parts: Given): Given {
  const because = `${UNSEEN} It was rolled back all the same (unseen: act).`;
  return {
    ...parts,
    effects: [...parts.effects, note(deployment, `unseen:${deployment.counter}`, because)],
    history: [...parts.history, entry("countdown_unseen", deployment, byRule(because))],
  };
}
