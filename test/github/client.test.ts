import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSandboxGitHub } from "../../sandbox/github/server.ts";
import type { SandboxGitHub } from "../../sandbox/github/server.ts";
import { parseDeploymentId, parseRunId, parseSha } from "../../src/domain/ids.ts";
import type { Sha } from "../../src/domain/ids.ts";
import { emptyRun } from "../../src/domain/pipeline.ts";
import { reduce } from "../../src/domain/pipeline/reduce.ts";
import type { Run } from "../../src/domain/pipeline.ts";
import { createGitHub } from "../../src/github/client.ts";
import { normaliseGitHub } from "../../src/github/normalise.ts";
import { SECRET, startWorld } from "../http/world.ts";
import { listeningLog } from "./far-side.ts";

/** The look-alike signs and sends; our server stores; what is stored is normalised and reduced, as the bot does it. */
let world: Awaited<ReturnType<typeof startWorld>>;
let sandbox: SandboxGitHub;
let folder: string;
let github: ReturnType<typeof createGitHub>;
let start: Sha;
const log = listeningLog();
const REPOSITORY = "acme/shop";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "github-client-"));
  world = await startWorld();
  sandbox = await startSandboxGitHub({
    folder,
    repository: REPOSITORY,
    webhook: { url: `${world.url}/webhooks/github`, secret: SECRET },
    token: "ghp_sandbox",
    stageSeconds: { build: 0.05, unit: 0.05, integration: 0.05, acceptance: 0.05 },
  });
  github = createGitHub({ apiUrl: sandbox.apiUrl, token: "ghp_sandbox", app: null, log });
  start = sha((await github.resolve(REPOSITORY, "main")) ?? "");
});

afterAll(async () => {
  await sandbox.close();
  await world[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function sha(text: string): Sha {
  const parsed = parseSha(text);
  if (parsed === null) throw new Error(`${text} is no commit id`);
  return parsed;
}

function runOf(revision: Sha): Run {
  const id = parseRunId("01990000-0000-7000-8000-000000000001");
  if (id === null) throw new Error("the test's own id is wrong");
  return emptyRun(id, "shop", revision);
}

function reduced(revision: Sha): Run {
  const events = [...world.stored.values()].flatMap((delivery) => {
    const told = normaliseGitHub(delivery.event ?? "", delivery.body);
    return told.kind === "events" ? told.events : [];
  });
  return events.filter((event) => (event.kind === "push" ? event.after : event.revision) === revision).reduce(reduce, runOf(revision));
}

async function pushed(): Promise<{ readonly revision: Sha; readonly title: string; readonly pullNumber: number }> {
  const { sha: text, title, pullNumber } = await sandbox.push({ kind: "good", author: "bob" });
  const revision = sha(text);
  await expect.poll(() => reduced(revision).workflows[0]?.status, { timeout: 20_000 }).toBe("passed");
  return { revision, title, pullNumber };
}

test("the webhooks of a push add up to what the API says, whatever was missed", async () => {
  const { revision } = await pushed();
  const heard = reduced(revision);
  expect(heard.push?.changes.map((change) => change.revision)).toContain(revision);
  expect(heard.workflows[0]).toMatchObject({ name: "CI", trigger: "push", branch: "main", ownRepository: true, status: "passed" });
  expect(heard.workflows[0]?.jobs.map((job) => job.status)).toEqual(["passed", "passed", "passed"]);
  expect(await github.reread(REPOSITORY, heard)).toEqual(heard);
  expect((await github.reread(REPOSITORY, runOf(revision)))?.workflows).toHaveLength(1);
});

test("a re-read drops what the API does not know and corrects what it knows better", async () => {
  const { revision } = await pushed();
  const heard = reduced(revision);
  const invented = heard.workflows.map((workflow) => ({ ...workflow, workflowRun: "999" }));
  const late = heard.workflows.map((workflow) => ({ ...workflow, status: "running" as const, jobs: workflow.jobs.slice(0, 1) }));
  expect(await github.reread(REPOSITORY, { ...heard, workflows: [...invented, ...late] })).toEqual(heard);
  const newer = heard.workflows.map((workflow) => ({ ...workflow, attempt: 2, status: "running" as const }));
  expect((await github.reread(REPOSITORY, { ...heard, workflows: newer }))?.workflows[0]).toMatchObject({ attempt: 2, status: "running" });
});

test("what is run again while it is re-read is told with all that its earlier attempt had", async () => {
  const { revision } = await pushed();
  const heard = reduced(revision);
  let begun = false;
  const racing: typeof fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const run = /^(.*\/actions\/runs\/\d+)\/jobs/u.exec(url)?.[1];
    if (run !== undefined && !begun) {
      begun = true;
      await fetch(`${run}/rerun`, { method: "POST", headers: { authorization: "Bearer ghp_sandbox" } });
    }
    return fetch(input, init);
  };
  const account = { apiUrl: sandbox.apiUrl, token: "ghp_sandbox", app: null, log, fetch: racing };
  const told = (await createGitHub(account).reread(REPOSITORY, heard))?.workflows[0];
  expect(begun).toBe(true);
  expect(told).toMatchObject({ attempt: 2, earlier: [{ attempt: 1, jobs: heard.workflows[0]?.jobs }] });
  expect(told?.earlier).toHaveLength(1);
});

test("a comparison names the changes by their pull requests, and what is missing", async () => {
  const { revision, title, pullNumber } = await pushed();
  const before = sha(sandbox.initialSha);
  const ahead = await github.compare(REPOSITORY, before, revision);
  expect(ahead).toMatchObject({ complete: true, behind: 0 });
  expect(ahead.changes.at(-1)).toMatchObject({ revision, title, pullRequest: pullNumber });
  expect(ahead.authors.length).toBeGreaterThan(0);
  const back = await github.compare(REPOSITORY, revision, before);
  expect(back).toMatchObject({ complete: true, changes: [], behind: ahead.changes.length });
  const first = await github.compare(REPOSITORY, null, revision);
  expect([first.changes.map((change) => change.revision), first.complete]).toEqual([[revision], false]);
});

test("refs resolve to full ids, and branches are not taken for anything else", async () => {
  const { revision } = await pushed();
  expect(await github.resolve(REPOSITORY, "main")).toBe(revision);
  expect(await github.resolve(REPOSITORY, "refs/heads/main")).toBe(revision);
  expect(await github.resolve(REPOSITORY, revision.slice(0, 10))).toBe(revision);
  expect(await github.resolve(REPOSITORY, revision)).toBe(revision);
  expect(await github.resolve(REPOSITORY, "refs/tags/main")).toBeNull();
  expect(await github.resolve(REPOSITORY, "nothing-of-that-name")).toBeNull();
  expect(await github.resolve(REPOSITORY, "0".repeat(40))).toBeNull();
});

test("what a branch holds is reachable, what it does not hold is not", async () => {
  const { revision } = await pushed();
  const before = sha(sandbox.initialSha);
  expect(await github.reachable(REPOSITORY, "main", revision)).toBe(true);
  expect(await github.reachable(REPOSITORY, "main", before)).toBe(true);
  expect(await github.reachable(REPOSITORY, "main", sha("1".repeat(40)))).toBe(false);
  expect(await github.reachable(REPOSITORY, "no-such-branch", revision)).toBe(false);
  expect(await github.reachable("acme/other", "main", revision)).toBeNull();
  expect(await github.contains(REPOSITORY, revision, before)).toBe(true);
  expect(await github.contains(REPOSITORY, before, revision)).toBe(false);
  expect(await github.contains(REPOSITORY, revision, sha("1".repeat(40)))).toBeNull();
});

test("a deployment is created once however often it is told, and production's older ones become inactive", async () => {
  const { revision } = await pushed();
  const common = { repository: REPOSITORY, environment: "production", production: true, url: null, description: "Deployed by ann" };
  const tell = (id: string, state: "queued" | "in_progress" | "success") => {
    const deployment = parseDeploymentId(id);
    if (deployment === null) throw new Error("the test's own id is wrong");
    return github.tell({ ...common, deployment, revision, state });
  };
  const [one, two] = ["01990000-0000-7000-8000-00000000000a", "01990000-0000-7000-8000-00000000000b"] as const;
  await Promise.all([tell(one, "queued"), tell(one, "in_progress")]);
  await tell(one, "success");
  await tell(one, "success");
  await tell(one, "in_progress");
  await tell(two, "success");
  const made = sandbox.state().deployments.filter((deployment) => deployment.environment === "production");
  expect(made.map(({ payload, state }) => ({ payload, state }))).toEqual([
    { payload: { greenlight: one }, state: "inactive" },
    { payload: { greenlight: two }, state: "success" },
  ]);
  expect(log.lines).toEqual([]);
});

test("the migrations that a range of commits adds are read with their text; without a base nothing is claimed", async () => {
  let files: Awaited<ReturnType<typeof github.addedMigrations>> = [];
  let head = start;
  // One of the shop's good changes brings one.
  for (let more = 0; more < 6 && files?.length === 0; more += 1) {
    head = (await pushed()).revision;
    files = await github.addedMigrations(REPOSITORY, start, head);
  }
  expect(files).toEqual([{ path: "orders/migrations/0003_order_delivery_date.py", text: expect.stringContaining('name="delivery_date"') }]);
  expect(await github.addedMigrations(REPOSITORY, null, head)).toBeNull();
  expect(await github.addedMigrations(REPOSITORY, sha("1".repeat(40)), head)).toBeNull();
});

test("a commit's mark is set once, also when its answer is lost, and the newest of its context counts", async () => {
  const { revision } = await pushed();
  const mark = (state: "pending" | "success", description: string) =>
    github.mark({ repository: REPOSITORY, revision, context: "greenlight/production", state, description, url: null });
  sandbox.loseAnswers({ method: "POST", path: /\/statuses\/[0-9a-f]{40}$/ });
  expect(await mark("pending", "Stage unit is running")).toBe(false);
  expect(await mark("pending", "Stage unit is running")).toBe(true);
  expect(await mark("success", "Ready")).toBe(true);
  const made = sandbox.state().statuses.filter((status) => status.sha === revision);
  expect(made.map(({ context, state, description }) => `${context} ${state} ${description}`)).toEqual([
    "greenlight/production pending Stage unit is running",
    "greenlight/production success Ready",
  ]);
});
