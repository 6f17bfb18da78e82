import { ensureRunCard, touchRun } from "../db/cards.ts";
import { lockRun, saveRun } from "../db/runs.ts";
import type { App, Repository } from "../domain/config.ts";
import type { RunId } from "../domain/ids.ts";
import { branchOf, isTerminal, type PipelineEvent, type Run, type RunEvent } from "../domain/pipeline.ts";
import { reduce } from "../domain/pipeline/reduce.ts";
import type { Engine } from "./engine.ts";
import { takeDeployed } from "./observe.ts";

/** Whether any app wanted the events; else why not. */
export type Ingested = { readonly accepted: boolean; readonly reason: string | null };

/** Who signed: its secret speaks for the repositories of its own kind and connection alone. */
export type Sender = { readonly source: string; readonly connection: string };

/** Folds a provider's events into their runs, each under its own row's lock alone, and asks for the environments to be considered. */
export async function ingest(engine: Engine, sender: Sender, events: readonly PipelineEvent[]): Promise<Ingested> {
  let accepted = false;
  for (const event of events) {
    const apps = engine.config.apps.filter(({ repository }) => speaksFor(sender, repository, event.repository));
    for (const app of apps) accepted = (await take(engine, app, event)) || accepted;
  }
  return accepted ? { accepted, reason: null } : { accepted, reason: "no app watches this repository and branch" };
}

function speaksFor(sender: Sender, repository: Repository, named: string): boolean {
  // GitHub's repository names ignore case.
  const isNamed = repository.path.toLowerCase() === named.toLowerCase();
  return isNamed && repository.kind === sender.source && repository.connection === sender.connection;
}

/** Whether the app had a use for the event. */
async function take(engine: Engine, app: App, event: PipelineEvent): Promise<boolean> {
  switch (event.kind) {
    case "push":
    case "workflow":
    case "job":
    case "check":
    case "tests":
      return fold(engine, app, event);
    case "deployed":
      return takeDeployed(engine, app, event);
    case "image":
    case "merged":
    case "gate_asked":
      return false;
    default:
      return event satisfies never;
  }
}

async function fold(engine: Engine, app: App, event: RunEvent): Promise<boolean> {
  // Only pushes to the app's branch begin a run: a tag of that name has another ref.
  if (event.kind === "push" && branchOf(event.ref) !== app.branch) return false;
  const revision = event.kind === "push" ? event.after : event.revision;
  await engine.db.transaction(async (tx) => {
    const now = engine.clock();
    const stored = await lockRun(tx, { id: engine.newId() as RunId, app: app.name, revision }, now);
    const run = reduce(stored.run, event);
    if (JSON.stringify(run) === JSON.stringify(stored.run)) return;
    await saveRun(tx, run, now);
    if (concernsBranch(app, run)) await ensureRunCard(tx, { id: engine.newId(), app: app.name, channel: app.channel, runId: run.id });
    await touchRun(tx, run.id, isGoingOn(run));
    await engine.jobs.send(tx, "consider", { run: run.id });
  });
  return true;
}

/** Runs of pull requests and other branches are kept, but never make a card in the channel. */
export function concernsBranch(app: App, run: Run): boolean {
  if (run.push !== null) return run.branch === app.branch;
  return run.workflows.some(
    (workflow) =>
      workflow.branch === app.branch &&
      workflow.ownRepository === true &&
      (workflow.trigger === "push" || workflow.trigger === "workflow_dispatch"),
  );
}

/** Does any job of the run still wait or run? */
export function isGoingOn(run: Run): boolean {
  return run.workflows.some((workflow) => workflow.jobs.some((job) => !isTerminal(job.status)));
}
