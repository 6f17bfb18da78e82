import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSandboxGitHub, type SandboxGitHub } from "../../sandbox/github/server.ts";
import { deploymentById } from "../../src/db/deployments.ts";
import { claimTelling, endTelling, renewTelling } from "../../src/db/told.ts";
import { parseSha, type DeploymentId, type Sha } from "../../src/domain/ids.ts";
import { apply } from "../../src/engine/apply.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { recheck } from "../../src/engine/recheck.ts";
import { tell } from "../../src/engine/tell.ts";
import { createGitHub } from "../../src/github/client.ts";
import type { RepositoryHost } from "../../src/ports.ts";
import { listeningLog } from "../github/far-side.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import { PRODUCTION, request, rollBack } from "../support/engine-world.ts";

/** Two replicas on one database, and a real repository behind GitHub's API. Nothing carries jobs out but the test. */
let desk: Desk;
let sandbox: SandboxGitHub;
let folder: string;
let github: RepositoryHost;
let one: Engine;
let other: Engine;
const CONFIG = `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop-deploys"
    environments:
      production:
        deploy: automatically
        url: https://shop.acme.test/
        target: { type: ssh, hosts: [deploy@web-1.acme.test], directory: /srv/shop, recipe: django }
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "engine-tell-"));
  desk = await openDesk();
  sandbox = await startSandboxGitHub({
    folder,
    repository: "acme/shop",
    webhook: { url: "http://127.0.0.1:9/", secret: "s" },
    token: "ghp_sandbox",
  });
  const account = { apiUrl: sandbox.apiUrl, token: "ghp_sandbox", app: null, log: listeningLog() };
  github = createGitHub(account);
  one = { ...(await desk.open("one", { config: CONFIG })).engine, codeHost: () => github };
  // Another process: it shares nothing with the first but the database.
  const second = createGitHub(account);
  other = { ...(await desk.open("other", { config: CONFIG })).engine, codeHost: () => second };
});
afterAll(async () => {
  await sandbox.close();
  await desk[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function pushed(): Promise<Sha> {
  const revision = parseSha((await sandbox.push({ kind: "good", author: "bob" })).sha);
  if (revision === null) throw new Error("the sandbox made no commit");
  return revision;
}

async function started(): Promise<DeploymentId> {
  const id = await request(one, await pushed());
  await recheck(one, PRODUCTION);
  expect((await deploymentById(one.db, id))?.state.state).toBe("executing");
  expect(await wished(id)).toBe(1);
  return id;
}

async function ended(id: DeploymentId): Promise<void> {
  const done = await apply(one, PRODUCTION, {
    kind: "steps_ended",
    deployment: id,
    outcome: { kind: "done" },
    id: one.newId() as DeploymentId,
  });
  if (!done.ok) throw new Error(done.refusal.title);
}

/** How often it was wished that it is told. */
async function wished(id: DeploymentId): Promise<number> {
  const jobs = await desk.database.pool.query("select 1 from pgboss.job where name = 'tell' and data ->> 'deployment' = $1", [id]);
  return jobs.rowCount ?? 0;
}

async function live(): Promise<DeploymentId> {
  const id = await started();
  await ended(id);
  expect(await wished(id)).toBe(2);
  return id;
}

/** State and number of GitHub's deployments that are ours by this id. */
function there(id: DeploymentId): readonly (string | null)[] {
  return sandbox
    .state()
    .deployments.filter(({ payload }) => JSON.stringify(payload) === JSON.stringify({ greenlight: id }))
    .map(({ state }) => state);
}

/** When it will be told again; null: it will not. */
async function again(id: DeploymentId): Promise<number | null> {
  const rows = await desk.database.pool.query<{ seconds: string | null }>(
    "select extract(epoch from max(start_after) - now()) as seconds from pgboss.job where name = 'tell' and data ->> 'deployment' = $1 and start_after > now() + interval '1 second'",
    [id],
  );
  const seconds = rows.rows[0]?.seconds ?? null;
  return seconds === null ? null : Number(seconds);
}

test("a creation whose answer is lost is found and not made again, nor is its state", async () => {
  const id = await started();
  sandbox.loseAnswers({ method: "POST", path: /\/deployments$/ });
  sandbox.loseAnswers({ method: "POST", path: /\/statuses$/ });
  await tell(one, { deployment: id });
  expect(there(id)).toEqual(["in_progress"]);
  expect(await again(id)).toBeGreaterThan(1);
  await tell(other, { deployment: id });
  await tell(one, { deployment: id });
  expect(there(id)).toEqual(["in_progress"]);
  await ended(id);
  await tell(one, { deployment: id });
  expect(there(id)).toEqual(["success"]);
});

test("a replica that dies between the write and its record makes no second one, and neither do two at once", async () => {
  const id = await live();
  // It told, and died: nothing is recorded, and its claim stands.
  expect(await claimTelling(one.db, `deployment:${id}`)).not.toBeNull();
  const deployment = await deploymentById(one.db, id);
  if (deployment === null) throw new Error("it vanished");
  const { revision } = deployment;
  const common = { repository: "acme/shop", environment: "production", production: false, url: null, description: "by the one that died" };
  await github.tell({ ...common, deployment: id, revision, state: "in_progress" });
  await tell(other, { deployment: id });
  expect(there(id)).toEqual(["in_progress"]);
  expect(await again(id)).toBeGreaterThan(1);
  await desk.database.pool.query("update told set claimed_until = now() - interval '1 second' where key = $1", [`deployment:${id}`]);
  await Promise.all([one, other, one, other].map((engine) => tell(engine, { deployment: id })));
  expect(there(id)).toEqual(["success"]);
});

test("a claim is renewed while it is held, and never taken by renewing", async () => {
  const left = async () => {
    const { rows } = await desk.database.pool.query<{ seconds: string | null }>(
      "select extract(epoch from claimed_until - now()) as seconds from told where key = 'slow'",
    );
    return Number(rows[0]?.seconds ?? 0);
  };
  expect(await claimTelling(one.db, "slow")).not.toBeNull();
  await desk.database.pool.query("update told set claimed_until = now() + interval '1 second' where key = 'slow'");
  await renewTelling(one.db, "slow");
  expect(await left()).toBeGreaterThan(5);
  expect(await claimTelling(other.db, "slow")).toBeNull();
  await endTelling(one.db, "slow", "said");
  await renewTelling(one.db, "slow");
  expect(await claimTelling(other.db, "slow")).toMatchObject({ said: "said" });
});

test("after an outage what was overtaken is told as that, in whatever order it is told", async () => {
  const first = await live();
  sandbox.fail({ status: 503, forMs: 3_600_000 });
  await tell(one, { deployment: first });
  const second = await live();
  await tell(one, { deployment: second });
  expect([...there(first), ...there(second)]).toEqual([]);
  const [soon] = [await again(second)];
  await tell(one, { deployment: second });
  expect(await again(second)).toBeGreaterThan(soon ?? Infinity);
  sandbox.fail({ status: 200, forMs: 0 });
  await tell(other, { deployment: second });
  await tell(one, { deployment: first });
  expect([there(first), there(second)]).toEqual([["inactive"], ["success"]]);
});

test("a rollback is what is live there, and what it took back is not", async () => {
  const [first, second] = [await live(), await live()];
  for (const id of [first, second]) await tell(one, { deployment: id });
  const undone = await rollBack(one, second);
  await ended(undone.id);
  for (const id of [undone.id, second, first]) await tell(one, { deployment: id });
  expect([there(first), there(second), there(undone.id)]).toEqual([["inactive"], ["inactive"], ["success"]]);
});
