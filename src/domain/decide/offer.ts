import { hashOf } from "../canonical.ts";
import { companionsFor, hasNewSet, isChosenStill, isOnItsWay } from "../companion.ts";
import { deployPlan } from "../deploy-plan.ts";
import type { Deployment } from "../deployment.ts";
import type { Change, CommandOf, Effect, Snapshot } from "../environment.ts";
import { alreadyLive } from "../gate.ts";
import { shownMigrations } from "../django/record.ts";
import type { DeploymentId } from "../ids.ts";
import { actorName } from "../people.ts";
import type { Prepared } from "../prepared.ts";
import { UNDO_ANSWERS, undoBefore } from "../undo-before.ts";
import { observeOf } from "../observed.ts";
import { validated, wordsFor } from "../validation.ts";
import { askedAlready } from "../what-if.ts";
import { authorize, refText } from "../authorize.ts";
import { approvalExpiry } from "../expiry.ts";
import { byRule, decision, end, entry, note, reasonOf, refused, type Outcome } from "./decision.ts";
import { onlyByCi } from "./observed.ts";
import { pendingNote } from "./pending.ts";
import { BRING_THEM_IN, takesAway } from "../live-content.ts";
import { bringsBack, notAllowed } from "./refusals.ts";
import { reminderAt } from "./reminder.ts";

/** A revision has passed all that this environment requires. */
export function offer(snapshot: Snapshot, command: CommandOf<"offer">, now: Date): Outcome {
  const { candidate } = command;
  if (observeOf(snapshot.environment.release) !== null) return decision({});
  const isKnown = snapshot.candidates.some((known) => known.revision === candidate.revision);
  if (isKnown && !hasNewSet(snapshot, candidate.revision)) return decision({});
  if (!isChosenStill(snapshot, candidate.revision, command.companions))
    return refused(`Not offered: what comes with ${candidate.revision} changed while it was looked at.`);
  const changes: Change[] = isKnown ? [] : [{ kind: "candidate", candidate }];
  const unwanted = whyNotOffered(snapshot, command);
  const actor = byRule("it passed all that is required");
  if (unwanted !== null)
    return decision({ changes, history: [entry("candidate", null, actor, { revision: candidate.revision, notOffered: unwanted })] });
  const automatic = snapshot.environment.release.mode === "automatically";
  const deployment = newDeployment(snapshot, {
    id: command.id,
    revision: candidate.revision,
    runId: candidate.runId,
    prepared: command,
    by: actor,
    automatic,
    now,
  });
  const replaced = supersede(snapshot, deployment, now);
  return decision({
    changes: [...changes, ...replaced.changes, { kind: "insert", deployment }],
    effects: [...replaced.effects, ...firstEffects(snapshot, deployment)],
    history: [
      ...(isKnown ? [] : [entry("candidate", null, actor, { revision: candidate.revision })]),
      ...replaced.history,
      entry("asked", deployment, actor, isKnown ? { because: "its companions are others now" } : {}),
    ],
  });
}

/** A person asks for one revision on one environment; the same gate, one more name. */
export function request(snapshot: Snapshot, command: CommandOf<"request">, now: Date): Outcome {
  const { environment } = snapshot;
  const foreign = onlyByCi(snapshot, "deployed");
  if (foreign !== null) return foreign;
  const may = authorize("deploy", command.standing, environment, null);
  if (may !== null) return notAllowed("deployed", may, snapshot);
  const live = alreadyLive(snapshot, command.revision);
  const blocked = command.containsBlocked;
  const lacking = live === null ? takesAway(environment, command.changes) : null;
  const reasons = [
    ...(live === null ? [] : [live]),
    ...command.missing,
    ...(lacking === null ? [] : [lacking]),
    ...(blocked === null ? [] : [bringsBack(blocked)]),
  ];
  if (reasons.length === 0 && !isChosenStill(snapshot, command.revision, command.companions)) return changedMeanwhile("deployed");
  if (reasons.length > 0) return refused("Not deployed. Nothing has changed.", reasons, lacking === null ? {} : { change: BRING_THEM_IN });
  const open = askedAlready(snapshot, command.revision);
  if (open !== null)
    return refused(`Not asked twice: #${open.number} brings this version to ${environment.name} already.`, [], {
      change: "Use the card of that deployment.",
    });
  const automatic = environment.release.mode === "automatically";
  const deployment = newDeployment(snapshot, {
    id: command.id,
    revision: command.revision,
    runId: command.runId,
    prepared: command,
    by: command.standing.actor,
    automatic,
    now,
  });
  const words = command.reason === undefined ? null : `${actorName(command.standing.actor)} asked for it: ${command.reason}`;
  const why = words === null ? [] : [note(deployment, `asked:${deployment.id}`, words)];
  const answer = automatic
    ? `#${deployment.number}: it goes to ${environment.name} as soon as the way is free.`
    : `#${deployment.number}: it now waits for a yes. The card is in the channel.`;
  return decision({
    changes: [{ kind: "insert", deployment }],
    effects: [...firstEffects(snapshot, deployment), ...why],
    history: [entry("asked", deployment, command.standing.actor, reasonOf(command))],
    answer,
  });
}

/** A companion passed between looking and deciding: what people would be shown is not what would run. */
export function changedMeanwhile(done: string): Outcome {
  return refused(`Not ${done}: what comes with it changed while you asked.`, [], { change: "Ask once more." });
}

/** The row of a deployment as it is asked for: planned against what is live now. */
export function newDeployment(
  snapshot: Snapshot,
  input: {
    id: DeploymentId;
    revision: Deployment["revision"];
    runId: Deployment["runId"];
    prepared: Prepared;
    by: Deployment["requestedBy"];
    automatic: boolean;
    now: Date;
  },
): Deployment {
  const { environment } = snapshot;
  const plan = deployPlan(snapshot, {
    revision: input.revision,
    companions: input.prepared.companions ?? [],
    migrations: shownMigrations(input.prepared.changes.migrations),
  });
  const { release } = environment;
  const expiresAt = release.mode === "approval" ? approvalExpiry(release.approval, input.now) : input.now;
  return {
    id: input.id,
    number: snapshot.nextNumber,
    environmentId: environment.id,
    kind: "deploy",
    revision: input.revision,
    from: plan.from,
    plan,
    planHash: hashOf(plan),
    configHash: snapshot.configHash,
    counter: 1,
    runId: input.runId,
    requestedBy: input.by,
    requestedAt: input.now,
    changes: input.prepared.changes,
    rollsBack: null,
    rolledBackBy: null,
    automatic: input.automatic,
    startedAt: null,
    liveAt: null,
    state: input.automatic
      ? { state: "queued", since: input.now, blockers: [], recheckAt: null }
      : { state: "awaiting_approval", since: input.now, expiresAt, voided: null },
  };
}

function whyNotOffered(snapshot: Snapshot, command: CommandOf<"offer">): string | null {
  const { revision, position } = command.candidate;
  if (alreadyLive(snapshot, revision) !== null) return "it is live already";
  if (command.containsBlocked !== null) return `it contains ${command.containsBlocked}, which was rolled back here`;
  const positions = new Map(snapshot.candidates.map((known) => [known.revision, known.position]));
  const newer = [...snapshot.open, ...snapshot.past.filter((past) => past.liveAt !== null)].find(
    (other) => (positions.get(other.revision) ?? 0) > position,
  );
  if (newer !== undefined) return `#${newer.number} is newer`;
  if (snapshot.open.some((other) => isOnItsWay(snapshot, other, revision))) return "it is on its way already";
  const companions = companionsFor(snapshot, revision);
  if (companions.kind === "doubt") return companions.because;
  return null;
}

/** A newer one replaces what nobody has looked at: an approval or validation keeps it. */
export function supersede(
  snapshot: Snapshot,
  newer: Deployment,
  now: Date,
): { changes: Change[]; effects: Effect[]; history: ReturnType<typeof entry>[] } {
  const looked = (other: Deployment): boolean =>
    snapshot.approvals.some((yes) => yes.deploymentId === other.id) ||
    validated(wordsFor(snapshot.validations, other.revision, snapshot.after), other.revision).kind === "looks_good";
  const old = snapshot.open.filter((other) => {
    if (other.kind !== "deploy" || looked(other)) return false;
    if (other.state.state === "awaiting_approval") return true;
    // What a person asked for keeps its place: a newer candidate is not what they meant.
    return other.state.state === "queued" && other.automatic && other.requestedBy.kind === "greenlight";
  });
  const because = `#${newer.number} is newer`;
  return {
    changes: old.map((other) => end(other, "superseded", { now, because })),
    effects: [],
    history: old.map((other) => entry("superseded", other, byRule(because))),
  };
}

/** What a row that was just asked for sets going: people are asked once and reminded once, or it is looked at at once. */
export function firstEffects(snapshot: Snapshot, deployment: Deployment): Effect[] {
  if (deployment.state.state !== "awaiting_approval") return [{ kind: "recheck", at: null }];
  const { release } = snapshot.environment;
  const refs = release.mode === "approval" ? release.approval.from.map(refText) : [];
  const reminded = reminderAt(snapshot, deployment.state.expiresAt);
  const { app, name } = snapshot.environment;
  const asked = deployment.requestedBy.kind === "greenlight" ? "" : `, asked by ${actorName(deployment.requestedBy)}`;
  const text = `Approval needed: ${app} to ${name}, ${changesSaid(deployment)}, safe to undo: ${UNDO_ANSWERS[undoBefore(deployment).kind]}${asked}`;
  return [
    { kind: "recheck", at: deployment.state.expiresAt },
    ...(reminded === null ? [] : [{ kind: "recheck" as const, at: reminded }]),
    note(deployment, `approval:${deployment.id}`, text, {
      kind: "ping",
      ping: "approval",
      mention: refs,
      deadline: deployment.state.expiresAt,
    }),
    ...pendingNote(deployment, deployment.changes.migrations, deployment.id),
  ];
}

/** "3 changes", "at least 1 change"; nothing is claimed of what nobody could list. */
function changesSaid({ changes: { changes, complete }, from }: Deployment): string {
  if (from === null) return "the first version";
  if (changes.length === 0) return complete ? "no new changes" : "changes nobody could list";
  return `${complete ? "" : "at least "}${changes.length === 1 ? "1 change" : `${changes.length} changes`}`;
}
