import { authorize } from "../authorize.ts";
import { isChosenStill } from "../companion.ts";
import type { Deployment } from "../deployment.ts";
import type { CommandOf, Snapshot } from "../environment.ts";
import { alreadyLive } from "../gate.ts";
import { actorName } from "../people.ts";
import { decision, entry, find, note, refused, type Outcome } from "./decision.ts";
import { changedMeanwhile, firstEffects, newDeployment } from "./offer.ts";
import { onlyByCi } from "./observed.ts";
import { bringsBack, notAllowed, tooLate, unknown } from "./refusals.ts";

/**
 * A rejection is taken back: the rejected one stays what it is, and the same revision is asked for anew, in the name of whoever asked
 * for it then. Whoever rejected by mistake is no requester by that, and may say yes.
 */
export function offerAgain(snapshot: Snapshot, command: CommandOf<"offer_again">, now: Date): Outcome {
  const rejected = find(snapshot, command.deployment);
  if (rejected === undefined) return unknown();
  if (rejected.state.state !== "rejected") return tooLate("offered again", rejected);
  const { environment } = snapshot;
  const { actor } = command.standing;
  const may = authorize("offer_again", command.standing, environment, rejected);
  if (may !== null) return notAllowed("offered again", may, snapshot);
  const foreign = onlyByCi(snapshot, "deployed");
  if (foreign !== null) return foreign;
  const since = overtakenBy(snapshot, rejected);
  if (since !== null)
    return refused(`Not offered again: ${since}`, [], { change: `Ask for the version that you want now with ${snapshot.command}.` });
  const blocked = command.containsBlocked;
  const reasons = [...command.missing, ...(blocked === null ? [] : [bringsBack(blocked)])];
  if (reasons.length > 0) return refused("Not offered again.", reasons);
  if (!isChosenStill(snapshot, rejected.revision, command.companions)) return changedMeanwhile("offered again");
  const deployment = newDeployment(snapshot, {
    id: command.id,
    revision: rejected.revision,
    runId: rejected.runId,
    prepared: command,
    by: rejected.requestedBy,
    automatic: false,
    now,
  });
  return decision({
    changes: [
      { kind: "insert", deployment },
      { kind: "redraw", id: rejected.id },
    ],
    effects: [
      ...firstEffects(snapshot, deployment),
      note(rejected, `offered-again:${deployment.id}`, `${actorName(actor)} took the rejection back: #${deployment.number} asks anew.`),
    ],
    history: [
      entry("offered_again", rejected, actor, { as: deployment.number }),
      entry("asked", deployment, actor, { again: rejected.number }),
    ],
    answer: `Offered again as #${deployment.number}: it waits for a yes. The card is in the channel.`,
  });
}

/** May its card offer to take the rejection back? */
export function mayBeOfferedAgain(snapshot: Snapshot, deployment: Deployment): boolean {
  return deployment.state.state === "rejected" && overtakenBy(snapshot, deployment) === null;
}

/** What came in its place since, in one sentence; null: nothing. */
function overtakenBy(snapshot: Snapshot, rejected: Deployment): string | null {
  if (snapshot.environment.release.mode !== "approval") return "nobody is asked here any more.";
  const all = [...snapshot.open, ...snapshot.past];
  const newer = all.find((other) => other.number > rejected.number && other.startedAt !== null);
  if (newer !== undefined) return `#${newer.number} was started here since.`;
  const same = all.find((other) => other.number > rejected.number && other.revision === rejected.revision && other.kind === "deploy");
  if (same !== undefined) return `#${same.number} asked for this version again already.`;
  return alreadyLive(snapshot, rejected.revision)?.text ?? null;
}
