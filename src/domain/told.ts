import { find } from "./decide/decision.ts";
import { isFinal, isWatched, type Deployment } from "./deployment.ts";
import type { Change, Decision, Notice, Snapshot } from "./environment.ts";
import { liveKey, rolledBackKey } from "./hearers.ts";
import { shortSha } from "./ids.ts";
import { actorName, type Actor } from "./people.ts";

/**
 * Whoever said yes to a deployment or asked for it pressed a button and went on: they hear privately when it is live, at its
 * verdict, when it failed and when it is rolled back. Who muted that is asked when it is posted; who is its author too hears it once.
 */
export function toldPrivately(snapshot: Snapshot, decision: Decision): readonly Notice[] {
  return decision.changes.flatMap((change) => (change.kind === "move" ? told(snapshot, change) : []));
}

function told(snapshot: Snapshot, change: Extract<Change, { kind: "move" }>): readonly Notice[] {
  const deployment = find(snapshot, change.id);
  if (deployment === undefined) return [];
  const { environment } = snapshot;
  const { state, set } = change;
  const place = `${environment.app} in ${environment.name}`;
  if (deployment.kind === "rollback") {
    const original = deployment.rollsBack === null || set.liveAt === undefined ? undefined : find(snapshot, deployment.rollsBack);
    if (original === undefined) return [];
    const words = `#${original.number} was rolled back by ${actorName(deployment.requestedBy)}: ${place} is back on ${shortSha(deployment.revision)}.`;
    return to(snapshot, original, rolledBackKey(deployment.id), words);
  }
  if (set.liveAt !== undefined) {
    const watched = state.state === "watching" ? ` Watched until ${state.until.toISOString()}.` : "";
    return to(snapshot, deployment, liveKey(deployment.id), `Live: ${place}, #${deployment.number}.${watched}`);
  }
  if (!isFinal(state)) return [];
  if (isWatched(deployment.state))
    return to(
      snapshot,
      deployment,
      `verdict:${deployment.id}`,
      `${VERDICTS[state.state] ?? "Ended"}: ${place}, #${deployment.number}. ${state.because}`,
    );
  if (state.state !== "failed") return [];
  return to(
    snapshot,
    deployment,
    `failed:${deployment.id}`,
    `Failed: ${environment.app} to ${environment.name}, #${deployment.number}. ${state.because}`,
  );
}

const VERDICTS: Readonly<Partial<Record<Deployment["state"]["state"], string>>> = {
  succeeded: "Healthy",
  succeeded_unverified: "Not verified",
  regressed: "Regression",
};

function to(snapshot: Snapshot, deployment: Deployment, key: string, text: string): readonly Notice[] {
  const said = snapshot.approvals.filter((yes) => yes.deploymentId === deployment.id).map((yes) => yes.actor);
  const ids = new Set([...said, deployment.requestedBy].flatMap((actor: Actor) => (actor.kind === "slack" ? [actor.id] : [])));
  return [...ids].map((id) => ({ kind: "notice", deployment: deployment.id, app: snapshot.environment.app, to: id, key, text }));
}
