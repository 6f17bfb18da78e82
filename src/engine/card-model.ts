import { alarmOf } from "../db/alarms.ts";
import { heardOfRun } from "../db/asked-runs.ts";
import { cardById } from "../db/cards.ts";
import { deploymentById, deploymentExtras, deploymentsOfRun, rollbackOf, usualDuration } from "../db/deployments.ts";
import { measurementsOf } from "../db/measurements.ts";
import { loadObserved } from "../db/observed.ts";
import { newerRun, recentRuns, runById, type StoredRun } from "../db/runs.ts";
import { loadSnapshot } from "../db/snapshot.ts";
import { stepsOf, type StepRow } from "../db/steps.ts";
import { aftermathOf } from "../domain/aftermath.ts";
import { refText } from "../domain/authorize.ts";
import type { CardModel, DeploymentCard, LiveRevision, PathEntry, RunCard, StepView } from "../domain/card.ts";
import { revisionsOf } from "../domain/companion.ts";
import { findApp, type App, type Environment } from "../domain/config.ts";
import type { Deployment } from "../domain/deployment.ts";
import { liveRevision, type Snapshot } from "../domain/environment.ts";
import { mayBeOfferedAgain } from "../domain/decide/offer-again.ts";
import { lastAutomatic } from "../domain/decide/countdown.ts";
import { requiredApprovals, validApprovals } from "../domain/gate.ts";
import { observedHere } from "../domain/observed-here.ts";
import type { DeploymentId, RunId } from "../domain/ids.ts";
import { latestLooks } from "../domain/latest-looks.ts";
import { lastLines, logText } from "../domain/log-text.ts";
import type { Run } from "../domain/pipeline.ts";
import { watchedOf } from "../domain/pipeline/watched.ts";
import { stageOf } from "../domain/requirement.ts";
import { quietOf } from "../domain/quiet.ts";
import { approversView } from "./approvers-view.ts";
import { environmentOf, type Engine } from "./engine.ts";
import { readiness } from "./readiness.ts";
import { queueView, waitsFor } from "./card-queue.ts";
import { rollOf, wayBackOf } from "./card-roll.ts";
import { titleOf } from "./status.ts";
import { undoIn } from "./undo.ts";
import { lookAtBefore, newerThan, validationOfDeployment, validationOfRun } from "./validation-view.ts";

/** Lines of a step's log that the card and its thread show. */
const TAIL_LINES = 12;
/** Runs that a stage's usual duration is taken from. */
const USUAL_RUNS = 20;

/** Everything a card is drawn from, from stored rows alone. Null: nothing to draw any more. */
export async function loadCardModel(engine: Engine, id: string): Promise<{ readonly model: CardModel; readonly version: number } | null> {
  const row = await cardById(engine.db, id);
  if (row === null) return null;
  const app = findApp(engine.config, row.app);
  if (app === undefined) return null;
  const model =
    row.deploymentId === null
      ? await runCard(engine, app, row.runId as RunId | null)
      : await deploymentCard(engine, row.deploymentId as DeploymentId);
  return model === null ? null : { model, version: row.version };
}

async function runCard(engine: Engine, app: App, id: RunId | null): Promise<RunCard | null> {
  const stored = id === null ? null : await runById(engine.db, id);
  if (stored === null) return null;
  const deployments = await deploymentsOfRun(engine.db, stored.run.id);
  const asked = app.environments.findLast((environment) => environment.release.mode === "approval") ?? app.environments.at(-1);
  return {
    kind: "run",
    app: app.name,
    run: stored.run,
    changes: stored.changes ?? {
      // Until it is compared with what is live it is the push's card, and the push says all that it brought.
      changes: stored.run.push?.changes ?? [],
      complete: stored.run.push !== null,
      behind: 0,
      compareUrl: stored.run.push?.compareUrl ?? null,
      authors: [],
    },
    path: await Promise.all(app.environments.map((environment) => pathEntry(engine, environment, { app, run: stored.run, deployments }))),
    usualMs: await usualStageMs(engine, app.name, stored),
    ...(app.stages === undefined ? {} : { listed: app.stages }),
    live: asked === undefined ? null : await liveOf(engine, app.name, await loadSnapshot(engine.db, asked, engine.config)),
    ...(await quietRun(engine, app, stored)),
    supersededBy: await newerRun(engine.db, app.name, app.branch, stored),
    validation: await validationOfRun(engine, app, stored),
  };
}

async function quietRun(engine: Engine, app: App, stored: StoredRun): Promise<Pick<RunCard, "quiet">> {
  const heard = await heardOfRun(engine.db, stored.run.id);
  const { kind } = app.repository;
  const host = kind === "github" || kind === "gitlab" ? kind : null;
  const quiet = heard === null ? null : quietOf(stored.run, heard, { now: engine.clock(), host });
  return quiet === null ? {} : { quiet };
}

type OfRun = { readonly app: App; readonly run: Run; readonly deployments: readonly Deployment[] };

async function pathEntry(engine: Engine, environment: Environment, { app, run, deployments }: OfRun): Promise<PathEntry> {
  const deployment = deployments.findLast((candidate) => candidate.environmentId === environment.id);
  const { release } = environment;
  return {
    environment: environment.name,
    requires: environment.requires.map(stageOf),
    mode: release.mode,
    approvers: release.mode === "approval" ? release.approval.from.map(refText) : [],
    deployment:
      deployment === undefined
        ? null
        : {
            id: deployment.id,
            number: deployment.number,
            state: deployment.state.state,
            startedAt: deployment.startedAt,
            liveAt: deployment.liveAt,
            because: "because" in deployment.state ? deployment.state.because : await waitsFor(engine, environment, deployment),
          },
    observed: release.mode === "by_ci" ? observedHere(await loadObserved(engine.db, environment.id), run.revision) : null,
    ...(deployment === undefined && release.mode !== "by_ci" ? await readiness(engine, app, environment, run) : {}),
  };
}

/** Median of the recent runs' durations of each stage that passed. */
async function usualStageMs(engine: Engine, app: string, current: StoredRun): Promise<Readonly<Record<string, number>>> {
  const times = new Map<string, number[]>();
  for (const stored of await recentRuns(engine.db, app, USUAL_RUNS)) {
    if (stored.run.id === current.run.id) continue;
    for (const stage of watchedOf(stored.run)) {
      if (stage.status !== "passed" || stage.startedAt === null || stage.finishedAt === null) continue;
      times.set(stage.name, [...(times.get(stage.name) ?? []), stage.finishedAt.getTime() - stage.startedAt.getTime()]);
    }
  }
  return Object.fromEntries([...times].map(([name, all]) => [name, all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0]));
}

/** The card of a stored deployment; null when it, or its environment, is gone. */
export async function deploymentCard(engine: Engine, id: DeploymentId): Promise<DeploymentCard | null> {
  const deployment = await deploymentById(engine.db, id);
  return deployment === null ? null : draftCard(engine, deployment);
}

/** The card of a deployment, stored or only thought of. Null: its environment is not configured any more. */
export async function draftCard(engine: Engine, deployment: Deployment): Promise<DeploymentCard | null> {
  const { id } = deployment;
  const known = environmentOf(engine, deployment.environmentId);
  if (known === null) return null;
  const { app, environment } = known;
  const snapshot = await loadSnapshot(engine.db, environment, engine.config);
  const extras = await deploymentExtras(engine.db, id);
  const stored = deployment.runId === null ? null : await runById(engine.db, deployment.runId);
  const { watch } = await measurementsOf(engine.db, id);
  const valid = validApprovals(snapshot, deployment, engine.clock());
  const authors = deployment.changes.authors;
  const rows = await stepsOf(engine.db, id);
  const rollback = await rollbackView(engine, deployment);
  const usualMs = await usualDuration(engine.db, environment.id);
  const spent = lastAutomatic(snapshot, engine.clock());
  return {
    kind: "deployment",
    app: app.name,
    environment,
    deployment,
    run: stored?.run ?? null,
    steps: stepViews(deployment, rows),
    approvals: valid.map(({ actor, at, override, notBefore }) => ({ actor, at, override, notBefore: notBefore ?? null })),
    required: requiredApprovals(snapshot, deployment),
    ...(stored === null ? {} : await readiness(engine, app, environment, stored.run)),
    approvers: await approversView(engine, environment, deployment, valid),
    offerable: mayBeOfferedAgain(snapshot, deployment),
    excluded: authors.flatMap((author) => (author.slackId === null ? [] : [author.slackId])),
    unmapped: authors.flatMap((author) => (author.slackId === null ? [author.name] : [])),
    live: await liveOf(engine, app.name, snapshot),
    wayBack: wayBackOf(snapshot, deployment, rows),
    undo: undoIn(snapshot, deployment),
    ...(spent === null ? {} : { spent: spent.number }),
    usualMs,
    ...queueView(engine, snapshot, deployment, usualMs),
    latest: latestLooks(watch),
    rollback: rollback === null ? null : rollback.view,
    onIt: extras.onIt,
    alarm: await alarmOf(engine.db, id),
    blocked: snapshot.blocked.some((commit) => revisionsOf(deployment).includes(commit.revision)),
    trouble: extras.trouble,
    validation: await validationOfDeployment(engine, app, environment, { deployment, stored }),
    look: lookAtBefore(app, environment),
    newer: await newerThan(engine, app, snapshot, { deployment, stored }),
    ...rollOf(engine, snapshot, rollback?.view.deployment ?? deployment, rollback?.rows ?? rows),
  };
}

async function liveOf(engine: Engine, app: string, snapshot: Snapshot): Promise<LiveRevision | null> {
  const live = liveRevision(snapshot);
  return live === null ? null : { revision: live.revision, since: live.since, title: await titleOf(engine, app, live.revision) };
}

type RollbackView = { readonly rows: readonly StepRow[]; readonly view: NonNullable<DeploymentCard["rollback"]> };

async function rollbackView(engine: Engine, deployment: Deployment): Promise<RollbackView | null> {
  const rollback = await rollbackOf(engine.db, deployment.id);
  if (rollback === null) return null;
  const { aftermath } = await measurementsOf(engine.db, deployment.id);
  const rows = await stepsOf(engine.db, rollback.id);
  const view = {
    deployment: rollback,
    steps: stepViews(rollback, rows),
    aftermath: rollback.liveAt === null ? null : aftermathOf(deployment, aftermath, rollback.liveAt),
  };
  return { rows, view };
}

/** Every planned step with what is recorded of its latest attempt. */
function stepViews(deployment: Deployment, rows: readonly StepRow[]): readonly StepView[] {
  return deployment.plan.steps.map((step) => {
    const row = rows
      .filter((candidate) => candidate.step === step.id && candidate.host === step.host && candidate.status !== "undone")
      .at(-1);
    const tail = row === undefined ? "" : lastLines(logText(row.tail.length > 0 ? row.tail : row.head), TAIL_LINES);
    return {
      name: step.name,
      host: step.host,
      phase: step.phase,
      status: row === undefined || row.status === "undone" ? "waiting" : row.status,
      startedAt: row?.startedAt ?? null,
      finishedAt: row?.finishedAt ?? null,
      exitCode: row?.exitCode ?? null,
      tail,
      note: row?.note ?? null,
    };
  });
}
