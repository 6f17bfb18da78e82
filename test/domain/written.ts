import { isFinal, isOccupying, type Deployment } from "../../src/domain/deployment.ts";
import type { Change, Snapshot } from "../../src/domain/environment.ts";
import type { KnownIncident } from "../../src/domain/escalation.ts";
import type { DeploymentId } from "../../src/domain/ids.ts";
import { actorKey } from "../../src/domain/people.ts";

/** What writing one change does to what the next decision reads. */
export function written(snapshot: Snapshot, change: Change, now: Date): Snapshot {
  switch (change.kind) {
    case "insert":
      return placed({ ...snapshot, nextNumber: snapshot.nextNumber + 1 }, change.deployment);
    case "move": {
      const before = [...snapshot.open, ...snapshot.past].find((deployment) => deployment.id === change.id);
      if (before === undefined) throw new Error(`moved ${change.id}, which is not there`);
      if (isFinal(before.state) && change.state !== before.state && change.state.state !== before.state.state)
        throw new Error(`#${before.number} left its end ${before.state.state} for ${change.state.state}`);
      const counter = before.counter + (before.state.state === change.state.state ? 0 : 1);
      return placed(snapshot, { ...before, ...change.set, counter, state: change.state });
    }
    case "replan":
      return {
        ...snapshot,
        open: snapshot.open.map((deployment) =>
          deployment.id === change.id
            ? { ...deployment, plan: change.plan, planHash: change.planHash, from: change.plan.from, counter: deployment.counter + 1 }
            : deployment,
        ),
      };
    case "approve": {
      const { approval } = change;
      const others = snapshot.approvals.filter(
        (yes) =>
          yes.deploymentId !== approval.deploymentId ||
          yes.planHash !== approval.planHash ||
          actorKey(yes.actor) !== actorKey(approval.actor),
      );
      return { ...snapshot, approvals: [...others, approval] };
    }
    case "candidate":
      return { ...snapshot, candidates: [change.candidate, ...snapshot.candidates] };
    case "withdraw":
      return { ...snapshot, candidates: snapshot.candidates.filter((known) => known.revision !== change.revision) };
    case "lock":
      return { ...snapshot, lock: change.lock };
    case "freeze":
      return { ...snapshot, freeze: change.freeze };
    case "live":
      return {
        ...snapshot,
        live: [...snapshot.live.filter((known) => !change.hosts.some((host) => host.host === known.host)), ...change.hosts].toSorted(
          (a, b) => (a.host < b.host ? -1 : 1),
        ),
      };
    case "observe": {
      const others = (snapshot.observed ?? []).filter((one) => one.externalId !== change.record.externalId);
      return { ...snapshot, observed: [...others, change.record] };
    }
    case "mixed":
      return { ...snapshot, mixed: change.mixed };
    case "hold":
      return { ...snapshot, heldBecause: change.because };
    case "block":
      return { ...snapshot, blocked: [...snapshot.blocked, { revision: change.revision, deploymentId: change.deploymentId, at: now }] };
    case "allow":
      return { ...snapshot, blocked: snapshot.blocked.filter((commit) => commit.revision !== change.revision) };
    case "validate":
      return {
        ...snapshot,
        validations: [
          ...snapshot.validations.filter(
            (said) => said.revision !== change.validation.revision || actorKey(said.actor) !== actorKey(change.validation.actor),
          ),
          change.validation,
        ],
      };
    case "delegate":
    case "undelegate":
    case "redraw":
    case "alarm":
    case "start_over":
    case "page":
      return snapshot;
    case "on_it":
      return withIncident(snapshot, change.id, { onIt: change.by });
    case "alarm_word":
      return withIncident(snapshot, change.id, { isFalse: !change.word.isReal });
    case "incident":
      return withIncident(snapshot, change.incident.deployment, change.incident);
    default:
      return change satisfies never;
  }
}

function withIncident(snapshot: Snapshot, deployment: DeploymentId, set: Partial<KnownIncident>): Snapshot {
  const known = snapshot.incidents ?? [];
  const none = { deployment, since: null, told: null, cause: null, calls: 0, noteAt: null, onIt: null, isFalse: false, aftermath: [] };
  const before = known.find((incident) => incident.deployment === deployment) ?? none;
  return { ...snapshot, incidents: [...known.filter((incident) => incident !== before), { ...before, ...set }] };
}

function placed(snapshot: Snapshot, deployment: Deployment): Snapshot {
  const others = (list: readonly Deployment[]): readonly Deployment[] => list.filter((other) => other.id !== deployment.id);
  const final = isFinal(deployment.state);
  const open = final ? others(snapshot.open) : [...others(snapshot.open), deployment].toSorted((a, b) => a.number - b.number);
  const past = final ? [...others(snapshot.past), deployment].toSorted((a, b) => b.number - a.number) : others(snapshot.past);
  const occupying = open.filter((other) => isOccupying(other.state));
  // The database's index looks after each row, not after the transaction.
  if (occupying.length > 1) throw new Error(`two occupy: ${occupying.map((other) => `#${other.number} ${other.state.state}`).join(", ")}`);
  return { ...snapshot, open, past };
}
