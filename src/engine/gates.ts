import { deploymentById } from "../db/deployments.ts";
import { endGate, gatesOf, openGates, openGatesOf, type Gate } from "../db/gates.ts";
import { runOf } from "../db/runs.ts";
import { loadObserved } from "../db/observed.ts";
import { heldBecause, loadApprovals } from "../db/snapshot.ts";
import { claimTelling, endTelling } from "../db/told.ts";
import { isFinal, type Deployment } from "../domain/deployment.ts";
import type { DeploymentId } from "../domain/ids.ts";
import { actorName } from "../domain/people.ts";
import { isTerminal, type Workflow } from "../domain/pipeline.ts";
import { apply } from "./apply.ts";
import { missing } from "./vouch.ts";
import { environmentOf, type Engine } from "./engine.ts";
import { keepingClaim } from "./tell.ts";

/** How often CI's own word is looked for while it deploys. */
const AGAIN_MS = 15_000;

/** Answers what a deployment decided, once, whoever asks for it how often; then waits for CI's own word of how it went. */
export async function carryGate(engine: Engine, id: DeploymentId): Promise<void> {
  const key = `gate:${id}`;
  if ((await claimTelling(engine.db, key)) === null) return engine.jobs.send(engine.db, "gate", { deployment: id }, later(engine));
  try {
    await keepingClaim(engine, key, () => carryOnce(engine, id));
  } finally {
    await endTelling(engine.db, key, "");
  }
}

async function carryOnce(engine: Engine, id: DeploymentId): Promise<void> {
  const deployment = await deploymentById(engine.db, id);
  if (deployment === null) return;
  const answers = await answerOpen(engine, deployment);
  if (deployment.state.state === "cancelling") {
    await apply(engine, deployment.environmentId, {
      kind: "cancel_ended",
      deployment: id,
      unreachable: [],
      switched: [],
      id: newId(engine),
    });
  } else if (deployment.state.state === "executing" && answers) {
    await askCi(engine, deployment);
  }
  const still = await deploymentById(engine.db, id);
  if (!answers || still?.state.state === "executing") await engine.jobs.send(engine.db, "gate", { deployment: id }, later(engine));
}

/** False: the code host did not take an answer, and has to be told again. */
async function answerOpen(engine: Engine, deployment: Deployment): Promise<boolean> {
  const answer = await answerOf(engine, deployment);
  if (answer === null) return true;
  let taken = true;
  for (const gate of await openGatesOf(engine.db, deployment.id)) taken = (await tellGate(engine, gate, answer)) && taken;
  return taken;
}

type GateAnswer = { readonly state: "approved" | "rejected"; readonly comment: string };

/** Null: people have not decided yet. Their names are in it, and the reason unless the app keeps people's words. */
async function answerOf(engine: Engine, deployment: Deployment): Promise<GateAnswer | null> {
  const { state, number } = deployment;
  if (state.state === "cancelling") return { state: "rejected", comment: `Stopped by ${actorName(state.by)} (Greenlight #${number}).` };
  if (state.state === "executing") {
    const names = [...new Set((await loadApprovals(engine.db, [deployment.id])).map(({ actor }) => actorName(actor)))];
    return { state: "approved", comment: `Approved by ${names.join(" and ") || "Greenlight"} in Slack (Greenlight #${number}).` };
  }
  if (!isFinal(state)) return null;
  const strict = environmentOf(engine, deployment.environmentId)?.app.privacy === "strict";
  const why = strict ? "" : `: ${state.because}`;
  const by =
    state.by === null
      ? `Not approved (${state.state})`
      : `${state.state === "rejected" ? "Rejected" : "Stopped"} by ${actorName(state.by)}`;
  return { state: "rejected", comment: `${by}${why} (Greenlight #${number}).` };
}

async function tellGate(engine: Engine, gate: Gate, { state, comment }: GateAnswer): Promise<boolean> {
  const { repository, workflowRun, environment } = gate;
  const host = engine.codeHost({ kind: "github", connection: gate.connection });
  const told = await host.answerGate({ repository, workflowRun, environment, state, comment });
  if (told === "not answered") return false;
  if (told === "over") engine.log("info", "a gate was answered elsewhere, or waits no more", { repository, workflowRun, environment });
  await endGate(engine.db, gate, { answer: state, comment, at: engine.clock() });
  return true;
}

/** The deployment that CI recorded there, or else its run's own end, says how it went. */
async function askCi(engine: Engine, deployment: Deployment): Promise<void> {
  const known = environmentOf(engine, deployment.environmentId);
  const since = deployment.startedAt;
  if (known === null || since === null) return;
  const seen = (await loadObserved(engine.db, deployment.environmentId)).filter((one) => one.revision === deployment.revision);
  if (seen.some(({ liveAt }) => liveAt !== null && liveAt >= since)) return ended(engine, deployment, { kind: "done" });
  const because = "CI could not deploy it. Its own log says why.";
  const failed = { kind: "failed", because, switched: [] } as const;
  if (seen.some(({ failedAt }) => failedAt !== null && failedAt >= since)) return ended(engine, deployment, failed);
  const stored = await runOf(engine.db, known.app.name, deployment.revision);
  const asked = new Map((await gatesOf(engine.db, deployment.id)).map((gate) => [gate.workflowRun, gate.askedAt]));
  const runs = (stored?.run.workflows ?? []).filter((workflow) => asked.has(workflow.workflowRun));
  // What had ended before it asked was an earlier attempt: the one that asks is not told of yet.
  const isOver = ({ workflowRun, status, updatedAt }: Workflow): boolean =>
    isTerminal(status) && (updatedAt ?? new Date(0)) >= (asked.get(workflowRun) ?? new Date(0));
  if (runs.length === 0 || !runs.every(isOver)) return;
  await ended(engine, deployment, runs.every((run) => run.status === "passed") ? { kind: "done" } : failed);
}

async function ended(
  engine: Engine,
  deployment: Deployment,
  outcome: { readonly kind: "done" } | { readonly kind: "failed"; readonly because: string; readonly switched: readonly [] },
): Promise<void> {
  await apply(engine, deployment.environmentId, { kind: "steps_ended", deployment: deployment.id, outcome, id: newId(engine) });
}

/**
 * What was decided and not told, whatever died in between; and what nobody could be asked for in time: it is refused there with what is
 * missing, rather than left to wait for weeks.
 */
export async function sweepGates(engine: Engine): Promise<void> {
  const all = await openGates(engine.db);
  const held = new Set<string>();
  // In a restored database nothing is decided, nor said, until a person has looked.
  for (const id of new Set(all.map(({ environmentId }) => environmentId))) if ((await heldBecause(engine.db, id)) !== null) held.add(id);
  const open = all.filter(({ environmentId }) => !held.has(environmentId));
  for (const id of new Set(open.flatMap(({ deploymentId }) => deploymentId ?? []))) {
    const deployment = await deploymentById(engine.db, id);
    if (deployment !== null && (await answerOf(engine, deployment)) !== null) await engine.jobs.send(engine.db, "gate", { deployment: id });
  }
  for (const gate of open.filter(({ deploymentId }) => deploymentId === null)) await refuseOld(engine, gate);
}

async function refuseOld(engine: Engine, gate: Gate): Promise<void> {
  const known = environmentOf(engine, gate.environmentId);
  if (known === null || known.environment.release.mode !== "approval") return;
  const { expiresMs } = known.environment.release.approval;
  const stored = await runOf(engine.db, known.app.name, gate.revision);
  // Asked for long ago, and heard of only now: from now on.
  const since = Math.max(gate.askedAt.getTime(), stored?.firstSeen.getTime() ?? 0);
  if (engine.clock().getTime() - since < expiresMs) return;
  const lacks = stored === null ? [] : await missing(engine, known.app, known.environment, stored);
  const why = lacks.map(({ text }) => text).join(" ") || "It never had all that is required.";
  await tellGate(engine, gate, { state: "rejected", comment: `Nobody was asked in time: ${why}` });
}

function later(engine: Engine): Date {
  return new Date(engine.clock().getTime() + AGAIN_MS);
}

function newId(engine: Engine): DeploymentId {
  return engine.newId() as DeploymentId;
}
