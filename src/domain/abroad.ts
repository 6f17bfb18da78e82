import type { App, Config, Environment } from "./config.ts";
import { isFinal, isOccupying, wasRolledBack, type Blocker, type Deployment } from "./deployment.ts";
import type { LiveHost } from "./environment.ts";

/** What a deployment is at the code host, where everybody sees it who never opens Slack. */
export type StateAbroad = "queued" | "in_progress" | "success" | "failure" | "inactive";

/**
 * The state to tell of a deployment, read from what is stored now and not from what was so when somebody wanted it told: after an outage
 * an earlier one is never told as the one that is live. Null: it never started, and there is nothing to tell.
 */
export function stateAbroad(deployment: Deployment, live: readonly LiveHost[]): StateAbroad | null {
  if (isOccupying(deployment.state)) return "in_progress";
  if (deployment.liveAt !== null) return live.some((host) => host.deploymentId === deployment.id) ? "success" : "inactive";
  if (deployment.startedAt === null) return null;
  return isFinal(deployment.state) ? "failure" : "queued";
}

/** How the environment is called there: several apps of one repository would otherwise take each other's place. */
export function nameAbroad(config: Config, app: App, environment: Environment): string {
  const { connection, path } = app.repository;
  const shared = config.apps.some(
    (other) =>
      other.name !== app.name && other.repository.connection === connection && other.repository.path.toLowerCase() === path.toLowerCase(),
  );
  return shared ? `${app.name}/${environment.name}` : environment.name;
}

/** A commit's mark: how far it is on the way to one environment. */
export type Mark = { readonly state: "pending" | "success" | "failure"; readonly description: string };

/** What the mark is made of. */
export type MarkInput = {
  readonly environment: Environment;
  /** It has passed all that the environment requires. */
  readonly candidate: boolean;
  /** What it lacks still; empty where nothing but a person's look, or the code host's own word, is missing. */
  readonly missing: readonly Blocker[];
  /** The newest deployment of this revision there; null: none was asked for. */
  readonly deployment: Deployment | null;
  /** The one that rolls it back, or tried to; null: none is known. */
  readonly rollback: Deployment | null;
};

/** Reasons that are written out; the rest is counted. */
const NAMED = 2;

/**
 * Pending with what is missing, success once it could be deployed or is, failure once it was taken back. Nobody's words are in it: a
 * repository may be public. No times either: what it says of an old commit must stay true.
 */
export function markOf(input: MarkInput): Mark {
  return (input.deployment === null ? null : ofDeployment(input.environment.name, input.deployment, input.rollback)) ?? ofCandidate(input);
}

function ofDeployment(place: string, deployment: Deployment, rollback: Deployment | null): Mark | null {
  const number = `#${deployment.number}`;
  if (wasRolledBack(deployment, rollback === null ? [] : [rollback]))
    return { state: "failure", description: `Rolled back from ${place} (${number})` };
  switch (deployment.state.state) {
    case "awaiting_approval":
      return { state: "success", description: `Ready for ${place}: ${number} waits for a yes` };
    case "queued":
      return { state: "success", description: `Ready for ${place}: ${number} waits to start` };
    case "executing":
    case "cancelling":
      return { state: "pending", description: `${number} is being deployed to ${place}` };
    case "needs_attention":
      return { state: "pending", description: `${number} to ${place} needs a person` };
    case "rejected":
      return { state: "pending", description: `${number} to ${place} was rejected` };
    case "failed":
      return { state: "failure", description: `${number} to ${place} failed` };
    default:
      return deployment.liveAt === null ? null : { state: "success", description: `Deployed to ${place} (${number})` };
  }
}

function ofCandidate({ environment, candidate, missing }: MarkInput): Mark {
  if (candidate) return { state: "success", description: `Ready for ${environment.name}` };
  const named = missing.slice(0, NAMED).map(({ text }) => text.replace(/\.$/u, ""));
  const more = missing.length > NAMED ? ` (and ${missing.length - NAMED} more)` : "";
  if (named.length > 0) return { state: "pending", description: `Not ready for ${environment.name}: ${named.join("; ")}${more}` };
  const look = environment.needsValidation
    ? `somebody has to look${environment.after === null ? "" : ` on ${environment.after.environment}`}`
    : "";
  return { state: "pending", description: `Not ready for ${environment.name} yet${look === "" ? "" : `: ${look}`}` };
}
