import { type Deployment, wasRolledBack } from "../deployment.ts";
import type { CommandOf, HistoryEntry, Snapshot } from "../environment.ts";
import { shortSha } from "../ids.ts";
import { lateSince } from "../late.ts";
import { callOnCall } from "../duty.ts";
import { crashFreeWords } from "../verdict/crash-free.ts";
import { changedFileWords, oneLine } from "../verdict/words.ts";
import { byRule, decision, entry, find, note, type Outcome } from "./decision.ts";
import { placeWords, undoWords } from "./regression-ping.ts";
import { tooLate, unknown } from "./refusals.ts";

type LateCommand = CommandOf<"late_regression"> | CommandOf<"crash_free_fell">;

/** What came after the watch: `what` stands first, `detail` for those who read on. */
type Seen = { readonly key: string; readonly what: string; readonly detail: string; readonly url: string | null };

/** Hours after the watch a version that is still live crashes for the first time: people are told, and nothing is rolled back by itself. */
export function lateRegression(snapshot: Snapshot, command: CommandOf<"late_regression">, now: Date): Outcome {
  const { issue } = command;
  const errors = `${issue.events} ${issue.events === 1 ? "error" : "errors"}`;
  // Nobody is known to be hit where no user is known, as in a night job: that is not said to be nobody.
  const hit = issue.users === 0 ? errors : `${errors}, ${issue.users} ${issue.users === 1 ? "person" : "people"} hit`;
  const what = `${oneLine(issue.title)}${issue.place === null ? "" : ` in ${oneLine(issue.place)}`}${changedFileWords(issue)}`;
  const detail = `${what}, first seen ${issue.firstSeen.toISOString()}`;
  return told(snapshot, command, now, {
    seen: { key: issue.id, what: `a new crash, ${hit}`, detail, url: issue.url },
    history: (deployment) =>
      entry("late_regression", deployment, byRule("a new crash after the watch"), { issue: issue.id, events: issue.events }),
  });
}

/** More sessions crash than before it was live: told as a new crash is, and nothing is rolled back by itself either. */
export function crashFreeFell(snapshot: Snapshot, command: CommandOf<"crash_free_fell">, now: Date): Outcome {
  const { fall } = command;
  const detail = `Counted in ${fall.hours} whole hours of the last day, and in the same hours of the days before the deployment`;
  return told(snapshot, command, now, {
    seen: { key: "crash-free", what: crashFreeWords(fall), detail, url: null },
    history: (deployment) =>
      entry("late_regression", deployment, byRule("more sessions crash than before"), { now: fall.now, before: fall.before }),
  });
}

function told(
  snapshot: Snapshot,
  command: LateCommand,
  now: Date,
  { seen, history }: { readonly seen: Seen; readonly history: (deployment: Deployment) => HistoryEntry },
): Outcome {
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined) return unknown();
  const isLive = snapshot.live.some((host) => host.deploymentId === deployment.id);
  const { liveAt } = deployment;
  // On its way back it is no news any more.
  const goesBack =
    wasRolledBack(deployment, [...snapshot.open, ...snapshot.past]) || snapshot.open.some((open) => open.rollsBack === deployment.id);
  if (lateSince(deployment, now) === null || !isLive || goesBack || liveAt === null) return tooLate("told", deployment);
  // `shadow` is for learning how often it would speak.
  if (deployment.plan.watch?.onRegression === "shadow") return decision({ history: [history(deployment)] });
  const text =
    `Late regression in ${placeWords(snapshot)}: ${seen.what}. ` +
    `Nothing is rolled back by itself after the watch. ${undoWords(snapshot, deployment, command.undo)} ` +
    `${seen.detail}; ${shortSha(deployment.revision)} is live since ${liveAt.toISOString()}.` +
    (seen.url === null ? "" : ` ${seen.url}`);
  const called = callOnCall(snapshot.environment);
  return decision({
    effects: [note(deployment, `late-regression:${seen.key}`, text, { kind: "ping", ping: "regression", ...called, rollBackButton: true })],
    history: [history(deployment)],
  });
}
