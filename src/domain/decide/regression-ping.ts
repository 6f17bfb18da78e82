import { callOnCall } from "../duty.ts";
import type { Undo } from "../card.ts";
import type { Deployment } from "../deployment.ts";
import type { CommandOf, Effect, Snapshot } from "../environment.ts";
import type { Verdict } from "../measurement.ts";
import { likelyChange } from "../verdict/likely-change.ts";
import { worstIssue } from "../verdict/worst-issue.ts";
import { titled } from "../titled.ts";
import { wayBack } from "../way-back.ts";
import { note } from "./decision.ts";

type Intends = {
  /** The rollback that Greenlight started by itself so lately that it starts no other; null: none. */
  readonly spent?: Deployment | null;
  /** When Greenlight rolls back; null: it does not. */
  readonly rollBackAt?: Date | null;
  /** A countdown ended because this is not sure enough any more. */
  readonly unsure?: boolean;
};

/** State first, then what Greenlight does about it, then what can be done; the notification on the phone opens this, so it carries the button too. */
export function regressionPing(snapshot: Snapshot, deployment: Deployment, command: CommandOf<"measured">, intends: Intends): Effect {
  const still = command.verdict.ongoing ? "still happening" : "it has stopped";
  const will = intention(deployment, command.verdict, intends);
  const can = undoWords(snapshot, deployment, command.undo);
  return note(
    deployment,
    keyOf(deployment, command.verdict, intends),
    `Regression in ${placeWords(snapshot)}: ${still}. ${will} ${can}${harmWords(deployment, command.verdict)}`,
    {
      kind: "ping",
      ping: "regression",
      ...callOnCall(snapshot.environment),
      rollBackButton: true,
    },
  );
}

/** "shop, production". */
export function placeWords({ environment }: Snapshot): string {
  return `${environment.app}, ${environment.name}`;
}

/** Whether somebody can take it back, in a sentence. */
export function undoWords(snapshot: Snapshot, deployment: Deployment, undo: Undo): string {
  if (wayBack(snapshot, deployment) === null) return "There is no earlier version to go back to.";
  return undo.kind === "yes" ? "Rolling back is safe." : undo.because;
}

/** What was said before, of an earlier state or as over, is not true any more. */
function keyOf({ id, counter }: Deployment, verdict: Verdict, { rollBackAt = null, unsure = false }: Intends): string {
  if (rollBackAt !== null) return `countdown:${id}:${rollBackAt.toISOString()}`;
  return `${unsure ? "unsure" : verdict.ongoing ? "regression" : "regression-over"}:${id}:${counter}`;
}

/** What Greenlight will do, and when: whoever was woken asks that next. */
function intention({ plan }: Deployment, verdict: Verdict, { spent = null, rollBackAt = null, unsure = false }: Intends): string {
  if (spent !== null)
    return `Greenlight rolled back by itself less than six hours ago (#${spent.number}), so this time it waits for a person.`;
  if (unsure) return "Greenlight is not sure enough any more to roll back by itself: it waits for you.";
  if (rollBackAt !== null) return `Greenlight rolls back at ${rollBackAt.toISOString()}, unless the errors end or somebody stops it.`;
  if (plan.watch?.onRegression === "rollback" && verdict.ongoing && verdict.level !== "act")
    return "Greenlight is not sure enough to roll back by itself: it waits for you.";
  return "Greenlight waits for you.";
}

/** Since when, how many people, whether it is where something was changed, and the change that it likely comes from. */
function harmWords({ changes }: Deployment, { about, figures: { since, usersHit, newIssues } }: Verdict): string {
  const worst = about === "site" ? undefined : worstIssue(newIssues);
  const likely = likelyChange(changes, worst);
  const words = [
    ...(since === null ? [] : [`Since ${since.toISOString()}.`]),
    ...(usersHit === null ? [] : [`${usersHit} ${usersHit === 1 ? "person" : "people"} hit so far.`]),
    ...(worst?.changedFiles !== undefined ? ["The worst error is in a file that this deployment changes."] : []),
    ...(likely === null ? [] : [`Likely from: ${titled(likely.title)}, ${likely.author.name}.`]),
  ];
  return words.length === 0 ? "" : ` ${words.join(" ")}`;
}
