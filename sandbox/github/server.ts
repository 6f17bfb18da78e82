import { mkdir } from "node:fs/promises";
import type { Answer, JsonObject, Visit } from "../loopback.ts";
import { json, startLoopback } from "../loopback.ts";
import { pushPayload } from "./commit-payload.ts";
import type { Webhook } from "./deliveries.ts";
import { createDeliveries } from "./deliveries.ts";
import type { Deployment } from "./deployments.ts";
import { pageRoutes } from "./pages.ts";
import type { Author } from "./people.ts";
import { account, botAccount, people } from "./people.ts";
import type { Site } from "./repository.ts";
import { fullRepository, organization, ownerAccount, repositoryId } from "./repository.ts";
import { actionsRoutes } from "./routes-actions.ts";
import { deploymentRoutes } from "./routes-deployments.ts";
import { hookRoutes } from "./routes-hooks.ts";
import { repositoryRoutes } from "./routes-repository.ts";
import { jobPayload, runPage, runPayload, workflowPayload } from "./run-payload.ts";
import type { JobName, StageSeconds } from "./workflows.ts";
import { createActions, workflows } from "./workflows.ts";
import { commitAt, mergeNext, openWorld } from "./world.ts";

export type SandboxGitHub = Awaited<ReturnType<typeof startSandboxGitHub>>;

export type PushOrder = {
  readonly kind: "good" | "bad";
  readonly title?: string;
  readonly author: Author;
  /** The CI job that shall fail; by default none does, not even for the bad commit. */
  readonly failing?: JobName;
};

const HOOK_ID = 480_100;
const RATE_LIMIT = 5_000;

/**
 * A GitHub look-alike on 127.0.0.1: a real bare repository of the shop, a CI, signed webhooks, and the REST API that the bot calls.
 * `folder` is emptied of an earlier repository; `stageSeconds` is how long each job takes.
 */
export async function startSandboxGitHub(options: {
  readonly port?: number;
  readonly folder: string;
  readonly repository: `${string}/${string}`;
  readonly webhook: Webhook;
  readonly token: string;
  readonly stageSeconds?: StageSeconds;
  readonly log?: (line: string) => void;
}) {
  await mkdir(options.folder, { recursive: true });
  const [owner = "acme", name = "shop"] = options.repository.split("/");
  const newId = idsFrom(Date.now());
  // The address is known only after the server listens, and is in every answer: routes read it when asked.
  const site: { -readonly [Key in keyof Site]: Site[Key] } = {
    apiUrl: "",
    webUrl: "",
    owner,
    name,
    createdAt: new Date("2024-03-04T08:00:00Z"),
  };
  const { world, history } = await openWorld(site, options.folder, newId);
  const deliveries = createDeliveries({ webhook: options.webhook, hookId: HOOK_ID, repositoryId, newId, log: options.log });
  const sender = (login: string) =>
    account(site.webUrl, site.apiUrl, Object.values(people).find((one) => one.login === login) ?? botAccount);

  /** The part every Actions webhook has. */
  const around = (at: Date, login: string): JsonObject => ({
    repository: fullRepository(site, at),
    organization: organization(site),
    sender: sender(login),
  });
  const heads = new Map(history.map(({ commit }) => [commit.sha, commit]));
  const actions = createActions({
    stageSeconds: options.stageSeconds ?? {},
    newId,
    changed: (change) => {
      const head = heads.get(change.run.headSha);
      if (head === undefined) return;
      const rest = around(head.date, change.run.actor.login);
      const body =
        change.kind === "run"
          ? { workflow_run: runPayload(site, change.run, head), workflow: workflowPayload(site, change.run.workflow) }
          : { workflow_job: jobPayload(site, change.run, change.job) };
      const action = change.kind === "run" ? change.action : change.job.status;
      deliveries.send(change.kind === "run" ? "workflow_run" : "workflow_job", { action, ...body, ...rest });
    },
  });
  for (const { commit, pull } of history) {
    const order = { headSha: commit.sha, title: `${pull.title} (#${pull.number})`, actor: actorOf(pull.login) };
    actions.remember({ ...order, workflow: workflows.ci }, commit.date);
    actions.remember({ ...order, workflow: workflows.acceptance }, new Date(commit.date.getTime() + 600_000));
  }

  /** The way of the real repository: its acceptance tests start when something is deployed on staging. */
  async function startAcceptance(deployment: Deployment): Promise<void> {
    if (deployment.environment !== "staging") return;
    const head = await commitAt(world, deployment.sha);
    heads.set(head.sha, head);
    actions.start({ workflow: workflows.acceptance, headSha: head.sha, title: head.message.split("\n")[0] ?? "", actor: botAccount });
  }
  const told = (deployment: Deployment) =>
    void startAcceptance(deployment).catch((fault: unknown) => options.log?.(`acceptance did not start: ${String(fault)}`));

  async function push(order: PushOrder) {
    const { pull, commit, before } = await mergeNext(world, order);
    heads.set(commit.sha, commit);
    const files = await world.git.changedFiles(before, commit.sha);
    deliveries.send("push", pushPayload(site, { before, commit, files, login: pull.login }));
    const title = `${pull.title} (#${pull.number})`;
    const run = actions.start({ workflow: workflows.ci, headSha: commit.sha, title, actor: actorOf(pull.login) }, order.failing ?? null);
    return { sha: commit.sha, title: pull.title, pullNumber: pull.number, runId: run.id, runUrl: runPage(site, run) };
  }

  let asked = 0;
  const server = await startLoopback({
    port: options.port ?? 0,
    ...(options.log === undefined ? {} : { log: options.log }),
    before: (visit) => refuse(visit, options),
    after: (visit, answer) => (isApi(visit.path) ? withLimits(answer, (asked += 1)) : answer),
    routes: [
      { method: "GET", path: "/user", answer: () => json(200, account(site.webUrl, site.apiUrl, botAccount)) },
      { method: "GET", path: "/rate_limit", answer: () => json(200, rateLimit(asked)) },
      ...actionsRoutes(world, actions),
      ...repositoryRoutes(world),
      ...deploymentRoutes(world, actions, told),
      ...hookRoutes({ site, hookId: HOOK_ID, webhook: options.webhook, deliveries }),
      ...pageRoutes(world, actions),
    ],
  });
  site.apiUrl = server.url;
  site.webUrl = server.url;

  return {
    apiUrl: server.url,
    /** The repository's page for people. */
    webUrl: `${server.url}/${owner}/${name}`,
    /** What a host fetches from: the path of the bare repository. */
    gitUrl: world.git.path,
    hookId: HOOK_ID,
    /** What is live when the story begins: the head of the history. */
    initialSha: history.at(-1)?.commit.sha ?? "",
    /** The bytes of every attempt, newest first. */
    deliveries: deliveries.list,
    push,
    /** Sends the newest N deliveries again, oldest first, with their old ids: what GitHub's button "Redeliver" does. */
    redeliver: async (lastN: number) => {
      for (const delivery of deliveries.list().slice(0, lastN).toReversed()) await deliveries.redeliver(delivery.id);
    },
    /** The next delivery is made twice with one id, as happens when two hooks match. */
    duplicateNext: deliveries.duplicateNext,
    state: () => ({
      runs: actions.runs().map((run) => ({
        id: run.id,
        workflow: run.workflow.name,
        sha: run.headSha,
        status: run.status,
        conclusion: run.conclusion,
        jobs: run.jobs.map((job) => ({ id: job.id, name: job.name, status: job.status, conclusion: job.conclusion })),
      })),
      deployments: world.deployments.map((one) => ({
        id: one.id,
        sha: one.sha,
        environment: one.environment,
        state: one.statuses.at(-1)?.state ?? null,
        payload: one.payload,
      })),
      statuses: world.statuses.map((one) => ({
        sha: one.sha,
        context: one.context,
        state: one.state,
        description: one.description,
        targetUrl: one.targetUrl,
      })),
      pulls: world.pulls.map((one) => ({ number: one.number, title: one.title, sha: one.sha, login: one.login })),
    }),
    /** Owner of the repository, for what wants an account. */
    owner: () => ownerAccount(site),
    close: async () => {
      await actions.close();
      await deliveries.settled();
      await server.close();
    },
  };
}

function actorOf(login: string) {
  return Object.values(people).find((person) => person.login === login) ?? people.bob;
}

/** Ids above 2^31, as GitHub's are, and not the ones of an earlier start. */
function idsFrom(start: number): () => number {
  let id = start;
  return () => (id += 1);
}

function isApi(path: string): boolean {
  return /^\/(repos|user|rate_limit)(\/|$)/.test(path);
}

function refuse(visit: Visit, options: { token: string; repository: string }): Answer | null {
  if (!isApi(visit.path)) return null;
  const [, scheme = "", token = ""] = /^(bearer|token) (.+)$/i.exec(visit.headers.authorization ?? "") ?? [];
  if (scheme === "" || token !== options.token)
    return json(401, { message: "Bad credentials", documentation_url: "https://docs.github.com/rest", status: "401" });
  const known = visit.path.startsWith(`/repos/${options.repository}`) || !visit.path.startsWith("/repos/");
  return known ? null : json(404, { message: "Not Found", documentation_url: "https://docs.github.com/rest", status: "404" });
}

function rateLimit(asked: number) {
  const core = { limit: RATE_LIMIT, used: asked, remaining: Math.max(0, RATE_LIMIT - asked), reset: resetAt() };
  return { resources: { core, search: core }, rate: core };
}

function withLimits(answer: Answer, asked: number): Answer {
  const limits = {
    "x-github-media-type": "github.v3; format=json",
    "x-ratelimit-limit": String(RATE_LIMIT),
    "x-ratelimit-remaining": String(Math.max(0, RATE_LIMIT - (asked % RATE_LIMIT))),
    "x-ratelimit-used": String(asked % RATE_LIMIT),
    "x-ratelimit-reset": String(resetAt()),
    "x-ratelimit-resource": "core",
  };
  return { ...answer, headers: { ...limits, ...answer.headers } };
}

function resetAt(): number {
  return (Math.floor(Date.now() / 3_600_000) + 1) * 3600;
}
