import type { CompanionRevision } from "./companion.ts";
import type { DeploymentState } from "./deployment.ts";
import type { DeploymentId, RunId, Sha } from "./ids.ts";

/** What one host runs, since when, and how we know. */
export type LiveHost = {
  readonly host: string;
  readonly revision: Sha;
  readonly since: Date;
  readonly deploymentId: DeploymentId | null;
  readonly source: "ours" | "read from host" | "ci";
};
/** A revision that was rolled back here and not allowed again. */
export type BlockedCommit = { readonly revision: Sha; readonly deploymentId: DeploymentId; readonly at: Date };
/** A revision that passed all this environment requires. A higher `position` is newer on the branch. */
export type Candidate = { readonly revision: Sha; readonly runId: RunId; readonly since: Date; readonly position: number };
/** What the environment before recorded of one deployment that went live there. */
export type AfterRecord = {
  readonly revision: Sha;
  readonly liveAt: Date;
  readonly state: DeploymentState["state"];
  readonly number: number;
  /** What it ran with there; absent: no companions. */
  readonly companions?: readonly CompanionRevision[];
};
