import { loadAbsences } from "../db/away.ts";
import { loadLock } from "../db/holds.ts";
import { isEnvironmentMixed, loadAfter, loadLive, loadValidations } from "../db/snapshot.ts";
import { newerRuns, type StoredRun } from "../db/runs.ts";
import type { DeploymentCard, NewerCandidate, ValidationView } from "../domain/card.ts";
import type { App, Environment } from "../domain/config.ts";
import type { Deployment } from "../domain/deployment.ts";
import type { Snapshot } from "../domain/environment.ts";
import { lockOn } from "../domain/gate.ts";
import { environmentId, type Sha } from "../domain/ids.ts";
import { validated, validatedHere, wordsFor } from "../domain/validation.ts";
import type { Engine } from "./engine.ts";
import { titleOf } from "./status.ts";
import { notProven } from "./vouch.ts";

/** How many newer runs may hide the one that stands on the environment before. */
const LOOKED_AT = 50;

/** The words that a run's card shows: of the first environment whose next one needs them. Null: none does. */
export async function validationOfRun(engine: Engine, app: App, stored: StoredRun): Promise<ValidationView | null> {
  const next = app.environments.find((environment) => environment.needsValidation && environment.after !== null);
  return next === undefined ? null : viewOf(engine, app, next, { revision: stored.run.revision, stored });
}

/** Where a version for this environment can be looked at before; null: no environment comes first, or nobody gave its address. */
export function lookAtBefore(app: App, environment: Environment): DeploymentCard["look"] {
  const before = app.environments.find((one) => one.name === environment.after?.environment);
  return before === undefined || before.url === null ? null : { environment: before.name, url: before.url };
}

/** Of a deployment on its way: what its environment needs. Of one that is live: what the next environment needs. */
export async function validationOfDeployment(
  engine: Engine,
  app: App,
  environment: Environment,
  subject: { readonly deployment: Deployment; readonly stored: StoredRun | null },
): Promise<ValidationView | null> {
  const { deployment, stored } = subject;
  if (deployment.kind === "rollback") return null;
  const next =
    deployment.liveAt === null ? (environment.needsValidation ? environment : undefined) : validatedHere(app, environment.name)[0];
  return next === undefined ? null : viewOf(engine, app, next, { revision: deployment.revision, stored });
}

async function viewOf(
  engine: Engine,
  app: App,
  next: Environment,
  subject: { readonly revision: Sha; readonly stored: StoredRun | null },
): Promise<ValidationView | null> {
  const here = app.environments.find((environment) => environment.name === next.after?.environment);
  if (here === undefined) return null;
  const { revision, stored } = subject;
  const live = await loadLive(engine.db, here.id);
  const [first] = live;
  const isLive = first !== undefined && live.every((host) => host.revision === revision) && !(await isEnvironmentMixed(engine.db, here.id));
  const missing = stored === null ? [] : await notProven(engine, app, next, stored.run);
  const holds = { lock: await loadLock(engine.db, here.id), absences: await loadAbsences(engine.db) };
  const lock = lockOn(holds, engine.clock());
  return {
    revision,
    environment: here.name,
    url: here.url,
    next: next.name,
    liveSince: isLive ? first.since : null,
    due: isLive && missing.length === 0,
    said: wordsFor(await loadValidations(engine.db, here.id), revision, await loadAfter(engine.db, here.id)),
    lock: lock === null ? null : { owner: lock.owner, reason: lock.reason, until: lock.until },
  };
}

/** The newest that could go there instead, and what it waits for. Null: this is the newest. */
export async function newerThan(
  engine: Engine,
  app: App,
  snapshot: Snapshot,
  subject: { readonly deployment: Deployment; readonly stored: StoredRun | null },
): Promise<NewerCandidate | null> {
  const { deployment, stored } = subject;
  const waits = deployment.state.state === "awaiting_approval" || deployment.state.state === "queued";
  if (stored === null || !waits || deployment.kind !== "deploy") return null;
  const { environment } = snapshot;
  const before = environment.needsValidation ? (environment.after?.environment ?? null) : null;
  const standing = before === null ? [] : await loadLive(engine.db, environmentId(app.name, before));
  for (const newer of await newerRuns(engine.db, app, stored.position, LOOKED_AT)) {
    const { revision } = newer.run;
    const open = snapshot.open.find((other) => other.revision === revision && other.kind === "deploy");
    const waitsFor: NewerCandidate["waitsFor"] | null =
      open === undefined
        ? before !== null && standing.length > 0 && standing.every((host) => host.revision === revision)
          ? { kind: "validation", environment: before, heldBy: notYetBy(snapshot, revision) }
          : null
        : { kind: open.state.state === "awaiting_approval" ? "approval" : "start", number: open.number };
    if (waitsFor !== null) return { revision, title: await titleOf(engine, app.name, revision), waitsFor };
  }
  return null;
}

function notYetBy(snapshot: Snapshot, revision: Sha): Extract<NewerCandidate["waitsFor"], { kind: "validation" }>["heldBy"] {
  const state = validated(wordsFor(snapshot.validations, revision, snapshot.after), revision);
  return state.kind === "not_yet" ? state.said.actor : null;
}
