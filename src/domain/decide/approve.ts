import { authorize, standInFor, whoApproves } from "../authorize.ts";
import type { Blocker, Deployment } from "../deployment.ts";
import { digestOf } from "../digest.ts";
import type { Change, CommandOf, Effect, Snapshot } from "../environment.ts";
import type { Approval } from "../standing.ts";
import { askedUntil, gate, recheckAt, requiredApprovals, validApprovals, yesExpiry } from "../gate.ts";
import { nextOpening, opensFor } from "../opening.ts";
import { actorKey, actorName, rightKey, type Actor } from "../people.ts";
import { decision, entry, find, move, note, refused, whatHappened, type Outcome } from "./decision.ts";
import { waitsBehind } from "./lock.ts";
import { notOurs } from "./observed.ts";
import { notAllowed, unknown } from "./refusals.ts";

/** Further ahead nobody knows what else will have changed by then. */
export const LATER_AT_MOST_MS = 7 * 86_400_000;
/** Whoever said yes for later hears of the start this long before, and may still stop it. */
export const TOLD_BEFORE_MS = 5 * 60_000;

/** One person's yes to exactly what the card showed, for now or for later; or the override of whoever may break the glass. */
export function approve(snapshot: Snapshot, command: CommandOf<"approve">, now: Date): Outcome {
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined) return unknown();
  const { standing } = command;
  const first = snapshot.approvals.find((yes) => yes.deploymentId === deployment.id);
  if (deployment.state.state !== "awaiting_approval") {
    const who = first === undefined ? "" : ` ${actorName(first.actor)} said yes first.`;
    return refused(`Not approved again: #${deployment.number} is past that.${who} ${whatHappened(deployment)}`);
  }
  const foreign = notOurs(snapshot, "deployed");
  if (foreign !== null) return foreign;
  if ((askedUntil(snapshot, deployment, now) ?? now) <= now)
    return refused("Not deployed: the time to approve it is over.", [], { change: `Ask again with ${snapshot.command}.` });
  const may = authorize(command.override === null ? "approve" : "override", standing, snapshot.environment, deployment);
  if (may !== null) return notAllowed(command.override === null ? "deployed" : "overridden", may, snapshot, command.approverNames);
  if (command.digest !== digestOf({ revision: deployment.revision, environment: deployment.environmentId, planHash: deployment.planHash }))
    return refused("Not deployed: what would be deployed has changed since this card was drawn.", [], {
      change: "Look at the card again; it shows the new plan.",
    });
  const start = startWanted(snapshot, deployment, command.later ?? null, now);
  if (typeof start === "string") return refused(`Not approved: ${start}`);
  const actor = rightful(command, deployment);
  const valid = validApprovals(snapshot, deployment, now);
  const same = valid.find((yes) => rightKey(yes.actor) === rightKey(actor) || actorKey(yes.actor) === actorKey(actor));
  // A plan may become what it was before, with the yeses of then: pressing once more is what lets it go.
  if (same !== undefined && command.override === null && valid.length < requiredApprovals(snapshot, deployment))
    return refused(alreadySaid(same.actor, actor, deployment));
  const approval: Approval = {
    deploymentId: deployment.id,
    actor,
    revision: deployment.revision,
    planHash: deployment.planHash,
    at: now,
    override: command.override,
    notBefore: start,
  };
  return counted(snapshot, deployment, approval, { given: valid.length + (same === undefined ? 1 : 0), now });
}

/** Who says yes by whose right: a right of one's own goes before one that was given. */
function rightful({ standing, override }: CommandOf<"approve">, deployment: Deployment): Actor {
  const { actor } = standing;
  const whose = standing.approver || override !== null ? null : standInFor(standing, deployment);
  return whose === null || actor.kind !== "slack" ? actor : { ...actor, for: whose };
}

function alreadySaid(before: Actor, now: Actor, deployment: Deployment): string {
  if (actorKey(before) === actorKey(now)) return `You said yes to #${deployment.number} already.`;
  return `Not counted twice: ${actorName(before)} said yes to #${deployment.number} by the same right.`;
}

/** Null: at once. A sentence: that time cannot be had. */
function startWanted(
  snapshot: Snapshot,
  deployment: Deployment,
  later: CommandOf<"approve">["later"] | null,
  now: Date,
): Date | string | null {
  if (later === null || later === undefined) return null;
  if (later.kind === "opening")
    return (
      nextOpening(snapshot, deployment, now) ?? "nothing keeps it closed until a time that is known. Approve it now, or choose a time."
    );
  if (later.at <= now) return "that time has passed. Choose a later one.";
  return later.at.getTime() - now.getTime() > LATER_AT_MOST_MS ? "that is more than 7 days ahead. Choose an earlier time." : later.at;
}

function counted(
  snapshot: Snapshot,
  deployment: Deployment,
  approval: Approval,
  { given, now }: { readonly given: number; readonly now: Date },
): Outcome {
  const { actor, override, notBefore } = approval;
  const why = override === null ? {} : { reason: override };
  const when = notBefore === null || notBefore === undefined ? {} : { notBefore: notBefore.toISOString() };
  const history = [entry(override === null ? "approved" : "override", deployment, actor, { ...why, ...when })];
  const missing = override === null ? requiredApprovals(snapshot, deployment) - given : 0;
  if (missing > 0)
    return decision({
      changes: [{ kind: "approve", approval }],
      history,
      answer: `Your yes counts${laterWords(notBefore)}. ${missing === 1 ? "One more is needed." : `${missing} more are needed.`}`,
    });
  const others = snapshot.approvals.filter(
    (yes) => yes.deploymentId !== deployment.id || yes.planHash !== approval.planHash || actorKey(yes.actor) !== actorKey(actor),
  );
  const approved = { ...snapshot, approvals: [...others, approval] };
  const blockers = gate(approved, deployment, now);
  const opens = opensFor(approved, deployment, now);
  const changes: Change[] = [
    { kind: "approve", approval },
    move(deployment, { state: "queued", since: now, blockers, recheckAt: recheckAt(blockers) }),
  ];
  return decision({
    changes,
    effects: [
      { kind: "recheck", at: null },
      ...laterLooks(approved, approval, recheckAt(blockers), now),
      ...waitsBehind(snapshot, deployment, blockers, now),
      announced(snapshot, deployment, approval),
    ],
    history,
    answer:
      blockers.length === 0
        ? `Deploying to ${snapshot.environment.name}. The card shows how it goes.`
        : approvedWords(blockers, { notBefore, opens }),
  });
}

/** Which of it all holds it until when: a chosen time and what is closed until then are not said twice. */
function approvedWords(
  blockers: readonly Blocker[],
  { notBefore, opens }: { readonly notBefore: Date | null | undefined; readonly opens: Date | null },
): string {
  const others = blockers.filter(({ rule }) => rule !== "later").map(({ text }) => text);
  if (others.length === 0 && opens !== null) return `Approved${laterWords(opens)}. It starts by itself then.`;
  const over = others.length === blockers.length ? "when it is open again" : "when all of that is over";
  const starts = opens === null ? "as soon as it may" : `${over}, at ${opens.toISOString()}`;
  return `Approved${laterWords(notBefore)}. It starts ${starts}: ${blockers.map(({ text }) => text).join(" ")}`;
}

function laterWords(notBefore: Date | null | undefined): string {
  return notBefore === null || notBefore === undefined ? "" : ` for ${notBefore.toISOString()}`;
}

/** When the gate opens, shortly before a start that was chosen, and when the yes is too old: the card should say so by then. */
function laterLooks(snapshot: Snapshot, approval: Approval, lifts: Date | null, now: Date): readonly Effect[] {
  const { notBefore } = approval;
  const soon = notBefore === null || notBefore === undefined ? null : new Date(notBefore.getTime() - TOLD_BEFORE_MS);
  const times = [lifts, soon !== null && soon > now ? soon : null, notBefore ?? null, yesExpiry(snapshot, approval, now)];
  const different = new Set(times.flatMap((at) => (at === null ? [] : [at.getTime()])));
  return [...different].map((at) => ({ kind: "recheck" as const, at: new Date(at) }));
}

/** Everybody in the thread reads who let it go, and by which right. */
function announced(snapshot: Snapshot, deployment: Deployment, { actor, override, notBefore }: Approval): Effect {
  const key = `approved:${deployment.planHash}`;
  if (override === null) return note(deployment, key, `${actorName(actor)} said yes${laterWords(notBefore)}.`);
  const skipped = `without ${whoApproves(snapshot.environment)}`;
  return note(deployment, `override:${deployment.planHash}`, `Override: ${actorName(actor)} deploys it ${skipped}. Reason: ${override}`);
}
