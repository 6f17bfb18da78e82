import { expect, test } from "vitest";
import { normalise, webhookSources } from "../../src/app/fronts.ts";
import { formatEnvFaults } from "../../src/config/env-fault.ts";
import { loadEnv } from "../../src/config/env.ts";
import { openDeployments } from "../../src/db/deployments.ts";
import { runOf } from "../../src/db/runs.ts";
import { loadCandidates } from "../../src/db/snapshot.ts";
import type { Deployment } from "../../src/domain/deployment.ts";
import { digestOf } from "../../src/domain/digest.ts";
import { apply } from "../../src/engine/apply.ts";
import { consider } from "../../src/engine/consider.ts";
import { createInbox, readDeliveries } from "../../src/engine/deliveries.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { createGitLab } from "../../src/gitlab/client.ts";
import { startHttp } from "../../src/http/server.ts";
import { webhookRoutes } from "../../src/http/webhook-route.ts";
import { silent } from "../http/world.ts";
import { startReplica } from "../support/engine-replica.ts";
import { liveHosts, openWorld, PRODUCTION, settled, standingOf } from "../support/engine-world.ts";
import { until } from "../support/until.ts";
import { jobHook, pipelineHook, pushHook } from "./hooks.ts";
import { createProject } from "./project.ts";
import { startGitLab, TOKEN } from "./rest.ts";
import { deliver, SIGNING_TOKEN } from "./world.ts";

const PATH = "acme/web/shop";
const RULES = 'requires: [unit, e2e]\n        approval: { from: ["@product-owners"], count: 1, expires: 24h }';

/** The route of GitLab's webhooks before the engine's own inbox. */
function startHooks(engine: Engine) {
  const inbox = createInbox(engine);
  const variables = { SLACK_BOT_TOKEN: "xoxb-not-real-1", SLACK_SIGNING_SECRET: "not-a-real-secret", HOOK: SIGNING_TOKEN };
  const env = loadEnv(variables, engine.config.connections);
  if (!env.ok) throw new Error(formatEnvFaults(env.refusal));
  return startHttp({
    port: 0,
    host: "127.0.0.1",
    routes: webhookRoutes({ sources: webhookSources(env.value, engine.config), store: (delivery) => inbox.take(delivery), log: silent }),
    log: silent,
    ready: async () => ({ ok: true, because: [] }),
  });
}

async function waiting(engine: Engine): Promise<Deployment> {
  let found: Deployment | undefined;
  await until(async () => {
    found = (await openDeployments(engine.db, PRODUCTION)).find(({ state }) => state.state === "awaiting_approval");
    return found !== undefined;
  });
  if (found === undefined) throw new Error("nothing waits");
  return found;
}

test("a version goes from GitLab's hooks to the hosts, and not while its pipeline is opened again", { timeout: 240_000 }, async () => {
  await using world = await openWorld({ environment: RULES });
  const project = createProject(PATH);
  for (const [index, id] of world.revisions.entries()) {
    project.commits.set(id, { id, parents: world.revisions.slice(index - 1, index), message: `Version ${index + 1}`, author: "Ann" });
  }
  const revision = world.revision(2);
  project.branches.set("main", revision);
  await using server = await startGitLab(project);
  const gitlab = createGitLab({ url: server.url, token: TOKEN, log: { warn: (fields, line) => expect([fields, line]).toEqual([]) } });
  const config = `connections: { signed: { type: gitlab, url: "${server.url}", signing_token: env:HOOK } }\n${world.config.replace("github:acme/shop", `signed:${PATH}`)}`;
  await using bot = await startReplica(world.settings("one", { config }), { codeHost: () => gitlab });
  const { engine } = bot;
  const hooks = await startHooks(engine);
  async function send(...bodies: readonly unknown[]): Promise<void> {
    for (const body of bodies) {
      const { json } = await deliver(hooks.url, JSON.stringify(body), { connection: "signed" });
      expect(json).toEqual({ delivery: expect.any(String), result: "accepted" });
    }
    await readDeliveries(engine, normalise);
  }

  // A child pipeline has all that is required, but nobody knows yet what began it.
  const parent = project.run({ sha: revision, jobs: ["build"] });
  const child = project.run({ sha: revision, jobs: ["unit", "e2e"], source: "parent_pipeline", parent });
  for (const name of ["unit", "e2e"]) project.advance(child, name, "success");
  project.advance(parent, "build", "success");
  await send(pushHook(project, revision), pipelineHook(project, child));
  const stored = await runOf(engine.db, "shop", revision);
  if (stored === null) throw new Error("the hooks made no run");
  await consider(engine, stored.run.id);
  expect(await loadCandidates(engine.db, PRODUCTION)).toEqual([]);

  await send(pipelineHook(project, parent));
  const first = await waiting(engine);
  expect(first).toMatchObject({ revision, number: 1, changes: { changes: [{ title: "Version 2" }] } });

  // Somebody tries a job again in GitLab: the pipeline that had passed runs once more.
  const again = project.retry(child, "unit");
  await send(jobHook(project, child, again), pipelineHook(project, child));
  expect((await settled(engine, first.id, "cancelled")).state).toMatchObject({ because: "Stage unit waits." });
  expect(await loadCandidates(engine.db, PRODUCTION)).toEqual([]);

  project.advance(child, "unit", "success");
  await send(pipelineHook(project, child));
  const second = await waiting(engine);
  expect(second).toMatchObject({ revision, number: 2 });
  const { environmentId, planHash } = second;
  const approval = {
    kind: "approve",
    standing: standingOf("UPETRA"),
    deployment: second.id,
    digest: digestOf({ revision, environment: environmentId, planHash }),
    override: null,
    approverNames: ["Petra"],
  } as const;
  expect((await apply(engine, PRODUCTION, approval)).ok).toBe(true);
  await settled(engine, second.id, "succeeded_unverified");
  expect(await liveHosts(engine)).toEqual([`web-1 ${revision}`, `web-2 ${revision}`]);
  expect([world.headOf("web-1"), world.headOf("web-2")]).toEqual([revision, revision]);

  // GitLab is told, once, and CI's own pipeline stays as it was.
  await until(() => project.deployments.some(({ status }) => status === "success"));
  expect(project.deployments.map(({ sha, environment, status }) => [sha, environment, status])).toEqual([
    [revision, "production", "success"],
  ]);
  await until(() => project.statuses.some(({ name, status }) => name === "greenlight/production" && status === "success"));
  expect(new Set(project.statuses.map(({ ref }) => ref))).toEqual(new Set(["greenlight/production"]));
  expect(bot.faults).toEqual([]);
  await hooks.close(0);
});
