import { losePassed } from "../db/passed.ts";
import { runOf, type StoredRun } from "../db/runs.ts";
import { companionFacts, loadAfter } from "../db/snapshot.ts";
import { missingFor, standingOf, type Asking, type ProofStanding } from "../domain/candidate.ts";
import {
  asSource,
  companionAt,
  companionBlockers,
  type Companion,
  type CompanionRevision,
  type CompanionSet,
} from "../domain/companion.ts";
import type { App, Environment } from "../domain/config.ts";
import type { Blocker } from "../domain/deployment.ts";
import { environmentId, type Sha } from "../domain/ids.ts";
import { isOfOtherParts } from "../domain/paths.ts";
import type { Run } from "../domain/pipeline.ts";
import { withBound } from "./acceptance.ts";
import type { Engine } from "./engine.ts";
import { layOver } from "./lay-over.ts";

/** What keeps the revision from being a candidate there, by what is stored. */
export async function missing(engine: Engine, app: App, environment: Environment, stored: StoredRun): Promise<readonly Blocker[]> {
  const text = `It touches nothing of ${app.name}'s part of the repository.`;
  const elsewhere: readonly Blocker[] = isOfOtherParts(stored.run)
    ? [{ rule: "requirements", text, owner: "paths in greenlight.yml", liftsAt: null }]
    : [];
  return [...elsewhere, ...(await notProven(engine, app, environment, stored.run))];
}

/** The same for a person who asks for it by name: whichever part of the repository it is of. */
export async function notProven(engine: Engine, app: App, environment: Environment, run: Run): Promise<readonly Blocker[]> {
  const facts = { environment, ...(await companionFacts(engine.db, environment)) };
  const proven = missingFor(app, environment, run, facts.after);
  // What has not been live on the environment before has no companions there either: that is said once.
  return proven.some(({ rule }) => rule === "order") ? proven : [...proven, ...companionBlockers(facts, run.revision)];
}

/**
 * The provider's own word, when it can be asked (invariant 5): the run re-read is laid over ours, and the revision must be
 * reachable from the app's branch. `chosen`, what comes with it, likewise. Null: fit; else why not.
 */
export async function vouch(
  engine: Engine,
  app: App,
  environment: Environment,
  stored: StoredRun,
  chosen: CompanionSet,
): Promise<string | null> {
  const doubt = await vouchFor(engine, app, environment, stored);
  if (doubt !== null || environment.companions === undefined) return doubt;
  return chosen.kind === "doubt" ? chosen.because : vouchForSet(engine, app, environment.companions, chosen.set);
}

/** The same for exactly these revisions of companions. */
async function vouchForSet(
  engine: Engine,
  app: App,
  companions: readonly Companion[],
  set: readonly CompanionRevision[],
): Promise<string | null> {
  for (const one of set) {
    const { repository, revision } = one;
    const companion = companionAt(companions, one);
    if (companion === undefined) return `${repository} does not come with ${app.name} any more`;
    const doubt = await vouchForCompanion(engine, app, companion, revision);
    if (doubt !== null) return `${repository} ${revision.slice(0, 7)}: ${doubt}`;
  }
  return null;
}

async function vouchForCompanion(
  engine: Engine,
  app: App,
  companion: Companion,
  revision: CompanionRevision["revision"],
): Promise<string | null> {
  const source = asSource(app, companion);
  const stored = await runOf(engine.db, source.name, revision);
  const doubt = stored === null ? null : await vouchFor(engine, source, askingOf(companion), stored);
  if (doubt !== null) await losePassed(engine.db, { source: source.name, revision }, engine.clock());
  return doubt;
}

/** What CI does once more, of the version or of what comes with it: nothing is refuted by that. Null: it is not that. */
export async function whatGoesOn(
  engine: Engine,
  app: App,
  environment: Environment,
  { revision, chosen }: { readonly revision: Sha; readonly chosen: CompanionSet },
): Promise<string | null> {
  const own = await standingAt(engine, app, environment, revision);
  if (own.kind !== "proven") return own.kind === "again" ? own.text : null;
  for (const one of chosen.kind === "set" ? chosen.set : []) {
    const companion = companionAt(environment.companions ?? [], one);
    if (companion === undefined) return null;
    const its = await standingAt(engine, asSource(app, companion), askingOf(companion), one.revision);
    if (its.kind === "again") return `${one.repository} ${one.revision.slice(0, 7)}: ${its.text}`;
    if (its.kind === "refuted") return null;
  }
  return null;
}

async function standingAt(engine: Engine, app: App, environment: Asking, revision: Sha): Promise<ProofStanding> {
  const stored = await runOf(engine.db, app.name, revision);
  return stored === null ? { kind: "refuted" } : standingOf(app, environment, stored.run);
}

/** What a companion asks of its own revisions. */
export function askingOf({ repository, requires }: Companion): Asking {
  return { name: repository.path, requires, after: null };
}

/** The same for one run of one repository alone. */
export async function vouchFor(engine: Engine, app: App, environment: Asking, stored: StoredRun): Promise<string | null> {
  const host = engine.codeHost(app.repository);
  const { run } = stored;
  const answer = await host.reread(app.repository.path, run);
  const told = answer === null ? null : await withBound(engine, app, answer, run);
  // Where nobody can be asked, GitHub's own webhooks say whether it was run again; elsewhere what was opened again takes the candidate back.
  const known = told ?? (app.repository.kind === "github" ? run : null);
  if (known !== null) {
    const after = environment.after === null ? null : await loadAfter(engine.db, environmentId(app.name, environment.after.environment));
    const [first] = missingFor(app, environment, known, after);
    if (told !== null) await layOver(engine, app, run, told);
    if (first !== undefined) return told === null ? first.text : `the provider says otherwise: ${first.text}`;
  }
  const reachable = await host.reachable(app.repository.path, app.branch, run.revision);
  return reachable === false ? `${run.revision.slice(0, 7)} is not on ${app.branch}` : null;
}
