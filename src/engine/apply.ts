import { giveCard, touchDeployment } from "../db/cards.ts";
import { addReply, staleReplies } from "../db/replies.ts";
import { writeChange } from "../db/changes.ts";
import type { Database } from "../db/client.ts";
import { deploymentById } from "../db/deployments.ts";
import { appendHistory } from "../db/history.ts";
import { lastConfigurationWith } from "../db/leases.ts";
import { addNotice } from "../db/notices.ts";
import { loadSnapshot, lockEnvironment } from "../db/snapshot.ts";
import type { App } from "../domain/config.ts";
import { isFinal, type Deployment } from "../domain/deployment.ts";
import { decide } from "../domain/decide.ts";
import type { Change, Command, CommandOf, Decision, Effect, Snapshot } from "../domain/environment.ts";
import type { DeploymentId, EnvironmentId } from "../domain/ids.ts";
import type { Refusal } from "../domain/intent.ts";
import { heard } from "../domain/hearers.ts";
import { threadReply } from "../domain/thread-reply.ts";
import { toldPrivately } from "../domain/told.ts";
import { refuse, type Result } from "../domain/result.ts";
import { environmentOf, type Engine } from "./engine.ts";
import { lookNow } from "./look-now.ts";
import { askForPictures } from "./pictures.ts";
import { touchOnlookers } from "./onlookers.ts";

/** A decision that was written, or a refusal that changed nothing. */
export type Applied = Result<Decision, Refusal>;

/** Work of the caller inside the same transaction. */
export type Within = {
  /** After the environment is locked, before anything is read. False: it was done before, nothing is decided. */
  readonly before?: (tx: Database) => Promise<boolean>;
  /** With the outcome, refusals too. */
  readonly after?: (tx: Database, outcome: Applied) => Promise<void>;
};

/** A command that follows from what is stored when the environment is locked. */
export type Incomplete = {
  readonly kind: "measured";
  /** After `before`, inside the same transaction. */
  readonly completed: (tx: Database) => Promise<CommandOf<"measured">>;
};

/** What ends or undoes something that runs is decided though the environment was taken out of the configuration. */
const GOES_ON: ReadonlySet<Command["kind"]> = new Set([
  "steps_ended",
  "cancel_ended",
  "measured",
  "cancel",
  "roll_back",
  "resolve",
  "gone",
]);

/**
 * The one writer of deployment state. The row lock makes two presses at once queue up; changes, history and effects are stored
 * in the same transaction, so a crash loses neither the state nor the work.
 * @throws when the database is unreachable, or a constraint is broken (a bug, not a refusal).
 */
export async function apply(engine: Engine, id: EnvironmentId, command: Command | Incomplete, within: Within = {}): Promise<Applied> {
  const known = environmentOf(engine, id) ?? (GOES_ON.has(command.kind) ? await lastConfigurationWith(engine.db, id) : null);
  return engine.db.transaction(async (tx) => {
    const outcome = known === null ? gone(id) : await decided(engine, tx, { ...known, command, within });
    await within.after?.(tx, outcome);
    return outcome;
  });
}

async function decided(
  engine: Engine,
  tx: Database,
  input: { app: App; environment: Snapshot["environment"]; command: Command | Incomplete; within: Within },
): Promise<Applied> {
  const { environment } = input;
  await lockEnvironment(tx, environment);
  if (input.within.before !== undefined && !(await input.within.before(tx)))
    return { ok: true, value: { changes: [], effects: [], history: [], answer: "" } };
  const command = "completed" in input.command ? await input.command.completed(tx) : input.command;
  const snapshot = await loadSnapshot(tx, environment, engine.config);
  const now = engine.clock();
  const outcome = decide(snapshot, command, now);
  if (!outcome.ok) return outcome;
  const { changes, history } = outcome.value;
  for (const change of changes) await writeChange(tx, snapshot, change, now);
  const head = await appendHistory(tx, engine.historyKey, environment.id, history, now);
  await redraw(engine, tx, { app: input.app, environment, changes });
  await touchOnlookers(tx, input.app, snapshot, changes);
  const effects = [...heard(input.app, snapshot, outcome.value), ...toldPrivately(snapshot, outcome.value)];
  for (const effect of effects) await send(engine, tx, environment.id, effect, now);
  await askForPictures(engine, tx, { snapshot, changes });
  await printHead(engine, tx, { changes, head, environment: environment.id, now });
  return outcome;
}

/** At the end of each deployment the chain's head goes where its owner cannot rewrite it: a cut-off history shows. */
async function printHead(
  engine: Engine,
  tx: Database,
  ended: { changes: readonly Change[]; head: string; environment: EnvironmentId; now: Date },
): Promise<void> {
  for (const change of ended.changes) {
    if (change.kind !== "move" || !isFinal(change.state)) continue;
    const text = `Recorded. The history of ${ended.environment} now ends with ${ended.head.slice(0, 12)}.`;
    const body = threadReply({ key: `head:${change.id}`, kind: "note", text });
    await addReply(tx, { id: engine.newId(), deployment: change.id, body, at: ended.now });
  }
}

function gone(id: EnvironmentId): Applied {
  return refuse({
    title: `Not done: ${id} is not in the configuration any more.`,
    reasons: [],
    who: null,
    change: "Add it to greenlight.yml again and restart.",
  });
}

/** A deployment that asks people gets a card; an automatic one is a line of its run's card; a rollback redraws what it rolls back. */
async function redraw(
  engine: Engine,
  tx: Database,
  input: { app: App; environment: Snapshot["environment"]; changes: readonly Change[] },
): Promise<void> {
  const touched = new Set<DeploymentId>();
  for (const change of input.changes) {
    if (change.kind === "insert") {
      touched.add(change.deployment.id);
      if (change.deployment.kind === "deploy" && !change.deployment.automatic)
        await giveCard(tx, { id: engine.newId(), app: input.app.name, channel: input.app.channel }, change.deployment);
    }
    if (change.kind === "move" || change.kind === "replan" || change.kind === "on_it" || change.kind === "alarm_word")
      touched.add(change.id);
    if (change.kind === "move" && change.state.state !== "queued") await staleReplies(tx, change.id, "stopButton");
    if (change.kind === "redraw") touched.add(change.id);
    if (change.kind === "approve") touched.add(change.approval.deploymentId);
    if (change.kind === "block") {
      touched.add(change.deploymentId);
      await staleReplies(tx, change.deploymentId, "rollBackButton");
    }
  }
  for (const id of touched) {
    const deployment = await deploymentById(tx, id);
    if (deployment === null) continue;
    await touchDeployment(tx, deployment);
    await tellAbroad(engine, tx, deployment);
  }
}

/** Whatever changed of it, the code host is told what is so then; nothing is told twice. */
async function tellAbroad(engine: Engine, tx: Database, deployment: Deployment): Promise<void> {
  // What CI deploys it tells itself.
  if (deployment.startedAt !== null && deployment.plan.gate === undefined)
    await engine.jobs.send(tx, "tell", { deployment: deployment.id });
  // Whether something was taken back is told on its own commit, and decided by how its rollback goes.
  const original = deployment.rollsBack === null ? null : await deploymentById(tx, deployment.rollsBack);
  for (const run of new Set([deployment.runId, original?.runId ?? null])) if (run !== null) await engine.jobs.send(tx, "mark", { run });
  if (deployment.plan.gate !== undefined && isFinal(deployment.state)) await engine.jobs.send(tx, "gate", { deployment: deployment.id });
}

async function send(engine: Engine, tx: Database, environment: EnvironmentId, effect: Effect, now: Date): Promise<void> {
  switch (effect.kind) {
    case "drive":
      return engine.jobs.send(tx, "drive", { deployment: effect.deployment });
    case "recheck":
      return engine.jobs.send(tx, "recheck", { environment }, effect.at);
    case "look":
      return engine.jobs.send(tx, "look", { deployment: effect.deployment, monitor: effect.monitor, look: effect.look }, effect.at);
    case "look_now": {
      const watched = await deploymentById(tx, effect.deployment);
      return watched === null ? undefined : lookNow(engine, tx, watched, 0);
    }
    case "aftermath":
      return engine.jobs.send(tx, "aftermath", { deployment: effect.deployment, look: effect.look }, effect.at);
    case "announce":
      return engine.jobs.send(tx, "announce", { deployment: effect.deployment });
    case "page":
      return engine.jobs.send(tx, "page", { deployment: effect.deployment, sequence: effect.sequence });
    case "tell":
      return engine.jobs.send(tx, "tell", { deployment: effect.deployment });
    case "reconsider":
      return engine.jobs.send(tx, "reconsider", { environment });
    case "reply":
      return addReply(tx, { id: engine.newId(), deployment: effect.deployment, body: effect.reply, at: now });
    case "notice":
      return addNotice(tx, { ...effect, id: engine.newId(), at: now });
    default:
      return effect satisfies never;
  }
}
