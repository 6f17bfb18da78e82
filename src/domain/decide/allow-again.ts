import { authorize } from "../authorize.ts";
import { revisionsOf } from "../companion.ts";
import type { CommandOf, Snapshot } from "../environment.ts";
import { actorName } from "../people.ts";
import { decision, entry, find, note, refused, type Outcome } from "./decision.ts";
import { notAllowed, unknown } from "./refusals.ts";

/** Revision allowed again after a rollback, by somebody who did not write it. */
export function allowAgain(snapshot: Snapshot, command: CommandOf<"allow_again">): Outcome {
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined) return unknown();
  const may = authorize("allow_again", command.standing, snapshot.environment, deployment);
  if (may !== null) return notAllowed("allowed", may, snapshot);
  const brought = revisionsOf(deployment);
  const blocks = snapshot.blocked.filter((commit) => brought.includes(commit.revision));
  const block = blocks.find(({ deploymentId }) => deploymentId !== deployment.id) ?? blocks.at(-1);
  if (block === undefined) return refused("Nothing to allow: it is not blocked.");
  const later = block.deploymentId === deployment.id ? undefined : find(snapshot, block.deploymentId);
  if (later !== undefined)
    return refused(`Not allowed: it was rolled back once more after this, as #${later.number}.`, [], {
      change: "Press on the card of that one.",
    });
  const { actor } = command.standing;
  return decision({
    changes: blocks.map(({ revision }) => ({ kind: "allow", revision, by: actor, because: command.reason })),
    effects: [
      note(deployment, `allowed:${deployment.id}`, `${actorName(actor)} allowed this version again: ${command.reason}`),
      { kind: "recheck", at: null },
    ],
    history: [entry("allow_again", deployment, actor, { reason: command.reason })],
    answer: `Allowed again. Ask for it with ${snapshot.command}.`,
  });
}
