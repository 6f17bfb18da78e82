import { openDeployments } from "../db/deployments.ts";
import { runOf } from "../db/runs.ts";
import { loadCandidates, loadLive, loadSnapshot } from "../db/snapshot.ts";
import { whoApproves } from "../domain/authorize.ts";
import { findApp, type App, type Environment } from "../domain/config.ts";
import type { DeploymentCard } from "../domain/card.ts";
import { newDeployment } from "../domain/decide/offer.ts";
import { gate } from "../domain/gate.ts";
import { parseSha, shortSha, type DeploymentId, type Sha } from "../domain/ids.ts";
import type { DeployChoices } from "../domain/intent.ts";
import { draftCard } from "./card-model.ts";
import { prepare } from "./consider.ts";
import type { Engine } from "./engine.ts";
import { titleOf } from "./status.ts";

/** As many as a select shows without search. */
const OFFERED = 25;

/** What was chosen so far; null: nothing yet. */
export type Wanted = { readonly app: string | null; readonly environment: string | null; readonly revision: string | null };

/** What the modal offers for an app and environment, and what pressing its button would do. Nothing starts by asking. */
export async function deployChoices(engine: Engine, wanted: Wanted): Promise<DeployChoices> {
  const apps = engine.config.apps;
  const app = (wanted.app === null ? undefined : findApp(engine.config, wanted.app)) ?? apps[0];
  if (app === undefined) throw new Error("the configuration has no app");
  const asked = app.environments.filter((environment) => environment.release.mode !== "by_ci");
  const environment =
    asked.find((candidate) => candidate.name === wanted.environment) ??
    asked.findLast((candidate) => candidate.release.mode === "approval") ??
    asked[0];
  const names = { apps: apps.map((one) => one.name), app: app.name, environments: asked.map((one) => one.name) };
  if (environment === undefined)
    return {
      ...names,
      environment: "",
      candidates: [],
      preview: null,
      warnings: ["Nothing of this app is deployed by Greenlight."],
      effect: "Nothing can be deployed.",
    };
  const candidates = (await loadCandidates(engine.db, environment.id)).slice(0, OFFERED);
  const live = (await loadLive(engine.db, environment.id))[0]?.revision ?? null;
  const labelled = await Promise.all(
    candidates.map(async (candidate) => {
      const title = await titleOf(engine, app.name, candidate.revision);
      const note = candidate.revision === live ? ", live now" : candidate === candidates[0] ? ", newest that passed" : "";
      return { revision: candidate.revision, label: `${title ?? shortSha(candidate.revision)} (${shortSha(candidate.revision)}${note})` };
    }),
  );
  const chosen =
    (wanted.revision === null ? null : parseSha(wanted.revision)) ??
    candidates.find((candidate) => candidate.revision !== live)?.revision ??
    null;
  const effect =
    environment.release.mode === "automatically" ? "It starts as soon as the way is free." : `This asks for ${whoApproves(environment)}.`;
  const rest = { ...names, environment: environment.name, candidates: labelled, effect };
  if (chosen === null) return { ...rest, preview: null, warnings: ["Nothing new has passed everything that is required here."] };
  return { ...rest, ...(await preview(engine, app, environment, chosen)) };
}

/** The card as it would be, drawn from a deployment that nobody stores. */
async function preview(
  engine: Engine,
  app: App,
  environment: Environment,
  revision: Sha,
): Promise<{ readonly preview: DeploymentCard | null; readonly warnings: readonly string[] }> {
  const stored = await runOf(engine.db, app.name, revision);
  const { changes } = await prepare(engine, app, environment, revision, stored);
  const snapshot = await loadSnapshot(engine.db, environment, engine.config.hash);
  const automatic = environment.release.mode === "automatically";
  const by = { kind: "greenlight" as const, because: "a preview" };
  const draft = newDeployment(snapshot, {
    id: engine.newId() as DeploymentId,
    revision,
    runId: stored?.run.id ?? null,
    changes,
    by,
    automatic,
    now: engine.clock(),
  });
  const blockers = gate(snapshot, draft, engine.clock()).filter((blocker) => blocker.rule !== "approval");
  const open = (await openDeployments(engine.db, environment.id)).find((other) => other.revision === revision && other.kind === "deploy");
  const warnings = [
    ...blockers.map((blocker) => blocker.text),
    ...(open === undefined ? [] : [`#${open.number} brings this version there already.`]),
  ];
  return { preview: await draftCard(engine, draft), warnings };
}
