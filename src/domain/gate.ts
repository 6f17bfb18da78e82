import { environmentId } from "./ids.ts";
import { actorKey, actorName } from "./people.ts";
import type { Blocker, Deployment } from "./deployment.ts";
import { isOccupying } from "./deployment.ts";
import { liveRevision, type Approval, type Snapshot } from "./environment.ts";
import { frozenUntil } from "./freeze.ts";
import { whoApproves } from "./authorize.ts";
import { isReverted } from "./reverted.ts";

/** Pure: every reason why this deployment may not start now, with its owner and what or when lifts it. Empty: it may. */
export function gate(snapshot: Snapshot, deployment: Deployment, now: Date): readonly Blocker[] {
  if (deployment.kind === "rollback") return [...held(snapshot), ...occupied(snapshot, deployment)];
  return [
    ...held(snapshot),
    ...approval(snapshot, deployment, now),
    ...blockedCommit(snapshot, deployment),
    ...order(snapshot, deployment, now),
    ...validation(snapshot, deployment),
    ...locked(snapshot, deployment, now),
    ...frozen(snapshot, now),
    ...occupied(snapshot, deployment),
  ];
}

/** Yeses that count: for exactly this revision and plan, not expired, one per person. */
export function validApprovals(snapshot: Snapshot, deployment: Deployment, now: Date): readonly Approval[] {
  const { release } = snapshot.environment;
  const expiresMs = release.mode === "approval" ? release.approval.expiresMs : Number.POSITIVE_INFINITY;
  const seen = new Set<string>();
  return snapshot.approvals.filter((yes) => {
    const counts =
      yes.deploymentId === deployment.id &&
      yes.planHash === deployment.planHash &&
      yes.revision === deployment.revision &&
      now.getTime() < yes.at.getTime() + expiresMs;
    if (!counts || seen.has(actorKey(yes.actor))) return false;
    seen.add(actorKey(yes.actor));
    return true;
  });
}

/** How many yeses this deployment needs; none for a rollback or an automatic one. */
export function requiredApprovals(snapshot: Snapshot, deployment: Deployment): number {
  const { release } = snapshot.environment;
  return deployment.kind === "deploy" && release.mode === "approval" ? release.approval.count : 0;
}

/** When the earliest time-bound blocker lifts; null: none of them is bound to a time. */
export function recheckAt(blockers: readonly Blocker[]): Date | null {
  const times = blockers.flatMap((blocker) => (blocker.liftsAt === null ? [] : [blocker.liftsAt.getTime()]));
  return times.length === 0 ? null : new Date(Math.min(...times));
}

function held(snapshot: Snapshot): readonly Blocker[] {
  if (snapshot.heldBecause === null) return [];
  return [{ rule: "attention", text: snapshot.heldBecause, owner: null, liftsAt: null }];
}

function approval(snapshot: Snapshot, deployment: Deployment, now: Date): readonly Blocker[] {
  const valid = validApprovals(snapshot, deployment, now);
  const missing = requiredApprovals(snapshot, deployment) - valid.length;
  if (missing <= 0 || valid.some((yes) => yes.override !== null)) return [];
  return [
    {
      rule: "approval",
      text: `It needs ${missing === 1 ? "one yes" : `${missing} more yeses`}: ${whoApproves(snapshot.environment)}.`,
      owner: whoApproves(snapshot.environment),
      liftsAt: null,
    },
  ];
}

function blockedCommit(snapshot: Snapshot, deployment: Deployment): readonly Blocker[] {
  const { changes } = deployment.changes;
  const contained = snapshot.blocked.find(
    ({ revision }) =>
      revision === deployment.revision || (changes.some((change) => change.revision === revision) && !isReverted(changes, revision)),
  );
  if (contained === undefined) return [];
  return [
    {
      rule: "blocked_commit",
      text: `It contains ${contained.revision.slice(0, 7)}, which was rolled back here. Revert it, or press Allow again on that card.`,
      owner: null,
      liftsAt: null,
    },
  ];
}

function order(snapshot: Snapshot, deployment: Deployment, now: Date): readonly Blocker[] {
  const rule = snapshot.environment.after;
  if (rule === null) return [];
  const first = environmentId(snapshot.environment.app, rule.environment);
  const records = (snapshot.after ?? []).filter((record) => record.revision === deployment.revision);
  const good = records.filter(
    (record) =>
      record.state === "succeeded" ||
      record.state === "watching" ||
      (rule.verdict === "succeeded_or_unverified" && record.state === "succeeded_unverified"),
  );
  const record = good[0];
  if (record === undefined)
    return [{ rule: "order", text: `This version has not been live on ${first} with a good end.`, owner: first, liftsAt: null }];
  const lifts = new Date(record.liveAt.getTime() + rule.forMs);
  if (lifts <= now && record.state !== "watching") return [];
  if (lifts <= now && rule.verdict === "succeeded_or_unverified") return [];
  return [{ rule: "order", text: `It has to be live on ${first} for longer.`, owner: first, liftsAt: lifts > now ? lifts : null }];
}

function validation(snapshot: Snapshot, deployment: Deployment): readonly Blocker[] {
  if (!snapshot.environment.needsValidation) return [];
  if (snapshot.validations.some((said) => said.revision === deployment.revision)) return [];
  const where = snapshot.environment.after?.environment ?? snapshot.environment.name;
  return [
    {
      rule: "validation",
      text: `Nobody has said "looks good" on ${where} yet (/deploy looks-good ${snapshot.environment.app} ${where}).`,
      owner: null,
      liftsAt: null,
    },
  ];
}

function locked(snapshot: Snapshot, deployment: Deployment, now: Date): readonly Blocker[] {
  const { lock } = snapshot;
  if (lock === null || lock.until <= now || actorKey(lock.owner) === actorKey(deployment.requestedBy)) return [];
  return [{ rule: "lock", text: `${actorName(lock.owner)} holds it: ${lock.reason}`, owner: actorName(lock.owner), liftsAt: lock.until }];
}

function frozen(snapshot: Snapshot, now: Date): readonly Blocker[] {
  const freeze = frozenUntil(snapshot.environment.freeze, now);
  if (freeze === null) return [];
  return [
    {
      rule: "freeze",
      text: `The calendar freezes it (${freeze.window.from} to ${freeze.window.to}, ${freeze.window.timezone})${freeze.window.reason === null ? "" : `: ${freeze.window.reason}`}.`,
      owner: "freeze in greenlight.yml",
      liftsAt: freeze.until,
    },
  ];
}

function occupied(snapshot: Snapshot, deployment: Deployment): readonly Blocker[] {
  const other = snapshot.open.find((candidate) => candidate.id !== deployment.id && isOccupying(candidate.state));
  if (other === undefined) return [];
  const text = other.state.state === "needs_attention" ? `#${other.number} needs attention first.` : `#${other.number} is being deployed.`;
  return [{ rule: other.state.state === "needs_attention" ? "attention" : "occupied", text, owner: `#${other.number}`, liftsAt: null }];
}

/** Rules that a person should hear of before asking, whatever the state. */
export function alreadyLive(snapshot: Snapshot, revision: string): Blocker | null {
  const live = liveRevision(snapshot);
  if (live === null || live.revision !== revision || snapshot.mixed) return null;
  return { rule: "live", text: "This version is live there already.", owner: null, liftsAt: null };
}
