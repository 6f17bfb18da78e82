import { setTimeout as pause } from "node:timers/promises";
import { cardPosted } from "../db/cards.ts";
import { runOf } from "../db/runs.ts";
import { loadCandidates, loadLive, loadSnapshot } from "../db/snapshot.ts";
import { isLiveSet } from "../domain/companion.ts";
import { findApp, type App, type Environment } from "../domain/config.ts";
import { newDeployment } from "../domain/decide/offer.ts";
import type { Blocker } from "../domain/deployment.ts";
import type { Candidate } from "../domain/environment.ts";
import { shortSha, type DeploymentId, type Sha } from "../domain/ids.ts";
import type { DeployChoices } from "../domain/intent.ts";
import type { RefChoice } from "../domain/ref-choices.ts";
import { askedAlready, whatIf } from "../domain/what-if.ts";
import { observeOf } from "../domain/observed.ts";
import { draftCard } from "./card-model.ts";
import { prepare } from "./prepare.ts";
import type { Engine } from "./engine.ts";
import { revisionNamed } from "./revision-named.ts";
import { titleOf } from "./status.ts";
import { notProven } from "./vouch.ts";

/** A form that fills itself should not keep its reader waiting for a code host that is slow. */
const RESOLVE_MS = 4_000;

/** What was chosen so far; null: nothing yet. `revision`: a full id, or a ref as a search gave it. */
export type Wanted = {
  readonly app: string | null;
  readonly environment: string | null;
  readonly revision: string | null;
  /** Slack id of whoever looks: their own lock does not keep them waiting. */
  readonly user: string;
};

/**
 * What the modal shows for an app, an environment and a version, and what pressing its button would do. Nothing starts by asking. Null:
 * there is no app that this person may see.
 */
export async function deployChoices(engine: Engine, wanted: Wanted): Promise<DeployChoices | null> {
  const apps = engine.config.apps;
  const app = (wanted.app === null ? undefined : findApp(engine.config, wanted.app)) ?? apps[0];
  if (app === undefined) return null;
  const asked = app.environments.filter((environment) => observeOf(environment.release) === null);
  const environment =
    asked.find((candidate) => candidate.name === wanted.environment) ??
    asked.findLast((candidate) => candidate.release.mode === "approval") ??
    asked[0];
  const names = { apps: apps.map((one) => one.name), app: app.name, environments: asked.map((one) => one.name) };
  const nothing = { chosen: null, preview: null, doing: "refused" } as const;
  if (environment === undefined)
    return {
      ...names,
      environment: "",
      ...nothing,
      warnings: [said("Nothing of this app is deployed by Greenlight.")],
      effect: "Nothing can be deployed.",
    };
  const place = { ...names, environment: environment.name };
  const ref = wanted.revision ?? (await newestCandidate(engine, environment));
  if (ref === null)
    return {
      ...place,
      ...nothing,
      warnings: [said("Nothing new has passed everything that is required here.")],
      effect: "Search for a version.",
    };
  const revision = await resolved(engine, app, ref);
  if (revision === null) {
    const chosen = { value: ref, name: nameOf(ref), note: null };
    return {
      ...place,
      ...nothing,
      chosen,
      warnings: [said(`Nobody can say now which version ${nameOf(ref)} is.`)],
      effect: "Choose another version, or try again.",
    };
  }
  return {
    ...place,
    chosen: await choiceOf(engine, app, ref, revision),
    ...(await preview(engine, app, environment, { revision, user: wanted.user })),
  };
}

/** The newest that is not live already, or comes with something else now: what most people want. */
async function newestCandidate(engine: Engine, environment: Environment): Promise<Sha | null> {
  const live = (await loadLive(engine.db, environment.id))[0]?.revision ?? null;
  const snapshot = environment.companions === undefined ? null : await loadSnapshot(engine.db, environment, engine.config);
  const isNew = ({ revision }: Candidate): boolean => revision !== live || (snapshot !== null && !isLiveSet(snapshot, revision));
  return (await loadCandidates(engine.db, environment.id)).find(isNew)?.revision ?? null;
}

async function resolved(engine: Engine, app: App, ref: string): Promise<Sha | null> {
  const timer = new AbortController();
  try {
    return await Promise.race([revisionNamed(engine, app, ref), pause(RESOLVE_MS, null, { signal: timer.signal, ref: false })]);
  } finally {
    timer.abort();
  }
}

async function choiceOf(engine: Engine, app: App, ref: string, revision: Sha): Promise<RefChoice> {
  const title = await titleOf(engine, app.name, revision);
  if (ref !== revision) return { value: ref, name: nameOf(ref), note: shortSha(revision) };
  return { value: revision, name: title ?? shortSha(revision), note: shortSha(revision) };
}

function nameOf(ref: string): string {
  return ref.replace(/^refs\/(?:heads|tags)\//u, "");
}

function said(text: string): Blocker {
  return { rule: "requirements", text, owner: null, liftsAt: null };
}

/** The card as it would be, drawn from a deployment that nobody stores, and what the request would meet. */
async function preview(
  engine: Engine,
  app: App,
  environment: Environment,
  { revision, user }: { readonly revision: Sha; readonly user: string },
): Promise<Pick<DeployChoices, "preview" | "doing" | "effect" | "warnings" | "card">> {
  const stored = await runOf(engine.db, app.name, revision);
  const prepared = await prepare(engine, app, environment, revision, stored);
  const missing = stored === null ? [said("No pipeline has run for this version.")] : await notProven(engine, app, environment, stored.run);
  const snapshot = await loadSnapshot(engine.db, environment, engine.config);
  const draft = newDeployment(snapshot, {
    id: engine.newId() as DeploymentId,
    revision,
    runId: stored?.run.id ?? null,
    prepared,
    by: { kind: "slack", id: user, name: user },
    automatic: environment.release.mode === "automatically",
    now: engine.clock(),
  });
  const asked = askedAlready(snapshot, revision);
  const card = asked === null ? null : await cardPosted(engine.db, asked.id);
  return {
    preview: await draftCard(engine, draft),
    card,
    ...whatIf(snapshot, draft, { missing, containsBlocked: prepared.containsBlocked, now: engine.clock() }),
  };
}
