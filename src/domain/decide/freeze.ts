import { authorize } from "../authorize.ts";
import type { CommandOf, Effect, Snapshot } from "../environment.ts";
import type { SetFreeze } from "../standing.ts";
import { freezeOn } from "../gate.ts";
import { actorKey, actorName, type Actor } from "../people.ts";
import { decision, entry, reasonOf, refused, type Outcome } from "./decision.ts";
import { privately } from "./privately.ts";
import { whoMayFreeze } from "./refusals.ts";
import { tooLong } from "./until.ts";

/** Nobody deploys there until then, the one who says so neither; what is live may still go back. */
export function freeze(snapshot: Snapshot, command: CommandOf<"freeze">, now: Date): Outcome {
  const may = authorize("freeze", command.standing, snapshot.environment, null);
  if (may !== null) return whoMayFreeze("frozen", may, snapshot);
  const { actor } = command.standing;
  const { id } = snapshot.environment;
  const held = freezeOn(snapshot, now);
  if (held !== null && actorKey(held.owner) !== actorKey(actor))
    return refused(`Not frozen again: ${actorName(held.owner)} froze ${id} until ${held.until.toISOString()}: ${held.reason}`, [], {
      change: "Lift that one first, they are told; then set yours.",
    });
  const wrong = tooLong(command.until, now);
  if (wrong !== null) return refused(`Not frozen: ${wrong}`);
  const set: SetFreeze = { owner: actor, reason: command.reason, since: now, until: command.until };
  return decision({
    changes: [{ kind: "freeze", freeze: set }],
    effects: [
      { kind: "recheck", at: null },
      { kind: "recheck", at: command.until },
    ],
    history: [entry("frozen", null, actor, { reason: command.reason, until: command.until.toISOString() })],
    answer: `${snapshot.environment.name} of ${snapshot.environment.app} is frozen until ${command.until.toISOString()}. Nobody deploys there before, you neither; a rollback is always possible.`,
  });
}

/** Ends a freeze that a person set; whoever set it is told who lifted it. */
export function unfreeze(snapshot: Snapshot, command: CommandOf<"unfreeze">, now: Date): Outcome {
  const { id } = snapshot.environment;
  const held = freezeOn(snapshot, now);
  if (held === null)
    return refused(`Nothing to lift: nobody froze ${id}.`, [], {
      change: "What the calendar freezes stands in greenlight.yml, and ends by itself.",
    });
  const { actor } = command.standing;
  const own = actorKey(held.owner) === actorKey(actor);
  const may = authorize("unfreeze", command.standing, snapshot.environment, null);
  if (may !== null) return whoMayFreeze("lifted", may, snapshot);
  const why = command.reason === undefined ? "" : `: ${command.reason}`;
  return decision({
    changes: [{ kind: "freeze", freeze: null }],
    effects: [
      { kind: "recheck", at: null },
      ...(own ? [] : toldLifted(snapshot, held, `${actorName(actor)} lifted your freeze of ${id} (${held.reason})${why}.`)),
    ],
    history: [entry("unfrozen", null, actor, { ...(own ? {} : { freezeOf: actorKey(held.owner) }), ...reasonOf(command) })],
    answer: own
      ? "The freeze is over."
      : `The freeze is over. ${actorName(held.owner)} ${held.owner.kind === "slack" ? "is told" : "set it"}.`,
  });
}

function toldLifted(snapshot: Snapshot, held: SetFreeze, text: string): readonly Effect[] {
  return privately(held.owner, {
    snapshot,
    deployment: null,
    key: `unfrozen:${snapshot.environment.id}:${held.since.toISOString()}`,
    text,
  });
}

/** A rollback waits for no lock and no freeze: whoever set one is told that it goes back in spite of it. */
export function goesBackInSpite(
  snapshot: Snapshot,
  back: { readonly by: Actor; readonly original: { readonly id: SnapshotDeployment["id"]; readonly number: number } },
  now: Date,
): readonly Effect[] {
  const held = freezeOn(snapshot, now);
  if (held === null || actorKey(held.owner) === actorKey(back.by)) return [];
  return privately(held.owner, {
    snapshot,
    deployment: back.original.id,
    key: `rollback-freeze:${back.original.id}`,
    text: `${actorName(back.by)} is rolling back #${back.original.number} in ${snapshot.environment.id} although you froze it (${held.reason}): a rollback waits for no freeze.`,
  });
}

type SnapshotDeployment = Snapshot["open"][number];
