import type { StepRow } from "../db/steps.ts";
import { backScope } from "../domain/back-scope.ts";
import type { DeploymentCard, WayBack } from "../domain/card.ts";
import { isOccupying, type Deployment } from "../domain/deployment.ts";
import type { Snapshot } from "../domain/environment.ts";
import { hostStates } from "../domain/host-states.ts";
import { progressOf, switchedHosts } from "../domain/progress.ts";
import type { Engine } from "./engine.ts";

/** Where a rollback of it would go now: while it goes on, by the hosts that it has changed so far. */
export function wayBackOf(snapshot: Snapshot, deployment: Deployment, rows: readonly StepRow[]): WayBack | null {
  if (deployment.plan.gate !== undefined) return null;
  const touched = isOccupying(deployment.state) ? switchedHosts(deployment.plan, rows) : undefined;
  return backScope(snapshot, deployment, touched)?.to ?? null;
}

/** What a card says of the roll: which server runs what, and the pause that it is in. Of the rollback, where there is one. */
export function rollOf(
  engine: Pick<Engine, "clock">,
  snapshot: Snapshot,
  deployment: Deployment,
  rows: readonly StepRow[],
): Pick<DeploymentCard, "hosts" | "pausedUntil"> {
  const names = new Set([...deployment.plan.hosts, ...snapshot.environment.target.hosts].map((host) => host.name));
  const live = snapshot.live.filter((one) => names.has(one.host));
  return { hosts: hostStates(deployment, live, rows), pausedUntil: pausedUntil(deployment, rows, engine.clock()) };
}

function pausedUntil(deployment: Deployment, rows: readonly StepRow[], now: Date): Date | null {
  if (deployment.state.state !== "executing") return null;
  const progress = progressOf(deployment.plan, rows);
  const until = progress.kind === "next" ? progress.notBefore : null;
  return until !== null && until > now ? until : null;
}
