import { refText } from "../authorize.ts";
import { isSameSet, setWords } from "../companion.ts";
import type { Deployment } from "../deployment.ts";
import type { Change, CommandOf, Effect, HistoryEntry, Snapshot } from "../environment.ts";
import type { Approval } from "../standing.ts";
import { approvalExpiry } from "../expiry.ts";
import { askedUntil, requiredApprovals, validApprovals } from "../gate.ts";
import { byRule, end, entry, move, note } from "./decision.ts";
import { reminder, reminderAt } from "./reminder.ts";

/** What one recheck writes and carries out, gathered over all that waits. */
export type Parts = { readonly changes: Change[]; readonly effects: Effect[]; readonly history: HistoryEntry[] };

/** Do the yeses that it was queued by count still? What does not count any more is asked for anew. Null: this row is dealt with for now. */
export function stillApproved(
  snapshot: Snapshot,
  deployment: Deployment,
  command: CommandOf<"recheck">,
  now: Date,
  parts: Parts,
): Deployment | null {
  const { state } = deployment;
  if (state.state === "awaiting_approval") {
    const until = askedUntil(snapshot, deployment, now) ?? state.expiresAt;
    if (until > now) {
      const waiting = lengthened(snapshot, deployment, { until, now }, parts);
      sayVoided(snapshot, waiting, parts);
      parts.effects.push(...reminder(snapshot, waiting, now));
      return null;
    }
    parts.changes.push(end(deployment, "expired", { now, because: "nobody said yes in time" }));
    parts.history.push(entry("expired", deployment, byRule("nobody said yes in time")));
    return null;
  }
  const required = requiredApprovals(snapshot, deployment);
  const { release } = snapshot.environment;
  if (required === 0 || release.mode !== "approval") return deployment;
  const valid = validApprovals(snapshot, deployment, now);
  const entitled = valid.filter((yes) => isEntitled(yes, command));
  if (entitled.some((yes) => yes.override !== null) || entitled.length >= required) return deployment;
  const given = snapshot.approvals.some((yes) => yes.deploymentId === deployment.id);
  const voided = whyVoid(snapshot, deployment, valid.length === entitled.length);
  const expiresAt = approvalExpiry(release.approval, now);
  parts.changes.push(move(deployment, { state: "awaiting_approval", since: now, expiresAt, voided: given ? voided : null }));
  parts.history.push(entry("approvals_void", deployment, byRule(voided)));
  parts.effects.push(askedAgain(snapshot, deployment, voided), { kind: "recheck", at: expiresAt });
  return null;
}

/** Slack is back: the time in which nobody could be asked is added to what people have, once, and the card says so. */
function lengthened(
  snapshot: Snapshot,
  deployment: Deployment,
  to: { readonly until: Date; readonly now: Date },
  parts: Parts,
): Deployment {
  const { state } = deployment;
  const { until, now } = to;
  const isAway = snapshot.absences?.some((absence) => absence.until === null) === true;
  if (isAway || state.state !== "awaiting_approval" || until <= state.expiresAt) return deployment;
  const longer = { ...deployment, state: { ...state, since: now, expiresAt: until } };
  const reminded = reminderAt(snapshot, until);
  parts.changes.push(move(deployment, longer.state));
  parts.history.push(entry("more_time", deployment, byRule("Slack was away"), { until: until.toISOString() }));
  parts.effects.push({ kind: "recheck", at: until });
  if (reminded !== null && reminded > now) parts.effects.push({ kind: "recheck", at: reminded });
  return longer;
}

/** May whoever said it still say it? The command line's word is that of whoever holds the machine. */
function isEntitled({ actor, override }: Approval, command: CommandOf<"recheck">): boolean {
  if (actor.kind !== "slack") return true;
  // Nobody could be asked: that alone takes no yes away.
  if (command.entitled === null) return true;
  if (override !== null) return command.overriders?.includes(actor.id) === true;
  if (actor.for === undefined) return command.entitled.includes(actor.id);
  const { id } = actor.for;
  return command.standIns?.some(({ from, to }) => from === id && to === actor.id) === true;
}

function whyVoid(snapshot: Snapshot, deployment: Deployment, allEntitled: boolean): string {
  if (!allEntitled) return "who approved it may not approve any more";
  const same = snapshot.approvals.some((yes) => yes.deploymentId === deployment.id && yes.planHash === deployment.planHash);
  return same ? "the approval is too old" : planChanged(snapshot, deployment);
}

/** A companion's new version is the usual reason, and is named. */
function planChanged(snapshot: Snapshot, deployment: Deployment): string {
  const before = snapshot.open.find((other) => other.id === deployment.id)?.plan.companions;
  const now = deployment.plan.companions;
  const words = isSameSet(before, now) ? null : setWords(now);
  return words === null ? "the plan changed after it was approved" : `it comes ${words} now, which changed after it was approved`;
}

/** A yes that was given before the plan changed does not count any more; whoever gave it is told, once. */
function sayVoided(snapshot: Snapshot, deployment: Deployment, parts: Parts): void {
  const before = snapshot.open.find((other) => other.id === deployment.id);
  if (before === undefined || before.planHash === deployment.planHash || deployment.state.state !== "awaiting_approval") return;
  const given = snapshot.approvals.some((yes) => yes.deploymentId === deployment.id && yes.planHash === before.planHash);
  if (!given) return;
  const voided = planChanged(snapshot, deployment);
  parts.changes.push(move(deployment, { ...deployment.state, voided }));
  parts.history.push(entry("approvals_void", deployment, byRule(voided)));
  parts.effects.push(askedAgain(snapshot, deployment, voided));
}

/** Approval is needed once more: whoever may give it is called once more. */
function askedAgain({ environment: { release } }: Snapshot, deployment: Deployment, voided: string): Effect {
  const mention = release.mode === "approval" ? release.approval.from.map(refText) : [];
  const key = `void:${deployment.planHash}:${deployment.counter}`;
  return note(deployment, key, `It needs a new yes: ${voided}.`, { kind: "ping", ping: "approval", mention });
}
