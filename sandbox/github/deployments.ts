import type { JsonObject } from "../loopback.ts";
import { account, botAccount, nodeId } from "./people.ts";
import type { Site } from "./repository.ts";
import { repositoryUrl } from "./repository.ts";

export type Deployment = {
  readonly id: number;
  readonly sha: string;
  readonly ref: string;
  readonly task: string;
  readonly payload: unknown;
  readonly environment: string;
  readonly description: string | null;
  readonly transient: boolean;
  readonly production: boolean;
  readonly createdAt: Date;
  readonly statuses: DeploymentStatus[];
};

export type DeploymentStatus = {
  readonly id: number;
  readonly state: string;
  readonly description: string;
  readonly environment: string;
  readonly environmentUrl: string;
  readonly logUrl: string;
  readonly createdAt: Date;
};

export const deploymentStates: readonly string[] = ["error", "failure", "inactive", "in_progress", "queued", "pending", "success"];

/** GitHub refuses a longer description of a status. */
export const DESCRIPTION_MAX_CHARACTERS = 140;

export function deploymentPayload(site: Site, deployment: Deployment): JsonObject {
  const url = `${repositoryUrl(site)}/deployments/${deployment.id}`;
  const at = deployment.statuses.at(-1)?.createdAt ?? deployment.createdAt;
  return {
    id: deployment.id,
    node_id: nodeId("Deployment", deployment.id),
    url,
    sha: deployment.sha,
    ref: deployment.ref,
    task: deployment.task,
    payload: deployment.payload,
    environment: deployment.environment,
    original_environment: deployment.environment,
    description: deployment.description,
    creator: account(site.webUrl, site.apiUrl, botAccount),
    created_at: deployment.createdAt.toISOString(),
    updated_at: at.toISOString(),
    statuses_url: `${url}/statuses`,
    repository_url: repositoryUrl(site),
    transient_environment: deployment.transient,
    production_environment: deployment.production,
    performed_via_github_app: null,
  };
}

export function deploymentStatusPayload(site: Site, deployment: Deployment, status: DeploymentStatus): JsonObject {
  const url = `${repositoryUrl(site)}/deployments/${deployment.id}`;
  return {
    id: status.id,
    node_id: nodeId("DeploymentStatus", status.id),
    url: `${url}/statuses/${status.id}`,
    state: status.state,
    creator: account(site.webUrl, site.apiUrl, botAccount),
    description: status.description,
    environment: status.environment,
    // GitHub mirrors log_url into the deprecated target_url.
    target_url: status.logUrl,
    log_url: status.logUrl,
    environment_url: status.environmentUrl,
    created_at: status.createdAt.toISOString(),
    updated_at: status.createdAt.toISOString(),
    deployment_url: url,
    repository_url: repositoryUrl(site),
    performed_via_github_app: null,
  };
}

/** `auto_inactive`: a success ends earlier successes of the same non-production, non-transient environment. */
export function endedBy(all: readonly Deployment[], newer: Deployment): Deployment[] {
  return all.filter((older) => {
    const sameKind = older.id !== newer.id && older.environment === newer.environment && !older.transient && !older.production;
    return sameKind && older.statuses.at(-1)?.state === "success";
  });
}

/** A commit status (the older API) that CI or the bot sets on a commit. */
export type CommitStatus = {
  readonly id: number;
  readonly sha: string;
  readonly state: string;
  readonly context: string;
  readonly description: string | null;
  readonly targetUrl: string | null;
  readonly createdAt: Date;
  /** Absent: the account of the bot's token. */
  readonly creator?: { readonly login: string; readonly id: number };
};

export function commitStatusPayload(site: Site, status: CommitStatus): JsonObject {
  const creator = account(site.webUrl, site.apiUrl, status.creator ?? botAccount);
  return {
    id: status.id,
    node_id: nodeId("StatusContext", status.id),
    url: `${repositoryUrl(site)}/statuses/${status.sha}`,
    avatar_url: creator["avatar_url"],
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: status.createdAt.toISOString(),
    updated_at: status.createdAt.toISOString(),
    creator,
  };
}
