import { actorName } from "../people.ts";
import type { CommandOf, Snapshot } from "../environment.ts";
import { authorize } from "../authorize.ts";
import { decision, end, entry, find, move, note, reasonOf, refused, type Outcome } from "./decision.ts";
import { notAllowed, tooLate, unknown } from "./refusals.ts";

/** One person's no, with the reason its authors will read. */
export function reject(snapshot: Snapshot, command: CommandOf<"reject">, now: Date): Outcome {
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined) return unknown();
  if (deployment.state.state !== "awaiting_approval") return tooLate("rejected", deployment);
  const may = authorize("reject", command.standing, snapshot.environment, deployment);
  if (may !== null) return notAllowed("rejected", may, snapshot);
  const { actor } = command.standing;
  return decision({
    changes: [end(deployment, "rejected", { now, because: command.reason, by: actor })],
    effects: [note(deployment, "rejected", `${actorName(actor)} rejected it: ${command.reason}`)],
    history: [entry("rejected", deployment, actor, { reason: command.reason })],
    answer: "Rejected. Nothing was deployed.",
  });
}

/** Before the start nothing runs anywhere; while executing the remote process groups are ended first. */
export function cancel(snapshot: Snapshot, command: CommandOf<"cancel">, now: Date): Outcome {
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined) return unknown();
  const { actor } = command.standing;
  const may = authorize("cancel", command.standing, snapshot.environment, deployment);
  if (may !== null) return notAllowed("stopped", may, snapshot);
  const history = [entry("cancel", deployment, actor, { thenRollBack: command.thenRollBack, ...reasonOf(command) })];
  switch (deployment.state.state) {
    case "awaiting_approval":
    case "queued":
      return decision({
        changes: [end(deployment, "cancelled", { now, because: `cancelled by ${actorName(actor)}`, by: actor })],
        effects: [{ kind: "recheck", at: null }],
        history,
        answer: "Cancelled. Nothing was deployed.",
      });
    case "executing":
      if (deployment.plan.gate !== undefined)
        return refused("Not stopped: CI deploys it by now.", [], { change: "Cancel its run in CI. Nothing of ours runs there." });
      return decision({
        changes: [
          move(deployment, {
            state: "cancelling",
            since: now,
            by: actor,
            thenRollBack: command.thenRollBack && deployment.kind === "deploy",
          }),
        ],
        effects: [
          { kind: "drive", deployment: deployment.id },
          note(
            deployment,
            `cancel:${deployment.counter}`,
            `${actorName(actor)} is stopping it${command.thenRollBack ? " and rolling back" : ""}.`,
          ),
        ],
        history,
        answer: command.thenRollBack ? "Stopping it; then the servers go back." : "Stopping it.",
      });
    default:
      return tooLate("stopped", deployment);
  }
}
