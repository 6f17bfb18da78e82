import { afterAll, beforeAll, expect, test } from "vitest";
import { deploymentById } from "../../src/db/deployments.ts";
import type { Deployment } from "../../src/domain/deployment.ts";
import { environmentId, parseSha, type DeploymentId, type EnvironmentId, type RunId, type Sha } from "../../src/domain/ids.ts";
import type { ImageEvent } from "../../src/domain/pipeline.ts";
import { apply } from "../../src/engine/apply.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { ingest } from "../../src/engine/ingest.ts";
import { recheck } from "../../src/engine/recheck.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import { NO_CHANGES } from "../support/engine-far-side.ts";
import { PRODUCTION, standingOf } from "../support/engine-world.ts";

const STAGING = environmentId("shop", "staging");
const IMAGE = "ghcr.io/acme/shop";
const [D1, D2] = [`sha256:${"1".repeat(64)}`, `sha256:${"2".repeat(64)}`];
const target = (place: string): string =>
  `target: { type: docker, hosts: [deploy@web-1.acme.test], directory: /srv/${place}, image: 'ghcr.io/acme/shop:{revision}', services: [web] }`;
const CONFIG = `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop-deploys"
    environments:
      staging: { deploy: automatically, ${target("staging")} }
      production: { after: { environment: staging, for: 0s }, deploy: automatically, ${target("shop")} }
`;
let desk: Desk;
let engine: Engine;

beforeAll(async () => {
  desk = await openDesk();
  ({ engine } = await desk.open("one", { config: CONFIG }));
});
afterAll(() => desk[Symbol.asyncDispose]());

function shaOf(digit: string): Sha {
  const revision = parseSha(digit.repeat(40));
  if (revision === null) throw new Error("no revision");
  return revision;
}

function told(over: Partial<ImageEvent>): Promise<{ readonly accepted: boolean }> {
  const event: ImageEvent = {
    kind: "image",
    repository: "acme/shop",
    image: IMAGE,
    tag: null,
    digest: D1,
    revision: null,
    at: new Date("2026-03-02T09:00:00Z"),
    ...over,
  };
  return ingest(engine, { source: "github", connection: "default" }, [event]);
}

async function asked(environment: EnvironmentId, revision: Sha): Promise<Deployment> {
  const id = engine.newId() as DeploymentId;
  const standing = standingOf("UDORA");
  const common = { standing, revision, runId: null as RunId | null, changes: NO_CHANGES, missing: [], containsBlocked: null };
  const applied = await apply(engine, environment, { kind: "request", ...common, id });
  if (!applied.ok) throw new Error(applied.refusal.title);
  await recheck(engine, environment);
  const deployment = await deploymentById(engine.db, id);
  if (deployment === null) throw new Error("it vanished");
  return deployment;
}

/** The server says what it pulled, and the deployment is live. */
async function ran(deployment: Deployment, digest: string): Promise<void> {
  await desk.database.pool.query(
    `insert into steps (deployment_id, target, step, host, attempt, kind, status, phase, head, started_at, finished_at)
     values ($1, 'docker', 'pull', 'web-1', 1, 'command', 'done', 0, $2, now(), now())`,
    [deployment.id, Buffer.from(`pulled\nimage ${IMAGE}@${digest}\n`)],
  );
  const done = { kind: "steps_ended", deployment: deployment.id, outcome: { kind: "done" }, id: engine.newId() as DeploymentId } as const;
  expect((await apply(engine, deployment.environmentId, done)).ok).toBe(true);
}

function pulls(deployment: Deployment): string | undefined {
  return deployment.plan.steps.find((step) => step.id === "pull")?.argv.at(-1);
}

test("production gets the digest that ran on staging, by whatever tag it was pushed", async () => {
  const revision = shaOf("a");
  const staging = await asked(STAGING, revision);
  expect(pulls(staging)).toBe(`${IMAGE}:${revision}`);
  await ran(staging, D1);
  const production = await asked(PRODUCTION, revision);
  expect(production.state.state).toBe("executing");
  expect(pulls(production)).toBe(`${IMAGE}@${D1}`);
  await ran(production, D1);
});

test("the digest that a registry told of is pinned at once, by the label or by the tag; other images are nothing to us", async () => {
  const [labelled, tagged] = [shaOf("b"), shaOf("c")];
  expect((await told({ revision: labelled, tag: "latest" })).accepted).toBe(true);
  expect((await told({ tag: tagged, digest: D2 })).accepted).toBe(true);
  expect((await told({ tag: tagged, image: "ghcr.io/acme/docs" })).accepted).toBe(false);
  expect((await told({ tag: "latest" })).accepted).toBe(false);
  const first = await asked(STAGING, labelled);
  expect(pulls(first)).toBe(`${IMAGE}@${D1}`);
  await ran(first, D1);
  const second = await asked(STAGING, tagged);
  expect(pulls(second)).toBe(`${IMAGE}@${D2}`);
  await ran(second, D2);
});

test("what was built twice does not start, and both builds are named", async () => {
  const revision = shaOf("d");
  for (const digest of [D1, D2, D1]) await told({ revision, digest });
  const staging = await asked(STAGING, revision);
  const text = `Its image was built more than once: ${D1.slice(0, 19)} and ${D2.slice(0, 19)}. Nobody can tell which one was tested.`;
  expect(staging.state).toMatchObject({ state: "queued", blockers: [{ rule: "image", text }] });
});
