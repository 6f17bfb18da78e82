import { lastingUntil } from "./absence.ts";
import { environmentId, type Sha } from "./ids.ts";
import { actorKey, actorName, rightKey } from "./people.ts";
import { companionBlockers, isLiveSet, isSameSet, revisionsOf } from "./companion.ts";
import type { Blocker, Deployment } from "./deployment.ts";
import { isOccupying } from "./deployment.ts";
import { liveRevision, type Snapshot } from "./environment.ts";
import type { Approval, Lock, SetFreeze } from "./standing.ts";
import { frozenUntil, windowText } from "./freeze.ts";
import { whoApproves } from "./authorize.ts";
import { approvalExpiry } from "./expiry.ts";
import { imageBlockers } from "./image.ts";
import { takesAway } from "./live-content.ts";
import { isReverted } from "./reverted.ts";
import { validated, whyNotValidated, wordsFor } from "./validation.ts";

/** Pure: every reason why this deployment may not start now, with its owner and what or when lifts it. Empty: it may. */
export function gate(snapshot: Snapshot, deployment: Deployment, now: Date): readonly Blocker[] {
  if (deployment.kind === "rollback") return [...held(snapshot), ...occupied(snapshot, deployment)];
  return [
    ...held(snapshot),
    ...approval(snapshot, deployment, now),
    ...later(snapshot, deployment, now),
    ...blockedCommit(snapshot, deployment),
    ...liveContent(snapshot, deployment),
    ...companionBlockers(snapshot, deployment.revision),
    ...order(snapshot, deployment, now),
    ...validation(snapshot, deployment),
    ...imageBlockers(snapshot.environment, snapshot.images ?? [], deployment.revision),
    ...locked(snapshot, deployment, now),
    ...frozen(snapshot, now),
    ...occupied(snapshot, deployment),
  ];
}

/** Yeses that count: for exactly this revision and plan, not expired, one per right: a stand-in's is that of whom they stand in for. */
export function validApprovals(snapshot: Snapshot, deployment: Deployment, now: Date): readonly Approval[] {
  const seen = new Set<string>();
  return snapshot.approvals.filter((yes) => {
    const expiry = yesExpiry(snapshot, yes, now);
    const counts =
      yes.deploymentId === deployment.id &&
      yes.planHash === deployment.planHash &&
      yes.revision === deployment.revision &&
      (expiry === null || now < expiry);
    if (!counts || seen.has(rightKey(yes.actor))) return false;
    seen.add(rightKey(yes.actor));
    return true;
  });
}

/**
 * Until when a yes counts: from when it was given, or from the time that it is for, and not while Slack is away. Null: for ever, the
 * environment asks nobody.
 */
export function yesExpiry({ environment, absences }: Snapshot, yes: Pick<Approval, "at" | "notBefore">, now: Date): Date | null {
  const { release } = environment;
  if (release.mode !== "approval") return null;
  const { notBefore } = yes;
  const from = notBefore !== null && notBefore !== undefined && notBefore > yes.at ? notBefore : yes.at;
  return lastingUntil({ ...release.approval, from, until: approvalExpiry(release.approval, from) }, absences, now);
}

/** Until when people may say yes: their time goes on only while they can be asked. Null: it does not wait for a yes. */
export function askedUntil({ environment, absences }: Snapshot, { state, requestedAt }: Deployment, now: Date): Date | null {
  if (state.state !== "awaiting_approval") return null;
  const rule = environment.release.mode === "approval" ? environment.release.approval : {};
  return lastingUntil({ ...rule, from: state.since ?? requestedAt, until: state.expiresAt }, absences, now);
}

/** The yes for later that it waits for longest; null: nobody chose a time, or an override goes before all of them. */
function approvedFor(snapshot: Snapshot, deployment: Deployment, now: Date): Approval | null {
  const valid = validApprovals(snapshot, deployment, now);
  if (valid.some((yes) => yes.override !== null)) return null;
  const wanted = valid.filter((yes) => yes.notBefore instanceof Date);
  return wanted.toSorted((a, b) => (b.notBefore?.getTime() ?? 0) - (a.notBefore?.getTime() ?? 0))[0] ?? null;
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

function later(snapshot: Snapshot, deployment: Deployment, now: Date): readonly Blocker[] {
  const yes = approvedFor(snapshot, deployment, now);
  const at = yes?.notBefore ?? null;
  if (yes === null || at === null || at <= now) return [];
  return [{ rule: "later", text: `${actorName(yes.actor)} said yes for later.`, owner: actorName(yes.actor), liftsAt: at }];
}

function blockedCommit(snapshot: Snapshot, deployment: Deployment): readonly Blocker[] {
  const { changes, bringsBack } = deployment.changes;
  const brought = revisionsOf(deployment);
  const contained = snapshot.blocked.find(
    ({ revision }) =>
      brought.includes(revision) ||
      revision === bringsBack ||
      (changes.some((change) => change.revision === revision) && !isReverted(changes, revision)),
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

function liveContent({ environment }: Snapshot, { changes }: Deployment): readonly Blocker[] {
  const lacking = takesAway(environment, changes);
  return lacking === null ? [] : [lacking];
}

function order(snapshot: Snapshot, deployment: Deployment, now: Date): readonly Blocker[] {
  const rule = snapshot.environment.after;
  if (rule === null) return [];
  const first = environmentId(snapshot.environment.app, rule.environment);
  const records = (snapshot.after ?? []).filter(
    (record) => record.revision === deployment.revision && isSameSet(record.companions, deployment.plan.companions),
  );
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
  const { app, name, after } = snapshot.environment;
  const words = wordsFor(snapshot.validations, deployment.revision, snapshot.after);
  const text = whyNotValidated(words, deployment.revision, { command: snapshot.command, app, where: after?.environment ?? name });
  if (text === null) return [];
  const state = validated(words, deployment.revision);
  return [{ rule: "validation", text, owner: state.kind === "not_yet" ? actorName(state.said.actor) : null, liftsAt: null }];
}

/**
 * The lock that holds the environment at that moment; null: nobody's. One from Slack does not end while its owner can neither keep it
 * nor let it go: its `until` is later by that.
 */
export function lockOn({ lock, absences }: Pick<Snapshot, "lock" | "absences">, at: Date): Lock | null {
  if (lock === null) return null;
  const until = lock.owner.kind === "slack" ? lastingUntil({ from: lock.since, until: lock.until }, absences, at) : lock.until;
  return until <= at ? null : { ...lock, until };
}

/** The freeze that a person set, if it still holds at that moment. */
export function freezeOn({ freeze }: Pick<Snapshot, "freeze">, at: Date): SetFreeze | null {
  return freeze === null || freeze.until <= at ? null : freeze;
}

function locked(snapshot: Snapshot, deployment: Deployment, now: Date): readonly Blocker[] {
  const lock = lockOn(snapshot, now);
  if (lock === null || actorKey(lock.owner) === actorKey(deployment.requestedBy)) return [];
  return [{ rule: "lock", text: `${actorName(lock.owner)} holds it: ${lock.reason}`, owner: actorName(lock.owner), liftsAt: lock.until }];
}

function frozen(snapshot: Snapshot, now: Date): readonly Blocker[] {
  const calendar = frozenUntil(snapshot.environment.freeze, now);
  const set = freezeOn(snapshot, now);
  const blockers: Blocker[] = [];
  if (calendar !== null) {
    const reason = calendar.window.reason === null ? "" : `: ${calendar.window.reason}`;
    const text = `The calendar freezes it (${windowText(calendar.window)})${reason}.`;
    blockers.push({ rule: "freeze", text, owner: "freeze in greenlight.yml", liftsAt: calendar.until });
  }
  if (set !== null)
    blockers.push({
      rule: "freeze",
      text: `${actorName(set.owner)} froze it: ${set.reason}`,
      owner: actorName(set.owner),
      liftsAt: set.until,
    });
  return blockers;
}

function occupied(snapshot: Snapshot, deployment: Deployment): readonly Blocker[] {
  const other = snapshot.open.find((candidate) => candidate.id !== deployment.id && isOccupying(candidate.state));
  if (other === undefined) return [];
  const text = other.state.state === "needs_attention" ? `#${other.number} needs attention first.` : `#${other.number} is being deployed.`;
  return [{ rule: other.state.state === "needs_attention" ? "attention" : "occupied", text, owner: `#${other.number}`, liftsAt: null }];
}

/** Rules that a person should hear of before asking, whatever the state. */
export function alreadyLive(snapshot: Snapshot, revision: Sha): Blocker | null {
  const live = liveRevision(snapshot);
  if (live === null || live.revision !== revision || snapshot.mixed || !isLiveSet(snapshot, revision)) return null;
  return { rule: "live", text: "This version is live there already.", owner: null, liftsAt: null };
}
