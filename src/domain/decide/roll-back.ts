import { backScope } from "../back-scope.ts";
import type { WayBack } from "../card.ts";
import { hashOf } from "../canonical.ts";
import { isSameSet, liveSet, setWords, takenBack } from "../companion.ts";
import type { Environment } from "../config.ts";
import type { BackTo, Deployment } from "../deployment.ts";
import { isOccupying, isWatched, wasRolledBack } from "../deployment.ts";
import { liveRevision, type Change, type CommandOf, type Effect, type HistoryEntry, type Snapshot } from "../environment.ts";
import { runningOn } from "../drift.ts";
import type { DeploymentId, Sha } from "../ids.ts";
import { actorKey, actorName, type Actor } from "../people.ts";
import { planOf } from "../plan.ts";
import { authorize } from "../authorize.ts";
import { lockOn } from "../gate.ts";
import { decision, end, entry, find, move, note, refused, type Outcome } from "./decision.ts";
import { goesBackInSpite } from "./freeze.ts";
import { privately } from "./privately.ts";
import { onlyByCi } from "./observed.ts";
import { notAllowed, unknown } from "./refusals.ts";
import { changesBack, lossWords, refusedBack, schemaPart, schemaWords } from "./schema-back.ts";

/** Asked for by a person; needs no approval and no open freeze. */
export function rollBack(snapshot: Snapshot, command: CommandOf<"roll_back">, now: Date): Outcome {
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined) return unknown();
  const { actor } = command.standing;
  const may = authorize(command.schema === true ? "roll_back_schema" : "roll_back", command.standing, snapshot.environment, deployment);
  if (may !== null) return notAllowed("rolled back", may, snapshot);
  const ours = isOccupying(deployment.state) && deployment.plan.gate === undefined;
  const foreign = ours ? null : onlyByCi(snapshot, "rolled back");
  if (foreign !== null) return foreign;
  const refusal = whyNot(snapshot, deployment);
  if (refusal !== null) return refused(`Not rolled back: ${refusal}`);
  const elsewhere = command.to === undefined ? null : whyNotTo(snapshot, deployment, command.to, command);
  if (elsewhere !== null) return elsewhere;
  if (deployment.state.state === "executing") {
    // Which migrations it has run by the time it is stopped nobody can confirm now.
    if (command.schema === true)
      return refused("Not rolled back: it is still running.", [], { change: "Stop it first; then take back code and database." });
    return decision({
      changes: [move(deployment, { state: "cancelling", since: now, by: actor, thenRollBack: true, ...backTo(command) })],
      effects: [{ kind: "drive", deployment: deployment.id }],
      history: [entry("roll_back", deployment, actor, { reason: command.reason })],
      answer: "Stopping the deployment first; then the servers go back.",
    });
  }
  const unsafe = refusedBack(snapshot, deployment, command.schema === true, command);
  if (unsafe !== null) return unsafe;
  const parts = enterRollback(snapshot, deployment, {
    by: actor,
    id: command.id,
    now,
    because: command.reason ?? byHand(actor),
    schema: command.schema === true,
    ...backTo(command),
  });
  if (parts === null)
    return refused("Not rolled back: there is no earlier version here that may be taken.", [], {
      change: "Deploy a good version instead.",
    });
  const goes = command.schema === true ? lossWords(snapshot, deployment, command) : "";
  return decision({ ...parts, answer: `Rolling back to ${parts.target.slice(0, 7)}.${goes} The card shows how it goes.` });
}

/** Why a person may not roll it back in code now, and what changes that; null: they may, if there is somewhere to go. */
export function whyNotBack(
  snapshot: Snapshot,
  deployment: Deployment,
): { readonly because: string; readonly change: string | null } | null {
  const because = whyNot(snapshot, deployment);
  if (because !== null) return { because, change: null };
  const unsafe = deployment.state.state === "executing" ? null : refusedBack(snapshot, deployment, false);
  if (unsafe === null || unsafe.ok) return null;
  return { because: unsafe.refusal.reasons.map((reason) => reason.text).join(" "), change: unsafe.refusal.change };
}

/** A rollback asks nobody's yes, so it goes only to what ran here and was not taken back itself. Null: it may go there. */
function whyNotTo(snapshot: Snapshot, deployment: Deployment, to: Sha, chosen: BackTo): Outcome | null {
  if (backScope(snapshot, deployment, undefined, chosen) !== null) return null;
  const short = to.slice(0, 7);
  if (to === deployment.revision)
    return refused(`Not rolled back: ${short} is what would be taken back.`, [], { change: "Choose an earlier version." });
  if (snapshot.blocked.some((commit) => commit.revision === to))
    return refused(`Not rolled back: ${short} was rolled back here itself and is blocked.`, [], {
      change: "Choose another version, or press Allow again on the card of that one.",
    });
  return refused(`Not rolled back: ${short} was never live in ${snapshot.environment.name}.`, [], {
    change: "A rollback needs nobody's yes, so it goes only to what ran there. Deploy it instead.",
  });
}

/** The choice alone. */
export function backTo({ to, toSet }: BackTo): BackTo {
  return { ...(to === undefined ? {} : { to }), ...(toSet === undefined ? {} : { toSet }) };
}

function whyNot(snapshot: Snapshot, deployment: Deployment): string | null {
  if (deployment.kind === "rollback") return "this is a rollback itself.";
  const running = snapshot.open.find((other) => other.kind === "rollback" && other.state.state !== "needs_attention");
  if (running !== undefined)
    return running.rollsBack === deployment.id
      ? `${actorName(running.requestedBy)} is rolling it back already.`
      : `${actorName(running.requestedBy)} is rolling back here already, #${running.number}.`;
  if (wasRolledBack(deployment, [...snapshot.open, ...snapshot.past])) return "it was rolled back already.";
  if (deployment.state.state === "awaiting_approval" || deployment.state.state === "queued")
    return "it is not live, nothing needs to go back.";
  if (deployment.state.state === "cancelling") return "it is being stopped already.";
  const touched = deployment.startedAt !== null;
  const isLive = (liveRevision(snapshot)?.revision === deployment.revision && runsWith(snapshot, deployment)) || snapshot.mixed;
  if (!touched || (!isLive && !isOccupying(deployment.state))) return "it is not what runs there now.";
  return null;
}

/** Of two deployments of one revision only the one whose companions are live can be taken back. */
function runsWith(snapshot: Snapshot, { plan }: Deployment): boolean {
  const live = liveSet(snapshot);
  return live === null || isSameSet(live, plan.companions);
}

/** What entering a rollback changes; `target` is the revision that it goes back to, on these hosts. */
export type RollbackParts = {
  readonly target: string;
  readonly hosts: readonly string[];
  readonly changes: readonly Change[];
  readonly effects: readonly Effect[];
  readonly history: readonly HistoryEntry[];
};

/**
 * The rollback's own row, and the end of what it rolls back, in one transaction: rows leave before rows enter. Null: nowhere to go.
 * `ended`: the original's row has been moved already by the caller; `touched`: the hosts that it had changed; and what a person chose.
 */
export function enterRollback(
  snapshot: Snapshot,
  original: Deployment,
  input: BackTo & {
    by: Actor;
    id: DeploymentId;
    now: Date;
    because: string;
    ended?: boolean;
    touched?: readonly string[];
    schema?: boolean;
  },
): RollbackParts | null {
  const scope = backScope(snapshot, original, input.touched, input);
  if (scope === null) return null;
  const target = scope.to;
  const schema = schemaPart(snapshot, original, { target: target.revision, by: input.by, schema: input.schema === true });
  if (schema === null) return null;
  const environment = onlyOn(snapshot.environment, original, scope.hosts);
  const from = original.revision;
  const plan = planOf(environment, {
    kind: "rollback",
    from,
    running: runningOn(environment.target.hosts, snapshot.live),
    revision: target.revision,
    companions: target.companions ?? [],
    fromCompanions: original.plan.companions ?? [],
    ...(schema.undo === null ? {} : { undo: schema.undo }),
  });
  const way = clearTheWay(snapshot, original, input);
  const busy = way.busy || snapshot.heldBecause !== null;
  const rollback: Deployment = {
    id: input.id,
    number: snapshot.nextNumber,
    environmentId: environment.id,
    kind: "rollback",
    revision: target.revision,
    from,
    plan,
    planHash: hashOf(plan),
    configHash: snapshot.configHash,
    counter: 1,
    runId: null,
    requestedBy: input.by,
    requestedAt: input.now,
    changes: changesBack(original.changes),
    rollsBack: original.id,
    rolledBackBy: null,
    automatic: input.by.kind === "greenlight",
    startedAt: busy ? null : input.now,
    liveAt: null,
    state: busy ? { state: "queued", since: input.now, blockers: [], recheckAt: null } : { state: "executing", since: input.now },
  };
  const leave = input.ended === true ? [] : leaving(original, input, rollback.id);
  return {
    target: target.revision,
    hosts: plan.hosts.map((host) => host.name),
    changes: [
      ...leave,
      ...way.changes,
      ...takenBack(original, target).map((revision) => ({ kind: "block" as const, revision, deploymentId: original.id })),
      { kind: "insert", deployment: rollback },
    ],
    effects: [
      ...way.effects,
      ...(busy ? [{ kind: "recheck" as const, at: null }] : [{ kind: "drive" as const, deployment: rollback.id }]),
      note(
        original,
        `rollback:${rollback.id}`,
        `${actorName(input.by)} is rolling back to ${wayWords(target)}${input.because === byHand(input.by) ? "" : `: ${input.because}`}.${schemaWords(schema.undo, input.by)}`,
      ),
      ...tellOwner(snapshot, { by: input.by, original }, input.now),
      ...goesBackInSpite(snapshot, { by: input.by, original }, input.now),
      // The original still holds the servers' locks; they are released for the rollback.
      ...(original.state.state === "needs_attention" ? [{ kind: "drive" as const, deployment: original.id }] : []),
    ],
    history: [entry("roll_back", rollback, input.by, { rollsBack: original.id, because: input.because, undoes: schema.undo?.names ?? [] })],
  };
}

function wayWords({ revision, companions }: WayBack): string {
  return [revision.slice(0, 7), setWords(companions)].filter((words) => words !== null).join(" ");
}

/** The environment with the hosts that go back; all that are configured now, if it went to all. */
function onlyOn(environment: Environment, original: Deployment, hosts: readonly string[]): Environment {
  const { target } = environment;
  const some = target.hosts.filter((host) => hosts.includes(host.name));
  if (hosts.length === original.plan.hosts.length || some.length === 0) return environment;
  return { ...environment, target: { ...target, hosts: some } };
}

/**
 * What else occupies the environment: an executing deployment is stopped first and the rollback waits for it; one that needs
 * attention ends here.
 */
function clearTheWay(
  snapshot: Snapshot,
  original: Deployment,
  input: { by: Actor; now: Date },
): { busy: boolean; changes: readonly Change[]; effects: readonly Effect[] } {
  const other = snapshot.open.find((candidate) => candidate.id !== original.id && isOccupying(candidate.state));
  if (other === undefined) return { busy: false, changes: [], effects: [] };
  const drive: Effect = { kind: "drive", deployment: other.id };
  const { state } = other;
  if (state.state === "needs_attention")
    return {
      busy: false,
      changes: [end(other, "failed", { now: input.now, because: state.because, by: input.by })],
      effects: [drive],
    };
  if (state.state !== "executing") return { busy: true, changes: [], effects: [] };
  return {
    busy: true,
    changes: [move(other, { state: "cancelling", since: input.now, by: input.by, thenRollBack: false })],
    effects: [drive],
  };
}

function leaving(original: Deployment, input: { by: Actor; now: Date; because: string }, rollback: DeploymentId): readonly Change[] {
  const set = { rolledBackBy: rollback };
  if (isWatched(original.state)) return [end(original, "regressed", { now: input.now, because: input.because, by: input.by, set })];
  if (original.state.state === "needs_attention")
    return [end(original, "failed", { now: input.now, because: original.state.because, by: input.by, set })];
  return [move(original, original.state, set)];
}

/** A lock does not stop a rollback; its owner is told, privately: nobody else has to do anything about it. */
function tellOwner(snapshot: Snapshot, back: { readonly by: Actor; readonly original: Deployment }, now: Date): readonly Effect[] {
  const lock = lockOn(snapshot, now);
  if (lock === null || actorKey(lock.owner) === actorKey(back.by)) return [];
  return privately(lock.owner, {
    snapshot,
    deployment: back.original.id,
    key: `rollback-lock:${back.original.id}`,
    text: `${actorName(back.by)} is rolling back #${back.original.number} in ${snapshot.environment.id} although you hold it (${lock.reason}): a rollback waits for no lock.`,
  });
}

/** The reason of somebody who gave none. */
function byHand(actor: Actor): string {
  return `rolled back by ${actorName(actor)}`;
}
