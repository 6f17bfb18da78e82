import { touchCardsOf } from "../db/card-touch.ts";
import { claimAcceptance, endAcceptance, startedFor } from "../db/acceptances.ts";
import { loadObserved } from "../db/observed.ts";
import { isEnvironmentMixed, loadLive } from "../db/snapshot.ts";
import type { App, Environment } from "../domain/config.ts";
import type { EnvironmentId, Sha } from "../domain/ids.ts";
import { liveNow } from "../domain/observed.ts";
import type { PipelineEvent, Run } from "../domain/pipeline.ts";
import { environmentOf, type Engine } from "./engine.ts";

/** Whoever was at it and did not say how it went has lost it. */
const GIVEN_UP_MS = 60_000;

/**
 * Something went live where acceptance is ours to start: it is started once for that deployment, told what it is to test. A replica that
 * dies in between leaves it to the next one, so in that moment a second run may be started; the newer one counts.
 */
export async function startAcceptance(engine: Engine, id: EnvironmentId): Promise<void> {
  const known = environmentOf(engine, id);
  if (known === null || known.environment.acceptance === undefined || known.environment.acceptance.start === null) return;
  const { app, environment } = known;
  const { start } = known.environment.acceptance;
  const live = await standing(engine, environment);
  if (live === null) return;
  const now = engine.clock();
  const key = { environmentId: id, subject: live.subject };
  const claimed = await claimAcceptance(
    engine.db,
    { ...key, revision: live.revision },
    { now, staleBefore: new Date(now.getTime() - GIVEN_UP_MS) },
  );
  if (claimed === "busy") return engine.jobs.send(engine.db, "reconsider", { environment: id }, new Date(now.getTime() + GIVEN_UP_MS));
  if (claimed === "over") return;
  const inputs = { revision: live.revision, environment: environment.name, deployment: live.subject, url: environment.url ?? "" };
  const wish = { repository: app.repository.path, start, branch: app.branch, inputs };
  const told = await engine.codeHost(app.repository).startAcceptance(wish);
  const failedBecause = told === null ? "no token is configured for it" : told.kind === "refused" ? told.because : null;
  if (failedBecause !== null) engine.log("warn", `acceptance of ${id} was not started: ${failedBecause}`, { revision: live.revision });
  await engine.db.transaction(async (tx) => {
    const started = told?.kind === "started" ? told : null;
    await endAcceptance(tx, key, { workflowRun: started?.workflowRun ?? null, url: started?.url ?? null, failedBecause });
    await touchCardsOf(tx, { app: app.name, revisions: [live.revision], waitingIn: [] });
  });
}

/** What all servers run, and by which deployment. Null: they differ, or nobody knows. */
async function standing(engine: Engine, environment: Environment): Promise<{ readonly revision: Sha; readonly subject: string } | null> {
  const { id } = environment;
  if (environment.release.mode === "by_ci") {
    const now = liveNow(await loadObserved(engine.db, id));
    return now === null ? null : { revision: now.revision, subject: `ci:${now.externalId}` };
  }
  const live = await loadLive(engine.db, id);
  const [first] = live;
  const isOne = live.every(({ revision }) => revision === first?.revision) && !(await isEnvironmentMixed(engine.db, id));
  return first === undefined || first.deploymentId === null || !isOne ? null : { revision: first.revision, subject: first.deploymentId };
}

/** A run that we started speaks for what it was started for, though the branch has moved on by the time it is checked out. */
export async function boundTo(engine: Engine, event: PipelineEvent): Promise<PipelineEvent> {
  if (event.kind !== "workflow" && event.kind !== "job" && event.kind !== "tests") return event;
  const { workflowRun } = event;
  if (workflowRun === null) return event;
  const named = event.repository.toLowerCase();
  for (const app of engine.config.apps) {
    if (app.repository.path.toLowerCase() !== named || !isStarting(app)) continue;
    const revision = await startedFor(engine.db, app.name, workflowRun);
    if (revision !== null) return { ...event, revision };
  }
  return event;
}

/**
 * What the provider has of a revision leaves out runs that we started for it on a newer commit, and has some that were started for
 * another one.
 */
export async function withBound(engine: Engine, app: App, told: Run, stored: Run): Promise<Run> {
  if (!isStarting(app)) return told;
  const own: Run["workflows"][number][] = [];
  for (const workflow of told.workflows) {
    const revision = await startedFor(engine.db, app.name, workflow.workflowRun);
    if (revision === null || revision === told.revision) own.push(workflow);
  }
  const lost = stored.workflows.filter((workflow) => own.every((other) => other.workflowRun !== workflow.workflowRun));
  for (const workflow of lost) if ((await startedFor(engine.db, app.name, workflow.workflowRun)) === told.revision) own.push(workflow);
  return { ...told, workflows: own };
}

function isStarting(app: App): boolean {
  return app.environments.some(({ acceptance }) => acceptance !== undefined && acceptance.start !== null);
}
