import { actorName, actorKey } from "../people.ts";
import type { Change, CommandOf, Snapshot } from "../environment.ts";
import { digestOf } from "../digest.ts";
import { gate, recheckAt, requiredApprovals, validApprovals } from "../gate.ts";
import { authorize } from "../authorize.ts";
import { decision, end, entry, find, move, note, reasonOf, refused, whatHappened, type Outcome } from "./decision.ts";
import { notAllowed, tooLate, unknown } from "./refusals.ts";

/** One person's yes to exactly what the card showed. */
export function approve(snapshot: Snapshot, command: CommandOf<"approve">, now: Date): Outcome {
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined) return unknown();
  const { standing } = command;
  const first = snapshot.approvals.find((yes) => yes.deploymentId === deployment.id);
  if (deployment.state.state !== "awaiting_approval") {
    const who = first === undefined ? "" : ` ${actorName(first.actor)} said yes first.`;
    return refused(`Not approved again: #${deployment.number} is past that.${who} ${whatHappened(deployment)}`);
  }
  if (deployment.state.expiresAt <= now)
    return refused("Not deployed: the time to approve it is over.", [], { change: "Ask again with /deploy." });
  const may = authorize("approve", standing, snapshot.environment, deployment);
  if (may !== null && command.override === null) return notAllowed("deployed", may, snapshot, command.approverNames);
  if (command.digest !== digestOf({ revision: deployment.revision, environment: deployment.environmentId, planHash: deployment.planHash }))
    return refused("Not deployed: what would be deployed has changed since this card was drawn.", [], {
      change: "Look at the card again; it shows the new plan.",
    });
  const valid = validApprovals(snapshot, deployment, now);
  const again = valid.some((yes) => actorKey(yes.actor) === actorKey(standing.actor));
  // A plan may become what it was before, with the yeses of then: pressing once more is what lets it go.
  if (again && command.override === null && valid.length < requiredApprovals(snapshot, deployment))
    return refused(`You said yes to #${deployment.number} already.`);
  const approval = {
    deploymentId: deployment.id,
    actor: standing.actor,
    revision: deployment.revision,
    planHash: deployment.planHash,
    at: now,
    override: command.override,
  };
  const history = [
    entry(
      command.override === null ? "approved" : "override",
      deployment,
      standing.actor,
      command.override === null ? {} : { reason: command.override },
    ),
  ];
  const given = valid.length + (again ? 0 : 1);
  const missing = command.override === null ? requiredApprovals(snapshot, deployment) - given : 0;
  if (missing > 0) {
    return decision({
      changes: [{ kind: "approve", approval }],
      history,
      answer: `Your yes counts. ${missing === 1 ? "One more is needed." : `${missing} more are needed.`}`,
    });
  }
  const approved = { ...snapshot, approvals: [...snapshot.approvals, approval] };
  const blockers = gate(approved, deployment, now);
  const changes: Change[] = [
    { kind: "approve", approval },
    move(deployment, { state: "queued", since: now, blockers, recheckAt: recheckAt(blockers) }),
  ];
  const { release } = snapshot.environment;
  const lifts = recheckAt(blockers);
  const effects = [
    { kind: "recheck" as const, at: null },
    // Approvals expire while they wait: the card should say so by then.
    ...(lifts === null ? [] : [{ kind: "recheck" as const, at: lifts }]),
    ...(release.mode === "approval" ? [{ kind: "recheck" as const, at: new Date(now.getTime() + release.approval.expiresMs) }] : []),
    note(
      deployment,
      `approved:${deployment.planHash}`,
      `${actorName(standing.actor)} said yes${command.override === null ? "" : `, overriding the rule: ${command.override}`}.`,
    ),
  ];
  const answer =
    blockers.length === 0
      ? `Deploying to ${snapshot.environment.name}. The card shows how it goes.`
      : `Approved. It starts as soon as it may: ${blockers.map((blocker) => blocker.text).join(" ")}`;
  return decision({ changes, effects, history, answer });
}

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
    effects: [
      note(deployment, "rejected", `${actorName(actor)} rejected it: ${command.reason}`),
      { kind: "tell", deployment: deployment.id, state: "failure" },
    ],
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
