import type { CommandOf, Snapshot } from "../environment.ts";
import { actorName } from "../people.ts";
import { authorize } from "../authorize.ts";
import { decision, end, entry, find, move, note, refused, type Outcome } from "./decision.ts";
import { wentBack } from "./execution.ts";
import { nowLive, stillLive } from "./live.ts";
import { notAllowed, tooLate, unknown } from "./refusals.ts";
import { enterRollback } from "./roll-back.ts";
import { refusedBack } from "./schema-back.ts";

/** A person looked and says what is so. */
export function resolve(snapshot: Snapshot, command: CommandOf<"resolve">, now: Date): Outcome {
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined) return unknown();
  const { state } = deployment;
  if (state.state !== "needs_attention") return tooLate("changed", deployment);
  const { actor } = command.standing;
  const may = authorize(command.way === "take_over" ? "take_over" : "resolve", command.standing, snapshot.environment, deployment);
  if (may !== null) return notAllowed(command.way === "take_over" ? "taken over" : "changed", may, snapshot);
  const history = [entry("resolved", deployment, actor, { way: command.way, reason: command.reason })];
  const said = note(
    deployment,
    `resolved:${deployment.counter}`,
    command.way === "take_over" && state.held !== undefined
      ? `${actorName(actor)} takes over ${state.held.map(({ host, who }) => `${host} from ${who}`).join(", ")}. ${command.reason}`
      : `${actorName(actor)}: ${command.way.replaceAll("_", " ")}. ${command.reason}`,
  );
  switch (command.way) {
    case "ask_hosts":
      return decision({
        changes: [move(deployment, { state: "executing", since: now })],
        effects: [{ kind: "drive", deployment: deployment.id }, said],
        history,
        answer: "Asking the servers again.",
      });
    case "take_over": {
      const { held } = state;
      if (held === undefined)
        return refused("Not taken over: no lock of another run stands in the way.", [], { change: "Ask the servers again." });
      return decision({
        changes: [move(deployment, { state: "executing", since: now, takeOver: held })],
        effects: [{ kind: "drive", deployment: deployment.id }, said],
        history: [...history, entry("taken_over", deployment, actor, { locks: held.map(({ host, run }) => ({ host, run })) })],
        answer: "Taking the servers over.",
      });
    }
    case "mark_live":
      return decision({
        changes: [
          ...nowLive(snapshot, deployment, now),
          end(deployment, "succeeded_unverified", {
            now,
            because: `marked as live by ${actorName(actor)}`,
            by: actor,
            set: { liveAt: now },
          }),
        ],
        effects: [
          said,
          { kind: "drive", deployment: deployment.id },
          { kind: "recheck", at: null },
          { kind: "reconsider" },
          ...(deployment.kind === "rollback" ? wentBack(snapshot, deployment, now, actor) : []),
        ],
        history: [...history, ...(deployment.kind === "rollback" ? [entry("rolled_back", deployment, actor)] : [])],
        answer: "Marked as live.",
      });
    case "mark_earlier": {
      const { from } = deployment;
      if (from === null || state.held !== undefined) return refused("Not marked: no earlier version is known to have run there.");
      return decision({
        changes: [
          ...stillLive(snapshot, deployment, from, now),
          end(deployment, "failed", { now, because: `${from.slice(0, 7)} is what runs, says ${actorName(actor)}`, by: actor }),
        ],
        effects: [said, { kind: "drive", deployment: deployment.id }, { kind: "recheck", at: null }, { kind: "reconsider" }],
        history,
        answer: `Recorded: ${from.slice(0, 7)} is live there.`,
      });
    }
    case "stays_broken":
      return decision({
        changes: [
          // Before the hosts were ours nothing was started, so nothing differs that did not differ before.
          ...(state.held === undefined ? [{ kind: "mixed" as const, mixed: true }] : []),
          end(deployment, "failed", { now, because: state.because, by: actor }),
        ],
        effects: [said, { kind: "drive", deployment: deployment.id }, { kind: "recheck", at: null }],
        history,
        answer: state.held === undefined ? "Recorded as broken." : "Given up. Nothing was changed on any server.",
      });
    case "roll_back": {
      if (state.held !== undefined && deployment.kind === "deploy") return refused("Not rolled back: nothing was changed on any server.");
      // A rollback that failed is tried anew: what goes back is still what it was to roll back.
      const original = deployment.rollsBack === null ? deployment : find(snapshot, deployment.rollsBack);
      const back =
        original === undefined ? null : enterRollback(snapshot, original, { by: actor, id: command.id, now, because: command.reason });
      if (back === null && original !== undefined) {
        const unsafe = refusedBack(snapshot, original, false);
        if (unsafe !== null) return unsafe;
      }
      if (back === null) return refused("Not rolled back: there is no earlier version here that may be taken.");
      return decision({
        changes: back.changes,
        effects: [...back.effects, said],
        history: [...history, ...back.history],
        answer: `Rolling back to ${back.target.slice(0, 7)}.`,
      });
    }
    default:
      return command.way satisfies never;
  }
}
