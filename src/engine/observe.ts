import { saveReview } from "../db/reviews.ts";
import type { StoredRun } from "../db/runs.ts";
import { missingFor } from "../domain/candidate.ts";
import type { App, Environment } from "../domain/config.ts";
import { observeOf } from "../domain/observed.ts";
import type { DeployedEvent } from "../domain/pipeline.ts";
import { prove } from "../domain/proof.ts";
import { apply } from "./apply.ts";
import type { Engine } from "./engine.ts";

/** A deployment that the provider records: of an environment that CI deploys to, or of one that is thrown away again. */
export async function takeDeployed(engine: Engine, app: App, event: DeployedEvent): Promise<boolean> {
  const meant = app.environments.filter((environment) => isMeant(environment, event.environment));
  for (const { id } of meant) await apply(engine, id, { kind: "observed", sign: event });
  if (meant.length > 0) return true;
  // What is configured is no review environment, and our own deployments come back to us.
  if (event.ours !== null || app.environments.some(({ name }) => isSameName(name, event.environment))) return false;
  if (!event.transient) return false;
  await engine.db.transaction((tx) => saveReview(tx, app.name, event));
  return true;
}

function isMeant({ release }: Environment, name: string): boolean {
  const observed = observeOf(release);
  return observed?.kind === "environment" && isSameName(observed.name, name);
}

/** GitHub takes `Staging` for `staging`. */
function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** A stage of the pipeline that means a deployment has passed, on the branch and in a run that proves something. */
export async function observeStage(engine: Engine, app: App, environment: Environment, stored: StoredRun): Promise<void> {
  const { release } = environment;
  if (release.mode !== "by_ci" || release.observe.kind !== "stage") return;
  const { name } = release.observe;
  if (missingFor(app, { ...environment, requires: [name], after: null }, stored.run, null).length > 0) return;
  const proof = prove(app.branch, name, stored.run);
  // A fork's run of that stage deploys nothing here, nor does one that failed and may.
  const last = (proof.because === null ? proof.jobs : [])
    .map(({ job }) => job)
    .filter(({ status, finishedAt }) => status === "passed" && finishedAt !== null)
    .toSorted((a, b) => (a.finishedAt?.getTime() ?? 0) - (b.finishedAt?.getTime() ?? 0))
    .at(-1);
  if (last === undefined || last.finishedAt === null) return;
  const sign = {
    externalId: `job:${last.job}`,
    revision: stored.run.revision,
    state: "live" as const,
    url: null,
    log: last.url,
    by: stored.run.push?.pusher ?? null,
    at: last.finishedAt,
  };
  await apply(engine, environment.id, { kind: "observed", sign });
}
