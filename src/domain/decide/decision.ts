import { actorName, type Actor } from "../people.ts";
import type { Blocker, Deployment, DeploymentFields, DeploymentState, FinalName } from "../deployment.ts";
import type { Change, Decision, Effect, HistoryEntry, Snapshot } from "../environment.ts";
import type { Reply } from "../card.ts";
import type { DeploymentId } from "../ids.ts";
import type { Refusal } from "../intent.ts";
import type { Verdict } from "../measurement.ts";
import { threadReply } from "../thread-reply.ts";
import { refuse, type Result } from "../result.ts";

/** What deciding gives: a decision to be written, or a refusal to be told. */
export type Outcome = Result<Decision, Refusal>;

/** Greenlight itself, when a rule acts. */
export function byRule(because: string): Actor {
  return { kind: "greenlight", because };
}

/** A decision of these parts; what is left out is empty. */
export function decision(parts: {
  changes?: readonly Change[];
  effects?: readonly Effect[];
  history?: readonly HistoryEntry[];
  answer?: string;
}): Outcome {
  return {
    ok: true,
    value: { changes: parts.changes ?? [], effects: parts.effects ?? [], history: parts.history ?? [], answer: parts.answer ?? "" },
  };
}

/** A refusal: what was not done, all reasons, who can, and what changes it. */
export function refused(
  title: string,
  reasons: readonly Blocker[] = [],
  rest: { who?: string | null; change?: string | null; askUnlock?: Snapshot["environment"] } = {},
): Outcome {
  const ask = rest.askUnlock === undefined ? {} : { askUnlock: { app: rest.askUnlock.app, environment: rest.askUnlock.name } };
  return refuse({ title, reasons, who: rest.who ?? null, change: rest.change ?? null, ...ask });
}

/** The deployment goes to another state. */
export function move(deployment: Deployment, state: DeploymentState, set: DeploymentFields = {}): Change {
  return { kind: "move", id: deployment.id, state, set };
}

/** The deployment ends; its last verdict stays with it unless another one is given. */
export function end(
  deployment: Deployment,
  state: FinalName,
  input: { now: Date; because: string; by?: Actor; verdict?: Verdict | null; cutShortBy?: number; set?: DeploymentFields },
): Change {
  const keptBy = "keptBy" in deployment.state ? (deployment.state.keptBy ?? null) : null;
  return move(
    deployment,
    {
      state,
      at: input.now,
      because: input.because,
      by: input.by ?? null,
      verdict: input.verdict ?? verdictOf(deployment),
      ...(keptBy === null ? {} : { keptBy }),
      ...(input.cutShortBy === undefined ? {} : { cutShortBy: input.cutShortBy }),
    },
    input.set,
  );
}

/** What the watch has found so far; null before the first look and where nothing is watched. */
export function verdictOf(deployment: Deployment): Verdict | null {
  const { state } = deployment;
  return "verdict" in state ? state.verdict : null;
}

/** The reason that was given, for the history; nothing when none was. */
export function reasonOf(asked: { readonly kind: string; readonly reason?: string }): { readonly reason?: string } {
  return asked.reason === undefined ? {} : { reason: asked.reason };
}

/** One line of the history, with what identifies the deployment it is about. */
export function entry(
  kind: string,
  deployment: Deployment | null,
  actor: Actor,
  body: Readonly<Record<string, unknown>> = {},
): HistoryEntry {
  const about =
    deployment === null
      ? {}
      : { number: deployment.number, revision: deployment.revision, plan: deployment.planHash, configuration: deployment.configHash };
  return { kind, deployment: deployment?.id ?? null, actor, body: { ...about, ...body } };
}

/** A message in the thread of the deployment's card; the key makes it one. */
export function note(deployment: Pick<Deployment, "id">, key: string, text: string, rest: Partial<Reply> = {}): Effect {
  return {
    kind: "reply",
    deployment: deployment.id,
    reply: threadReply({ key, kind: "note", text, ...rest }),
  };
}

/** The deployment of that id, open or past; undefined when this environment has none. */
export function find(snapshot: Snapshot, id: DeploymentId): Deployment | undefined {
  return snapshot.open.find((deployment) => deployment.id === id) ?? snapshot.past.find((deployment) => deployment.id === id);
}

/** What became of it meanwhile: the answer to a late press names who was first (invariant 3). */
export function whatHappened(deployment: Deployment): string {
  const { state } = deployment;
  switch (state.state) {
    case "awaiting_approval":
      return "It waits for approval.";
    case "queued":
      return "It is approved and queued.";
    case "executing":
      return "It is being deployed already.";
    case "cancelling":
      return `${actorName(state.by)} is stopping it already.`;
    case "needs_attention":
      return `It needs attention: ${state.because}`;
    case "watching":
      return "It is live and being watched.";
    case "countdown":
      return "A rollback is being counted down.";
    default:
      return `It ended (${state.state.replaceAll("_", " ")})${state.by === null ? "" : `, by ${actorName(state.by)}`}: ${state.because}`;
  }
}
