import { claim, highestNumber, holdFence, Overtaken, setHoldsHosts } from "../db/fence.ts";
import { stepsOf } from "../db/steps.ts";
import type { DeploymentId } from "../domain/ids.ts";
import type { Plan } from "../domain/plan.ts";
import { switchedHosts, type Progress } from "../domain/progress.ts";
import type { FoundRevision, StepsOutcome } from "../domain/environment.ts";
import type { RunIdentity } from "../ports.ts";
import { acquireAll } from "./acquire.ts";
import { apply } from "./apply.ts";
import { askHosts, revisionsIn } from "./ask-hosts.ts";
import { cancelAll } from "./cancel.ts";
import { courseFor, recordSchema, withSchema } from "./course.ts";
import type { Engine } from "./engine.ts";
import { followStep } from "./follow.ts";
import { carryGate } from "./gates.ts";
import { lookBefore } from "./look.ts";
import { openSlice, pause, recordTrouble, type Drive } from "./slice.ts";
import { openWriter } from "./writer.ts";

/** In a pause of the roll: a cancelled deployment waits for this long at most, and no replica is kept from other work. */
const PAUSE_SLICE_MS = 5_000;
/** After a failure hosts are asked what they run; whoever is silent for longer counts by the rule. */
const ASK_AFTER_MS = 5_000;

/**
 * One slice of driving: claims, does or follows what is due, records, and sends the next slice. Whatever dies, the rows and the
 * hosts know enough for the next claimant (invariant 2).
 */
export async function drive(engine: Engine, id: DeploymentId, signal: AbortSignal): Promise<void> {
  const claimed = await claim(engine.db, id, engine.replica);
  if (claimed === null) return;
  await engine.checkpoint("claimed");
  const { deployment, epoch } = claimed;
  // Nothing runs on hosts: CI carries it out, once its gate was answered.
  if (deployment.plan.gate !== undefined) return carryGate(engine, id);
  const highest = await highestNumber(engine.db, deployment.environmentId);
  const identity: RunIdentity = { installation: engine.installation, deployment: id, number: deployment.number, highest, epoch };
  const { slice, end } = openSlice(engine, claimed, signal);
  try {
    const driven: Drive = { engine, claim: claimed, identity, slice, writer: openWriter(engine, claimed) };
    if (deployment.state.state === "executing") await execute(driven);
    else if (deployment.state.state === "cancelling") await cancel(driven);
    // Its locks stay until a person has decided: a closed run could never be asked again.
    else if (deployment.state.state !== "needs_attention") await letGo(driven);
  } catch (fault) {
    // Not a fault: another replica goes on, and the host refuses us from now on.
    if (!(fault instanceof Overtaken)) throw fault;
    engine.log("info", fault.message, { replica: engine.replica });
  } finally {
    end();
  }
}

async function execute(driven: Drive): Promise<void> {
  const { engine, claim: mine } = driven;
  const { plan } = mine.deployment;
  for (;;) {
    const rows = await stepsOf(engine.db, mine.deployment.id);
    if (rows.every((row) => row.status === "undone")) {
      const ready = await acquireAll(driven);
      if (ready.kind === "wait") return again(driven);
      if (ready.kind === "replanned") return;
      if (ready.kind === "ended") return finish(driven, ready.outcome, plan);
      await lookBefore(engine, mine.deployment);
    }
    const { progress, outcome } = await courseFor(driven, rows);
    if (outcome !== null) return finish(driven, outcome, plan);
    if (progress.kind !== "next") return finish(driven, await withSchema(driven, rows, await outcomeOf(driven, progress, rows)), plan);
    const restMs = progress.notBefore === null ? 0 : progress.notBefore.getTime() - engine.clock().getTime();
    if (restMs > 0) return again(driven, Math.min(restMs, PAUSE_SLICE_MS));
    const attached = openRound(progress.steps.length, () => reached(driven));
    const followed = await Promise.all(progress.steps.map((due, index) => followStep(driven, due, rows, () => attached(index))));
    if (driven.slice.aborted) return again(driven);
    if (followed.includes("away")) await pause(driven.slice, engine.timing.retryMs);
    const gaveUp = followed.includes("gave up");
    if (gaveUp)
      return finish(
        driven,
        { kind: "unknown", because: "a server has not answered for a long time, and a step may be running there" },
        plan,
      );
  }
}

/** Calls `all` once every follower of this round has said that it is attached. */
function openRound(followers: number, all: () => void): (follower: number) => void {
  const attached = new Set<number>();
  return (follower) => {
    if (attached.size === followers) return;
    attached.add(follower);
    if (attached.size === followers) all();
  };
}

/** Every host that something is due on answers again: a long silent step must not be called unreachable until it ends. */
function reached(driven: Drive): void {
  // Overtaken, or the database is away: the next write of this slice meets the same and says so.
  recordTrouble(driven, null).catch(() => undefined);
}

async function outcomeOf(
  driven: Drive,
  progress: Exclude<Progress, { kind: "next" }>,
  rows: Parameters<typeof switchedHosts>[1],
): Promise<StepsOutcome> {
  switch (progress.kind) {
    case "done":
      return { kind: "done" };
    case "failed": {
      const switched = switchedHosts(driven.claim.deployment.plan, rows);
      return { ...progress, switched, found: await foundOn(driven, switched) };
    }
    case "unknown":
      return progress;
    default:
      return progress satisfies never;
  }
}

/** What the changed hosts say they run, under their locks: nobody else changes them meanwhile. */
async function foundOn(driven: Drive, switched: readonly string[]): Promise<readonly FoundRevision[]> {
  const hosts = driven.claim.deployment.plan.hosts.filter((host) => switched.includes(host.name));
  return revisionsIn(await askHosts(driven.engine, hosts, ASK_AFTER_MS));
}

/** The state first, then the hosts' locks: a crash in between leaves locks that the next drive releases. */
async function finish(driven: Drive, outcome: StepsOutcome, plan: Plan): Promise<void> {
  const { engine, claim: mine } = driven;
  const { deployment, epoch } = mine;
  const command = { kind: "steps_ended" as const, deployment: deployment.id, outcome, id: engine.newId() as DeploymentId };
  const applied = await apply(engine, deployment.environmentId, command, {
    before: async (tx) => {
      await holdFence(tx, deployment.id, epoch);
      await recordSchema(tx, driven);
      return true;
    },
  });
  if (!applied.ok) engine.log("info", applied.refusal.title, { deployment: deployment.id });
  if (outcome.kind === "done" || outcome.kind === "failed") await letGo(driven, outcome.kind === "done" ? plan.revision : null);
}

async function cancel(driven: Drive): Promise<void> {
  const { engine, claim: mine } = driven;
  const { deployment, epoch } = mine;
  const rows = await stepsOf(engine.db, deployment.id);
  // A step is recorded before a host is asked to start it: without any, nothing runs anywhere that could be silent.
  const unreachable = rows.length === 0 ? [] : await cancelAll(driven);
  const switched = switchedHosts(deployment.plan, rows);
  const found = unreachable.length > 0 ? [] : await foundOn(driven, switched);
  await apply(
    engine,
    deployment.environmentId,
    { kind: "cancel_ended", deployment: deployment.id, unreachable, switched, found, id: engine.newId() as DeploymentId },
    {
      before: async (tx) => {
        await holdFence(tx, deployment.id, epoch);
        await recordSchema(tx, driven);
        return true;
      },
    },
  );
  if (unreachable.length === 0) await letGo(driven);
}

/** Closes the run on every host and frees its locks; a host that is away is tried again until it answers. */
async function letGo(driven: Drive, revision: string | null = null): Promise<void> {
  const { engine, claim: mine, identity } = driven;
  const { deployment, epoch } = mine;
  await engine.checkpoint("releasing");
  const live = revision ?? (deployment.liveAt === null ? null : deployment.revision);
  // Asked about anew before its first step: its run must not be closed, or it could never be acquired again.
  const comesAgain = deployment.state.state === "awaiting_approval" || deployment.state.state === "queued";
  const outcomes = await Promise.all(
    deployment.plan.hosts.map((host) => engine.target.release(host, identity, { succeeded: live !== null, revision: live, comesAgain })),
  );
  if (outcomes.some((outcome) => outcome.kind === "unreachable")) return again(driven, engine.timing.retryMs * 5);
  const refused = outcomes.flatMap((outcome) => (outcome.kind === "refused" ? [outcome.because] : []));
  if (refused.length > 0) {
    // A process that outlived its step, or a full disk: given up now, the lock would stand in the way of every later deployment.
    engine.log("warn", `a host did not release its lock, asking again: ${refused.join("; ")}`, { deployment: deployment.id });
    return again(driven, engine.timing.retryMs * 30);
  }
  await engine.db.transaction(async (tx) => {
    await holdFence(tx, deployment.id, epoch);
    await setHoldsHosts(tx, deployment.id, false);
  });
}

/** The next slice, sent under the fence: an overtaken replica sends none. */
async function again(driven: Drive, afterMs = 0): Promise<void> {
  const { engine, claim: mine } = driven;
  const at = afterMs === 0 ? null : new Date(Date.now() + afterMs);
  await engine.db.transaction(async (tx) => {
    await holdFence(tx, mine.deployment.id, mine.epoch);
    await engine.jobs.send(tx, "drive", { deployment: mine.deployment.id }, at);
  });
}
