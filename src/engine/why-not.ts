import { runOf, type StoredRun } from "../db/runs.ts";
import { loadSnapshot } from "../db/snapshot.ts";
import type { WhyAnswer, WhyPart, WhyReason } from "../domain/answers.ts";
import { isLiveSet, isOnItsWay } from "../domain/companion.ts";
import type { App, Environment } from "../domain/config.ts";
import { newDeployment } from "../domain/decide/offer.ts";
import type { Blocker, Deployment } from "../domain/deployment.ts";
import { liveRevision, type Snapshot } from "../domain/environment.ts";
import { gate } from "../domain/gate.ts";
import { shortSha, type DeploymentId, type Sha } from "../domain/ids.ts";
import { endedReason, withLift, type LiftPlace } from "../domain/lifts.ts";
import { opensFor } from "../domain/opening.ts";
import { whatHolds } from "../domain/queue.ts";
import { prepare } from "./prepare.ts";
import type { Engine } from "./engine.ts";
import { branchRuns, pushedElsewhere } from "./newest.ts";
import { titleOf } from "./status.ts";
import { notProven } from "./vouch.ts";

/** One environment with all that is stored of it. */
type Scene = {
  readonly engine: Engine;
  readonly app: App;
  readonly environment: Environment;
  readonly snapshot: Snapshot;
  readonly place: LiftPlace;
};

/** Why the newest version of the branch is not live: every reason of every rule, asked as the gate asks. */
export async function whyOf(engine: Engine, app: App, environments: readonly Environment[]): Promise<WhyAnswer> {
  const newest = (await branchRuns(engine, app))[0] ?? null;
  const elsewhere = await pushedElsewhere(engine, app);
  return {
    kind: "why",
    app: app.name,
    branch: app.branch,
    command: engine.config.command,
    newest: newest === null ? null : { revision: newest.run.revision, title: await titleOf(engine, app.name, newest.run.revision) },
    environments: newest === null ? [] : await Promise.all(environments.map((environment) => whyPart(engine, app, environment, newest))),
    ...(elsewhere === 0 ? {} : { elsewhere }),
    now: engine.clock(),
  };
}

async function whyPart(engine: Engine, app: App, environment: Environment, newest: StoredRun): Promise<WhyPart> {
  const snapshot = await loadSnapshot(engine.db, environment, engine.config);
  const place = {
    command: engine.config.command,
    app: app.name,
    environment: environment.name,
    before: environment.after?.environment ?? null,
  };
  const scene: Scene = { engine, app, environment, snapshot, place };
  const stand = await standOf(scene, newest);
  const instead = stand.kind === "stopped" ? await olderThatMay(scene, newest) : null;
  return { environment: environment.name, stand, instead };
}

async function standOf(scene: Scene, newest: StoredRun): Promise<WhyPart["stand"]> {
  const { snapshot, environment, engine, place } = scene;
  const { revision } = newest.run;
  const live = liveRevision(snapshot);
  if (live !== null && live.revision === revision && !snapshot.mixed && isLiveSet(snapshot, revision))
    return { kind: "live", since: live.since };
  if (environment.release.mode === "by_ci") return { kind: "by_ci" };
  const open = snapshot.open.find((other) => isOnItsWay(snapshot, other, revision));
  if (open === undefined) return notAsked(scene, newest);
  if (open.state.state === "needs_attention") {
    const blocker: Blocker = {
      rule: "attention",
      text: `#${open.number} needs a person: ${open.state.because}`,
      owner: `#${open.number}`,
      liftsAt: null,
    };
    return { kind: "stopped", reasons: [withLift(blocker, place, `#${open.number}`)], opensAt: null };
  }
  if (open.state.state !== "awaiting_approval" && open.state.state !== "queued")
    return { kind: "on_its_way", number: open.number, state: open.state.state };
  const reasons = whatHolds(snapshot, open, engine.clock()).map((blocker) => withLift(blocker, place, `#${open.number}`));
  if (reasons.length === 0) return { kind: "on_its_way", number: open.number, state: open.state.state };
  return { kind: "stopped", reasons, opensAt: opensFor(snapshot, open, engine.clock()) };
}

/** Nobody has asked for it, or what was asked is over. */
async function notAsked(scene: Scene, newest: StoredRun): Promise<WhyPart["stand"]> {
  const { app, environment, snapshot, place, engine } = scene;
  const { revision } = newest.run;
  const missing = await notProven(engine, app, environment, newest.run);
  const ended = snapshot.past.find((past) => past.kind === "deploy" && past.revision === revision);
  const words = snapshot.candidates[0]?.revision === revision ? environment.name : `${shortSha(revision)} to ${environment.name}`;
  const blocked = snapshot.blocked.some((commit) => commit.revision === revision);
  const again = blocked || missing.length > 0 ? null : `${place.command} ${app.name} ${words}`;
  const way = await inTheWay(scene, newest);
  const reasons: readonly WhyReason[] = [
    ...(ended === undefined ? [] : [endedReason(ended, again)]),
    ...[...missing, ...(missing.length > 0 ? [] : await offTheBranch(scene, revision))].map((blocker) => withLift(blocker, place, null)),
    ...way.blockers
      .filter((blocker) => !missing.some((other) => other.rule === blocker.rule))
      .map((blocker) => withLift(blocker, place, null)),
  ];
  engine.log("debug", `asked why ${environment.id} has not ${shortSha(revision)}`, { reasons: reasons.length });
  return reasons.length > 0 ? { kind: "stopped", reasons, opensAt: way.opensAt } : { kind: "free", words: `${app.name} ${words}` };
}

/** What the gate would say if it were asked for now; a yes is what asking is for. */
async function inTheWay(
  scene: Scene,
  { run }: StoredRun,
): Promise<{ readonly blockers: readonly Blocker[]; readonly opensAt: Date | null }> {
  const { engine, app, environment, snapshot } = scene;
  const stored = await runOf(engine.db, app.name, run.revision);
  const prepared = await prepare(engine, app, environment, run.revision, stored);
  const draft: Deployment = newDeployment(snapshot, {
    id: engine.newId() as DeploymentId,
    revision: run.revision,
    runId: run.id,
    prepared,
    by: { kind: "greenlight", because: "a question" },
    automatic: environment.release.mode === "automatically",
    now: engine.clock(),
  });
  const now = engine.clock();
  return {
    blockers: gate(snapshot, draft, now).filter((blocker) => blocker.rule !== "approval"),
    opensAt: opensFor(snapshot, draft, now),
  };
}

/** It has all that is required and is no candidate: the provider says that the branch does not contain it. */
async function offTheBranch({ engine, app, snapshot }: Scene, revision: Sha): Promise<readonly Blocker[]> {
  if (snapshot.candidates.some((candidate) => candidate.revision === revision)) return [];
  const reachable = await engine.codeHost(app.repository).reachable(app.repository.path, app.branch, revision);
  if (reachable !== false) return [];
  return [{ rule: "requirements", text: `${shortSha(revision)} is not on ${app.branch}.`, owner: "the code host", liftsAt: null }];
}

/** The newest candidate, if it is older than the newest version, newer than what is live, and nothing stands in its way. */
async function olderThatMay(scene: Scene, newest: StoredRun): Promise<WhyPart["instead"]> {
  const { engine, app, environment, snapshot } = scene;
  const [candidate] = snapshot.candidates;
  const live = liveRevision(snapshot)?.revision ?? null;
  if (candidate === undefined || candidate.revision === live || candidate.position >= newest.position) return null;
  const before = live === null ? null : await runOf(engine.db, app.name, live);
  if (before !== null && before.position > candidate.position) return null;
  if ([...snapshot.open, ...snapshot.past].some((other) => other.kind === "deploy" && other.revision === candidate.revision)) return null;
  const stored = await runOf(engine.db, app.name, candidate.revision);
  if (stored === null || (await inTheWay(scene, stored)).blockers.length > 0) return null;
  const title = await titleOf(engine, app.name, candidate.revision);
  return { revision: candidate.revision, title, words: `${app.name} ${environment.name}` };
}
