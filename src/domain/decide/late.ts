import { wasRolledBack } from "../deployment.ts";
import type { CommandOf, Snapshot } from "../environment.ts";
import { shortSha } from "../ids.ts";
import { lateSince } from "../late.ts";
import { callOnCall } from "../duty.ts";
import { byRule, decision, entry, find, note, type Outcome } from "./decision.ts";
import { placeWords, undoWords } from "./regression-ping.ts";
import { tooLate, unknown } from "./refusals.ts";
import { changedFileWords, oneLine } from "../verdict/words.ts";

/** Hours after the watch a version that is still live crashes for the first time: people are told, and nothing is rolled back by itself. */
export function lateRegression(snapshot: Snapshot, command: CommandOf<"late_regression">, now: Date): Outcome {
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined) return unknown();
  const isLive = snapshot.live.some((host) => host.deploymentId === deployment.id);
  const { liveAt } = deployment;
  // On its way back it is no news any more.
  const goesBack =
    wasRolledBack(deployment, [...snapshot.open, ...snapshot.past]) || snapshot.open.some((open) => open.rollsBack === deployment.id);
  if (lateSince(deployment, now) === null || !isLive || goesBack || liveAt === null) return tooLate("told", deployment);
  const { issue } = command;
  const history = [entry("late_regression", deployment, byRule("a new crash after the watch"), { issue: issue.id, events: issue.events })];
  // `shadow` is for learning how often it would speak.
  if (deployment.plan.watch?.onRegression === "shadow") return decision({ history });
  const errors = `${issue.events} ${issue.events === 1 ? "error" : "errors"}`;
  // Nobody is known to be hit where no user is known, as in a night job: that is not said to be nobody.
  const hit = issue.users === 0 ? errors : `${errors}, ${issue.users} ${issue.users === 1 ? "person" : "people"} hit`;
  const what = `${oneLine(issue.title)}${issue.place === null ? "" : ` in ${oneLine(issue.place)}`}${changedFileWords(issue)}`;
  const text =
    `Late regression in ${placeWords(snapshot)}: a new crash, ${hit}. ` +
    `Nothing is rolled back by itself after the watch. ${undoWords(snapshot, deployment, command.undo)} ` +
    `${what}, first seen ${issue.firstSeen.toISOString()}; ${shortSha(deployment.revision)} is live since ${liveAt.toISOString()}.` +
    (issue.url === null ? "" : ` ${issue.url}`);
  const called = callOnCall(snapshot.environment);
  return decision({
    effects: [note(deployment, `late-regression:${issue.id}`, text, { kind: "ping", ping: "regression", ...called, rollBackButton: true })],
    history,
  });
}
