import { hashOf } from "../canonical.ts";
import { deployPlan } from "../deploy-plan.ts";
import type { Deployment } from "../deployment.ts";
import { isWatched } from "../deployment.ts";
import type { Change, CommandOf, Effect, HistoryEntry, Snapshot } from "../environment.ts";
import { gate, recheckAt, requiredApprovals, validApprovals } from "../gate.ts";
import { byRule, decision, end, entry, move, note, verdictOf, type Outcome } from "./decision.ts";
import { countdownOver } from "./watch.ts";

type Parts = { changes: Change[]; effects: Effect[]; history: HistoryEntry[] };

/**
 * Time passed, a lock lifted, a deployment ended, people or configuration changed: every waiting row is judged anew and at most
 * one starts. A countdown that is over goes before all of them.
 */
export function recheck(snapshot: Snapshot, command: CommandOf<"recheck">, now: Date): Outcome {
  const over = countdownOver(snapshot, command.id, now);
  if (over !== null) return over;
  const parts: Parts = { changes: [], effects: [], history: [] };
  let current = snapshot;
  for (const deployment of waiting(snapshot)) {
    const replanned = replan(current, deployment, parts);
    const kept = stillApproved(current, replanned, command, now, parts);
    if (kept === null || (kept.kind === "deploy" && !command.asked.includes(kept.id))) continue;
    const unfit = command.unfit[kept.revision];
    if (unfit !== undefined && kept.kind === "deploy") {
      parts.changes.push(end(kept, "cancelled", { now, because: unfit }));
      parts.history.push(entry("cancelled", kept, byRule(unfit)));
      parts.effects.push(note(kept, "unfit", `Not deployed: ${unfit}`));
      continue;
    }
    current = startOrWait(current, kept, now, parts);
  }
  return decision(parts);
}

/** Rollbacks first, then in the order in which they were asked for. */
function waiting(snapshot: Snapshot): readonly Deployment[] {
  return snapshot.open
    .filter((deployment) => deployment.state.state === "queued" || deployment.state.state === "awaiting_approval")
    .toSorted(
      (a, b) =>
        Number(b.kind === "rollback") - Number(a.kind === "rollback") ||
        a.requestedAt.getTime() - b.requestedAt.getTime() ||
        a.number - b.number,
    );
}

/** A changed configuration or live revision makes another plan: what was approved is not what would run. */
function replan(snapshot: Snapshot, deployment: Deployment, parts: Parts): Deployment {
  if (deployment.kind === "rollback") return deployment;
  const plan = deployPlan(snapshot, deployment.revision, deployment.plan.migrations);
  const planHash = hashOf(plan);
  if (planHash === deployment.planHash) return deployment;
  parts.changes.push({ kind: "replan", id: deployment.id, plan, planHash });
  parts.history.push(entry("replanned", deployment, byRule("the plan changed"), { to: planHash }));
  return { ...deployment, plan, planHash };
}

/** Null: this row is dealt with for now. */
function stillApproved(
  snapshot: Snapshot,
  deployment: Deployment,
  command: CommandOf<"recheck">,
  now: Date,
  parts: Parts,
): Deployment | null {
  const { state } = deployment;
  if (state.state === "awaiting_approval") {
    if (state.expiresAt > now) {
      sayVoided(snapshot, deployment, parts);
      return null;
    }
    parts.changes.push(end(deployment, "expired", { now, because: "nobody said yes in time" }));
    parts.history.push(entry("expired", deployment, byRule("nobody said yes in time")));
    return null;
  }
  const required = requiredApprovals(snapshot, deployment);
  if (required === 0) return deployment;
  const valid = validApprovals(snapshot, deployment, now);
  const overridden = valid.some((yes) => yes.override !== null);
  const entitled = valid.filter(
    (yes) => command.entitled === null || yes.actor.kind !== "slack" || command.entitled.includes(yes.actor.id),
  );
  if (overridden || entitled.length >= required) return deployment;
  const given = snapshot.approvals.filter((yes) => yes.deploymentId === deployment.id).length;
  const voided = whyVoid(snapshot, deployment, valid.length === entitled.length);
  const { release } = snapshot.environment;
  const expiresAt = new Date(now.getTime() + (release.mode === "approval" ? release.approval.expiresMs : 0));
  parts.changes.push(move(deployment, { state: "awaiting_approval", expiresAt, voided: given > 0 ? voided : null }));
  parts.history.push(entry("approvals_void", deployment, byRule(voided)));
  parts.effects.push(note(deployment, `void:${deployment.planHash}`, `It needs a new yes: ${voided}.`), { kind: "recheck", at: expiresAt });
  return null;
}

function whyVoid(snapshot: Snapshot, deployment: Deployment, allEntitled: boolean): string {
  if (!allEntitled) return "who approved it may not approve any more";
  const same = snapshot.approvals.some((yes) => yes.deploymentId === deployment.id && yes.planHash === deployment.planHash);
  return same ? "the approval is too old" : "the plan changed after it was approved";
}

/** A yes that was given before the plan changed does not count any more; whoever gave it is told, once. */
function sayVoided(snapshot: Snapshot, deployment: Deployment, parts: Parts): void {
  const before = snapshot.open.find((other) => other.id === deployment.id);
  if (before === undefined || before.planHash === deployment.planHash || deployment.state.state !== "awaiting_approval") return;
  const given = snapshot.approvals.some((yes) => yes.deploymentId === deployment.id && yes.planHash === before.planHash);
  if (!given) return;
  const voided = "the plan changed after it was approved";
  parts.changes.push(move(deployment, { ...deployment.state, voided }));
  parts.history.push(entry("approvals_void", deployment, byRule(voided)));
  parts.effects.push(note(deployment, `void:${deployment.planHash}`, `It needs a new yes: ${voided}.`));
}

function startOrWait(snapshot: Snapshot, deployment: Deployment, now: Date, parts: Parts): Snapshot {
  const blockers = gate(snapshot, deployment, now);
  if (blockers.length > 0) {
    const at = recheckAt(blockers);
    if (deployment.state.state === "queued" && JSON.stringify(deployment.state.blockers) !== JSON.stringify(blockers)) {
      parts.changes.push(move(deployment, { state: "queued", since: deployment.state.since, blockers, recheckAt: at }));
      if (at !== null) parts.effects.push({ kind: "recheck", at });
    }
    return snapshot;
  }
  for (const watched of snapshot.open.filter((other) => isWatched(other.state))) cutShort(watched, deployment, now, parts);
  const started = { ...deployment, state: { state: "executing" as const, since: now } };
  parts.changes.push(move(deployment, started.state, { startedAt: now }));
  parts.history.push(entry("started", deployment, deployment.requestedBy));
  parts.effects.push({ kind: "drive", deployment: deployment.id }, { kind: "tell", deployment: deployment.id, state: "in_progress" });
  return { ...snapshot, open: snapshot.open.map((other) => (other.id === deployment.id ? started : other)) };
}

/** A deployment started during a watch ends that watch; what was proposed already stays said. */
export function cutShort(watched: Deployment, by: Deployment, now: Date, parts: Parts): void {
  const because = `cut short by #${by.number}`;
  const proposed = watched.state.state === "countdown" || verdictOf(watched)?.kind === "regressed";
  parts.changes.push(end(watched, proposed ? "regressed" : "succeeded_unverified", { now, because }));
  parts.history.push(entry("watch_ended", watched, byRule(because)));
}
