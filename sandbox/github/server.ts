import { mkdir } from "node:fs/promises";
import { createLostAnswers, createOutage } from "../fault.ts";
import type { Route } from "../loopback.ts";
import { json, startLoopback } from "../loopback.ts";
import { createRateLimit, isApi, refuse } from "./access.ts";
import { connectChecks } from "./checks.ts";
import { connectCi } from "./ci.ts";
import { pushPayload } from "./commit-payload.ts";
import type { Deliveries, Webhook } from "./deliveries.ts";
import { createDeliveries } from "./deliveries.ts";
import { pageRoutes } from "./pages.ts";
import type { Author } from "./people.ts";
import { account, botAccount } from "./people.ts";
import type { Site } from "./repository.ts";
import { repositoryId } from "./repository.ts";
import { actionsRoutes } from "./routes-actions.ts";
import { deploymentRoutes } from "./routes-deployments.ts";
import { hookRoutes } from "./routes-hooks.ts";
import { refRoutes } from "./routes-refs.ts";
import { repositoryRoutes } from "./routes-repository.ts";
import { runPage } from "./run-payload.ts";
import type { Actions, JobName, StageSeconds } from "./workflows.ts";
import type { World } from "./world.ts";
import { mergeNext, openWorld } from "./world.ts";

export type SandboxGitHub = Awaited<ReturnType<typeof startSandboxGitHub>>;

export type GitHubOptions = {
  readonly port?: number;
  /** An earlier repository in it is replaced. */
  readonly folder: string;
  readonly repository: `${string}/${string}`;
  readonly webhook: Webhook;
  readonly token: string;
  /** How long each job takes. */
  readonly stageSeconds?: StageSeconds;
  readonly log?: (line: string) => void;
};

export type PushOrder = {
  /** A good push on top of the bad one reverts it. */
  readonly kind: "good" | "bad";
  readonly title?: string;
  readonly author: Author;
  /** The CI job that shall fail; by default none does, not even for the bad commit. */
  readonly failing?: JobName;
};

const HOOK_ID = 480_100;

/** A GitHub look-alike on 127.0.0.1: a real bare repository of the shop, a CI, signed webhooks, and the REST API that the bot calls. */
export async function startSandboxGitHub(options: GitHubOptions) {
  const log = options.log ?? (() => {});
  await mkdir(options.folder, { recursive: true });
  const newId = idsFrom(Date.now());
  const [owner = "acme", name = "shop"] = options.repository.split("/");
  // The address is known only when the server listens; routes and webhooks read it from here.
  const site: { -readonly [Key in keyof Site]: Site[Key] } = {
    apiUrl: "",
    webUrl: "",
    owner,
    name,
    createdAt: new Date("2024-03-04T08:00:00Z"),
  };
  const { world, history } = await openWorld(site, options.folder, newId);
  const deliveries = createDeliveries({ webhook: options.webhook, hookId: HOOK_ID, repositoryId, newId, log });
  const { actions, startCi, deployed } = connectCi({ world, deliveries, stageSeconds: options.stageSeconds ?? {}, history, log });
  const checks = connectChecks(world, deliveries);
  const limit = createRateLimit();
  const outage = createOutage();
  const answers = createLostAnswers();
  const routes: Route[] = [
    { method: "GET", path: "/user", answer: () => json(200, account(site.webUrl, site.apiUrl, botAccount)) },
    { method: "GET", path: "/rate_limit", answer: limit.show },
    ...actionsRoutes(world, actions, (status) => {
      checks.tellStatus(status).catch((fault: unknown) => log(`nobody was told of a status: ${String(fault)}`));
    }),
    ...refRoutes(world),
    ...repositoryRoutes(world),
    ...deploymentRoutes(world, actions, deployed),
    ...hookRoutes({ site, hookId: HOOK_ID, webhook: options.webhook, deliveries }),
    ...pageRoutes(world, actions),
  ];
  const server = await startLoopback({
    port: options.port ?? 0,
    log,
    routes,
    before: (visit) => (isApi(visit.path) ? (outage.answer() ?? refuse(visit, options)) : null),
    after: (visit, answer) => limit.limited(visit, answers.lost(visit, answer)),
  });
  site.apiUrl = server.url;
  site.webUrl = server.url;

  /** Merges the next change into main; CI starts and the hook is told. */
  async function push(order: PushOrder) {
    const merged = await mergeNext(world, order);
    const { pull, commit, before } = merged;
    const files = await world.git.changedFiles(before, commit.sha);
    deliveries.send("push", pushPayload(site, { before, commit, files, login: pull.login }));
    const run = startCi(merged, order.failing ?? null);
    return { sha: commit.sha, title: pull.title, pullNumber: pull.number, runId: run.id, runUrl: runPage(site, run) };
  }

  return {
    apiUrl: server.url,
    /** The repository's page for people. */
    webUrl: `${server.url}/${owner}/${name}`,
    /** What a host fetches from: the path of the bare repository. */
    gitUrl: world.git.path,
    hookId: HOOK_ID,
    /** What is live when the story begins: the head of the history. */
    initialSha: history.at(-1)?.commit.sha ?? "",
    push,
    /** An app reports a check of a commit. */
    report: checks.report,
    /** Somebody sets a commit status. */
    setStatus: checks.setStatus,
    /** The API answers this for so long; webhooks and pages go on. */
    fail: outage.fail,
    /** Requests that are carried out, and whose answers are lost. */
    loseAnswers: answers.lose,
    ...hookOf(deliveries),
    state: () => stateOf(world, actions),
    close: async () => {
      await actions.close();
      await deliveries.settled();
      await server.close();
    },
  };
}

function hookOf(deliveries: Deliveries) {
  /** Sends the newest N deliveries again, oldest first, with their old ids: what the button "Redeliver" does. */
  async function redeliver(lastN: number): Promise<void> {
    for (const delivery of deliveries.list().slice(0, lastN).toReversed()) await deliveries.redeliver(delivery.id);
  }
  return {
    /** Every attempt with the exact bytes, newest first. */
    deliveries: deliveries.list,
    redeliver,
    /** The next delivery is made twice with one id, as happens when two hooks match. */
    duplicateNext: deliveries.duplicateNext,
  };
}

/** What happened so far, for a page and for assertions. */
function stateOf(world: World, actions: Actions) {
  return {
    runs: actions.runs().map((run) => {
      const jobs = run.jobs.map(({ id, name, status, conclusion }) => ({ id, name, status, conclusion }));
      return { id: run.id, workflow: run.workflow.name, sha: run.headSha, status: run.status, conclusion: run.conclusion, jobs };
    }),
    deployments: world.deployments.map((one) => {
      const { id, sha, environment, payload } = one;
      return { id, sha, environment, payload, state: one.statuses.at(-1)?.state ?? null };
    }),
    statuses: world.statuses.map(({ sha, context, state, description, targetUrl }) => ({ sha, context, state, description, targetUrl })),
    pulls: world.pulls.map(({ number, title, sha, login }) => ({ number, title, sha, login })),
  };
}

/** Ids above 2^31, as GitHub's are, and not the ones of an earlier start. */
function idsFrom(start: number): () => number {
  let id = start;
  return () => (id += 1);
}
