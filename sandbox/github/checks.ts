import type { JsonObject } from "../loopback.ts";
import { commitPayload } from "./commit-payload.ts";
import type { Deliveries } from "./deliveries.ts";
import { commitStatusPayload, type CommitStatus } from "./deployments.ts";
import { account, botAccount, nodeId } from "./people.ts";
import { fullRepository, organization, ownerAccount, repositoryUrl } from "./repository.ts";
import type { Site } from "./repository.ts";
import { commitAt, type World } from "./world.ts";

/** A check run of a GitHub App that is not Actions. */
export type AppCheck = {
  readonly id: number;
  readonly suiteId: number;
  readonly sha: string;
  readonly name: string;
  readonly app: { readonly id: number; readonly slug: string };
  readonly conclusion: "success" | "failure" | "neutral" | null;
  readonly startedAt: Date;
  readonly completedAt: Date | null;
};

/** `conclusion` null: it runs. */
export type CheckOrder = Pick<AppCheck, "sha" | "name" | "app" | "conclusion">;
/** `creator`: by default the account of the bot's token. */
export type StatusOrder = Pick<CommitStatus, "sha" | "context" | "state"> & {
  readonly creator?: { readonly login: string; readonly id: number };
};

/** What other services report about commits, and the webhooks that tell of it. */
export function connectChecks(world: World, deliveries: Deliveries) {
  const { site } = world;

  async function around(sha: string, sender: { readonly login: string; readonly id: number }) {
    const head = await commitAt(world, sha);
    return {
      repository: fullRepository(site, head.date),
      organization: organization(site),
      sender: account(site.webUrl, site.apiUrl, sender),
    };
  }

  /** An app reports a check; each report is a check run of its own, the newest of a name counts. */
  async function report(order: CheckOrder): Promise<AppCheck> {
    const at = new Date();
    const completedAt = order.conclusion === null ? null : at;
    const check = { ...order, id: world.newId(), suiteId: world.newId(), startedAt: at, completedAt };
    world.checks.push(check);
    const bot = { login: `${order.app.slug}[bot]`, id: order.app.id, type: "Bot" };
    const action = order.conclusion === null ? "created" : "completed";
    deliveries.send("check_run", { action, check_run: appCheckPayload(site, check), ...(await around(order.sha, bot)) });
    return check;
  }

  /** Somebody sets a commit status. */
  async function setStatus(order: StatusOrder): Promise<CommitStatus> {
    const status = { id: world.newId(), description: null, targetUrl: null, createdAt: new Date(), ...order };
    world.statuses.push(status);
    await tellStatus(status);
    return status;
  }

  async function tellStatus(status: CommitStatus): Promise<void> {
    const commit = await commitAt(world, status.sha);
    const payload = commitPayload(site, commit);
    const verification = { verified: false, reason: "unsigned", signature: null, payload: null, verified_at: null };
    const { id, context, state, description, target_url, created_at, updated_at, avatar_url } = commitStatusPayload(site, status);
    deliveries.send("status", {
      id,
      sha: status.sha,
      name: `${site.owner}/${site.name}`,
      context,
      state,
      description,
      target_url,
      avatar_url,
      created_at,
      updated_at,
      branches: [{ name: "main", commit: branchCommit(site, commit.sha), protected: false }],
      commit: { ...payload, commit: { ...(payload["commit"] as JsonObject), verification } },
      ...(await around(status.sha, status.creator ?? botAccount)),
    });
  }
  return { report, setStatus, tellStatus };
}

function branchCommit(site: Site, sha: string): JsonObject {
  return { sha, url: `${repositoryUrl(site)}/commits/${sha}` };
}

export function appCheckPayload(site: Site, check: AppCheck): JsonObject {
  const url = `${repositoryUrl(site)}/check-runs/${check.id}`;
  const page = `${site.webUrl}/${site.owner}/${site.name}/runs/${check.id}`;
  const title = check.conclusion === null ? null : check.name;
  return {
    id: check.id,
    name: check.name,
    node_id: nodeId("CheckRun", check.id),
    head_sha: check.sha,
    external_id: "",
    url,
    html_url: page,
    details_url: page,
    status: check.conclusion === null ? "in_progress" : "completed",
    conclusion: check.conclusion,
    started_at: check.startedAt.toISOString(),
    completed_at: check.completedAt?.toISOString() ?? null,
    output: { title, summary: title, text: null, annotations_count: 0, annotations_url: `${url}/annotations` },
    check_suite: { id: check.suiteId, head_branch: "main", head_sha: check.sha },
    app: appPayload(site, check.app),
    pull_requests: [],
  };
}

function appPayload(site: Site, app: AppCheck["app"]): JsonObject {
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId("Integration", app.id),
    owner: ownerAccount(site),
    name: app.slug,
    description: "Reports checks",
    external_url: `${site.webUrl}/apps/${app.slug}`,
    html_url: `${site.webUrl}/apps/${app.slug}`,
    created_at: site.createdAt.toISOString(),
    updated_at: site.createdAt.toISOString(),
    permissions: { checks: "write", metadata: "read" },
    events: ["push"],
  };
}
