import { deploymentById, newestDeployments } from "../db/deployments.ts";
import { loadApprovals } from "../db/snapshot.ts";
import type { HistoryAnswer, HistoryLine } from "../domain/answers.ts";
import type { App, Environment } from "../domain/config.ts";
import { isFinal, wasRolledBack, type Deployment } from "../domain/deployment.ts";
import type { Approval } from "../domain/standing.ts";
import type { DeploymentId } from "../domain/ids.ts";
import { actorName } from "../domain/people.ts";
import type { Engine } from "./engine.ts";
import { titleOf } from "./status.ts";

/** Deployments shown of one environment. */
const SHOWN = 10;

/** The last deployments of each environment, newest first, with who wanted them and how they ended. */
export async function historyOf(engine: Engine, app: App, environments: readonly Environment[]): Promise<HistoryAnswer> {
  const parts = await Promise.all(
    environments.map(async (environment) => {
      const found = await newestDeployments(engine.db, environment.id, SHOWN + 1);
      const shown = found.slice(0, SHOWN);
      const approvals = await loadApprovals(
        engine.db,
        shown.map((deployment) => deployment.id),
      );
      const entries = await Promise.all(shown.map((deployment) => historyLine(engine, app, deployment, approvals)));
      return { environment: environment.name, entries, more: found.length > SHOWN };
    }),
  );
  return { kind: "history", app: app.name, environments: parts, now: engine.clock() };
}

async function historyLine(engine: Engine, app: App, deployment: Deployment, approvals: readonly Approval[]): Promise<HistoryLine> {
  const { state } = deployment;
  const yeses = approvals.filter((yes) => yes.deploymentId === deployment.id && yes.planHash === deployment.planHash);
  const by = await known(engine, deployment.rolledBackBy);
  const back = await known(engine, deployment.rollsBack);
  return {
    number: deployment.number,
    kind: deployment.kind,
    revision: deployment.revision,
    title:
      deployment.changes.changes.find((change) => change.revision === deployment.revision)?.title ??
      (await titleOf(engine, app.name, deployment.revision)),
    state: state.state,
    because: "because" in state && state.because !== "" ? state.because : null,
    at: deployment.startedAt ?? deployment.requestedAt,
    tookMs: tookMs(deployment),
    askedBy: actorName(deployment.requestedBy),
    approvedBy: named(yeses.filter((yes) => yes.override === null)),
    overriddenBy: named(yeses.filter((yes) => yes.override !== null)),
    rollsBack: back?.number ?? null,
    rolledBackBy: by === null || !wasRolledBack(deployment, [by]) ? null : { number: by.number, by: actorName(by.requestedBy) },
  };
}

function named(some: readonly Approval[]): readonly string[] {
  return [...new Set(some.map((yes) => actorName(yes.actor)))];
}

function tookMs({ startedAt, liveAt, state }: Deployment): number | null {
  if (startedAt === null) return null;
  const until = liveAt ?? (isFinal(state) ? state.at : null);
  return until === null ? null : Math.max(0, until.getTime() - startedAt.getTime());
}

async function known(engine: Engine, id: DeploymentId | null): Promise<Deployment | null> {
  return id === null ? null : deploymentById(engine.db, id);
}
