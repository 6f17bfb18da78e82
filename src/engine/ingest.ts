import { ensureRunCard, touchRun } from "../db/cards.ts";
import { isSameRun, lockRun, saveRun } from "../db/runs.ts";
import { sourcesOf } from "../domain/companion.ts";
import type { App, Repository } from "../domain/config.ts";
import type { RunId, Sha } from "../domain/ids.ts";
import { branchOf, type PipelineEvent, type Run, type RunEvent } from "../domain/pipeline.ts";
import { hasEnded } from "../domain/pipeline/ended.ts";
import { isOfOtherParts, isOutside, withKeptFiles } from "../domain/paths.ts";
import { reduce } from "../domain/pipeline/reduce.ts";
import { hasOpenJobs } from "../domain/quiet.ts";
import { boundTo } from "./acceptance.ts";
import type { Engine } from "./engine.ts";
import { takeGate } from "./gate-asked.ts";
import { takeImage } from "./images.ts";
import { takeDeployed } from "./observe.ts";
import { tellProposers } from "./proposals.ts";

/** Whether any app wanted the events; else why not. */
export type Ingested = { readonly accepted: boolean; readonly reason: string | null };

/** Who signed: its secret speaks for the repositories of its own kind and connection alone. */
export type Sender = { readonly source: string; readonly connection: string };

/** What one delivery said. */
export type Parcel = { readonly sender: Sender; readonly events: readonly PipelineEvent[] };

/** How many runs are folded at a time, each in a transaction of its own: who stores deliveries needs connections, too. */
const LANES = 2;

/** Folds one sender's events into their runs, and asks for the environments to be considered. */
export async function ingest(engine: Engine, sender: Sender, events: readonly PipelineEvent[]): Promise<Ingested> {
  const [ingested] = await ingestAll(engine, [{ sender, events }]);
  if (ingested === undefined || "fault" in ingested) throw new Error("the events could not be folded", { cause: ingested?.fault });
  return ingested;
}

/**
 * The same for many deliveries, oldest first: what speaks of one run is folded at once, under that row's lock alone, whoever said
 * it. A fault concerns those deliveries alone that had a part in it. One answer for each parcel, in their order.
 */
export async function ingestAll(engine: Engine, parcels: readonly Parcel[]): Promise<readonly (Ingested | { readonly fault: unknown })[]> {
  const lots = lotsOf(engine, await bound(engine, parcels));
  const accepted = new Set<number>();
  const faults = new Map<number, unknown>();
  const waiting = lots.values();
  async function lane(): Promise<void> {
    for (const lot of waiting) {
      try {
        if (await lot.carry()) for (const parcel of lot.parcels) accepted.add(parcel);
      } catch (fault) {
        for (const parcel of lot.parcels) faults.set(parcel, fault);
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(LANES, lots.length) }, lane));
  return parcels.map((_parcel, index) => {
    if (faults.has(index)) return { fault: faults.get(index) };
    return accepted.has(index)
      ? { accepted: true, reason: null }
      : { accepted: false, reason: "no app watches this repository and branch" };
  });
}

/** What is done in one go, and the parcels (by their place) that have a part in it. `carry`: whether there was a use for it. */
type Lot = { readonly parcels: Set<number>; carry(): Promise<boolean> };

function lotsOf(engine: Engine, parcels: readonly Parcel[]): readonly Lot[] {
  const lots: Lot[] = [];
  const runs = new Map<string, { readonly lot: Lot; readonly events: RunEvent[] }>();
  for (const [index, { sender, events }] of parcels.entries()) {
    for (const event of events) {
      for (const app of sourcesOf(engine.config.apps).filter(({ repository }) => speaksFor(sender, repository, event.repository))) {
        if (!isOfRun(event)) {
          lots.push({ parcels: new Set([index]), carry: () => take(engine, app, event) });
          continue;
        }
        // Only pushes to the app's branch begin a run: a tag of that name has another ref.
        if (event.kind === "push" && branchOf(event.ref) !== app.branch) continue;
        const revision = event.kind === "push" ? event.after : event.revision;
        const key = `${app.name} ${revision}`;
        const known = runs.get(key);
        if (known !== undefined) {
          known.events.push(placed(app, event));
          known.lot.parcels.add(index);
          continue;
        }
        const ofRun: RunEvent[] = [placed(app, event)];
        const lot = { parcels: new Set([index]), carry: () => fold(engine, app, revision, ofRun) };
        runs.set(key, { lot, events: ofRun });
        lots.push(lot);
      }
    }
  }
  return lots;
}

/** Runs that we started speak for the deployment that they test. */
async function bound(engine: Engine, parcels: readonly Parcel[]): Promise<readonly Parcel[]> {
  return Promise.all(
    parcels.map(async ({ sender, events }) => ({ sender, events: await Promise.all(events.map((event) => boundTo(engine, event))) })),
  );
}

function speaksFor(sender: Sender, repository: Repository, named: string): boolean {
  // GitHub's repository names ignore case.
  const isNamed = repository.path.toLowerCase() === named.toLowerCase();
  return isNamed && repository.kind === sender.source && repository.connection === sender.connection;
}

function isOfRun(event: PipelineEvent): event is RunEvent {
  switch (event.kind) {
    case "push":
    case "workflow":
    case "job":
    case "check":
    case "tests":
      return true;
    case "deployed":
    case "image":
    case "merged":
    case "gate_asked":
      return false;
    default:
      return event satisfies never;
  }
}

/** Whether the app had a use for an event that speaks of no run. */
async function take(engine: Engine, app: App, event: Exclude<PipelineEvent, RunEvent>): Promise<boolean> {
  // Of a companion only its pipelines concern the app.
  if (app.companionOf !== undefined) return false;
  switch (event.kind) {
    case "deployed":
      return takeDeployed(engine, app, event);
    case "image":
      return takeImage(engine, app, event);
    case "gate_asked":
      return takeGate(engine, app, event);
    case "merged":
      return false;
    default:
      return event satisfies never;
  }
}

async function fold(engine: Engine, app: App, revision: Sha, events: readonly RunEvent[]): Promise<boolean> {
  await engine.db.transaction(async (tx) => {
    const now = engine.clock();
    const stored = await lockRun(tx, { id: engine.newId() as RunId, app: app.name, revision }, now);
    const run = events.map((event) => withoutNames(app, event)).reduce(reduce, stored.run);
    if (isSameRun(run, stored.run)) return;
    await saveRun(tx, run, now);
    if (isShown(app, run)) await ensureRunCard(tx, { id: engine.newId(), app: app.name, channel: app.channel, runId: run.id });
    await touchRun(tx, run.id, isGoingOn(run));
    if (!isElsewhere(app, run)) await engine.jobs.send(tx, "consider", { run: run.id });
    if (isShown(app, run) && hasEnded(stored.run, run)) await engine.jobs.send(tx, "tests", { run: run.id });
  });
  if (app.companionOf === undefined) await tellProposers(engine, app, events);
  return true;
}

/** What a push touched is looked through once, when it comes: of its lists only the app's own part is kept. */
function placed(app: App, event: RunEvent): RunEvent {
  if (event.kind !== "push") return event;
  return { ...event, changes: withKeptFiles(app, event.changes), ...(isOutside(app, event) ? { outside: true } : {}) };
}

/** A push, or a person who had it run; `web` is GitLab's word for that. */
const SHOWN_TRIGGERS: ReadonlySet<string> = new Set(["push", "workflow_dispatch", "web"]);

/** A test's name may hold a patient's: under `privacy: strict` only how many there were is kept. */
function withoutNames(app: App, event: RunEvent): RunEvent {
  return event.kind === "tests" && app.privacy === "strict" ? { ...event, failures: [] } : event;
}

/** All that is known of it is of other branches: it proves nothing here until it is pushed here, and that is told. */
function isElsewhere(app: App, run: Run): boolean {
  const told = [...run.workflows, ...run.checks];
  return run.push === null && told.length > 0 && told.every(({ branch }) => branch !== null && branch !== app.branch);
}

/** Runs of pull requests and other branches are kept, but never make a card in the channel. */
export function concernsBranch(app: App, run: Run): boolean {
  if (isOfOtherParts(run)) return false;
  if (run.push !== null) return run.branch === app.branch;
  // Until its push has come nobody knows which part of the repository it is of.
  if (app.paths !== undefined && run.workflows.every(({ trigger }) => trigger !== "workflow_dispatch" && trigger !== "web")) return false;
  return run.workflows.some(
    (workflow) =>
      workflow.branch === app.branch && workflow.ownRepository === true && !workflow.tag && SHOWN_TRIGGERS.has(workflow.trigger ?? ""),
  );
}

/** Has it a card in the channel? */
export function isShown(app: App, run: Run): boolean {
  return app.companionOf === undefined && concernsBranch(app, run);
}

/** Does any job of the run still wait or run? */
export function isGoingOn(run: Run): boolean {
  return run.workflows.some(hasOpenJobs);
}
