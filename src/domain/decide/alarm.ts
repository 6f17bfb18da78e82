import { wordName } from "../alarm.ts";
import { authorize } from "../authorize.ts";
import { isWatched, type Deployment } from "../deployment.ts";
import type { Change, CommandOf, Snapshot } from "../environment.ts";
import { actorKey, actorName } from "../people.ts";
import { wayBack } from "../way-back.ts";
import { decision, entry, find, note, refused, type Outcome } from "./decision.ts";
import { notAllowed, unknown } from "./refusals.ts";

/**
 * What a look saw is remembered beside what is done about it: under every policy alike, so that people can count what
 * `on_regression: rollback` would have done before they switch it on.
 */
export function withAlarm(snapshot: Snapshot, command: CommandOf<"measured">, outcome: Outcome, now: Date): Outcome {
  if (!outcome.ok || command.verdict.kind !== "regressed") return outcome;
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined || !isWatched(deployment.state)) return outcome;
  const alarm: Change = { kind: "alarm", id: deployment.id, wouldActAt: wouldAct(snapshot, deployment, command) ? now : null };
  return { ...outcome, value: { ...outcome.value, changes: [...outcome.value.changes, alarm] } };
}

/** Strong enough, still going on, and safe to undo by code alone: all that a rollback by itself needs, but the policy. */
function wouldAct(snapshot: Snapshot, deployment: Deployment, { verdict, undo }: CommandOf<"measured">): boolean {
  return verdict.level === "act" && verdict.ongoing && undo.kind === "yes" && wayBack(snapshot, deployment) !== null;
}

/** A person says whether the regression that was seen was one. It changes nothing but how far the judge is trusted. */
export function markAlarm(snapshot: Snapshot, command: CommandOf<"mark_alarm">, now: Date): Outcome {
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined) return unknown();
  const may = authorize("false_alarm", command.standing, snapshot.environment, deployment);
  if (may !== null) return notAllowed("noted", may, snapshot);
  const { alarm, isReal } = command;
  if (alarm === null)
    return refused(`Not noted: no regression was seen of #${deployment.number}.`, [], {
      change: "Say it of a deployment whose card shows a regression. If this one does harm, roll it back: then it counts as missed.",
    });
  const { actor } = command.standing;
  const { word } = alarm;
  const what = wordName(isReal);
  if (word !== null && word.isReal === isReal && actorKey(word.by) === actorKey(actor))
    return decision({ answer: `You have said so: ${what}.` });
  const before = word === null ? "" : ` ${actorName(word.by)} had said: ${wordName(word.isReal)}.`;
  return decision({
    changes: [{ kind: "alarm_word", id: deployment.id, word: { isReal, by: actor, at: now } }],
    effects: [
      note(deployment, `alarm:${deployment.id}:${now.getTime()}`, `${actorName(actor)} says of this regression: ${what}.${before}`),
    ],
    history: [
      entry("alarm_judged", deployment, actor, {
        said: isReal ? "real" : "false alarm",
        ...(word === null ? {} : { before: word.isReal ? "real" : "false alarm" }),
      }),
    ],
    answer: `Noted: ${what}. You can say otherwise later; the last word counts.`,
  });
}
