import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSandboxGitHub } from "../../sandbox/github/server.ts";
import type { SandboxGitHub } from "../../sandbox/github/server.ts";
import { parseRunId, parseSha } from "../../src/domain/ids.ts";
import { emptyRun, type Run } from "../../src/domain/pipeline.ts";
import { reduce } from "../../src/domain/pipeline/reduce.ts";
import { stagesOf } from "../../src/domain/pipeline/stages.ts";
import { isSeenToPass } from "../../src/domain/proof.ts";
import { createGitHub } from "../../src/github/client.ts";
import { normaliseGitHub } from "../../src/github/normalise.ts";
import { SECRET, startWorld } from "../http/world.ts";
import { A } from "./bodies.ts";
import { listeningLog, startFarSide } from "./far-side.ts";

/** Checks, statuses and re-runs: the look-alike tells of them by webhook and by API, and both must add up to the same. */
let world: Awaited<ReturnType<typeof startWorld>>;
let sandbox: SandboxGitHub;
let folder: string;
let github: ReturnType<typeof createGitHub>;
const REPOSITORY = "acme/shop";
const farm = { id: 77, slug: "browser-farm" };
const E2E = { stage: "e2e", app: "browser-farm" };
const OLD = { stage: "ci/old", creator: "acme-ci" };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "github-checks-"));
  world = await startWorld();
  sandbox = await startSandboxGitHub({
    folder,
    repository: REPOSITORY,
    webhook: { url: `${world.url}/webhooks/github`, secret: SECRET },
    token: "ghp_sandbox",
    stageSeconds: { build: 0.05, unit: 0.05, integration: 0.05, acceptance: 0.05 },
  });
  github = createGitHub({ apiUrl: sandbox.apiUrl, token: "ghp_sandbox", app: null, log: listeningLog() });
});

afterAll(async () => {
  await sandbox.close();
  await world[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function runOf(text: string): Run {
  const id = parseRunId("01990000-0000-7000-8000-000000000001");
  const revision = parseSha(text);
  if (id === null || revision === null) throw new Error("the test's own id is wrong");
  return emptyRun(id, "shop", revision);
}

function heard(sha: string): Run {
  const events = [...world.stored.values()].flatMap((delivery) => {
    const told = normaliseGitHub(delivery.event ?? "", delivery.body);
    return told.kind === "events" ? told.events : [];
  });
  return events.filter((event) => (event.kind === "push" ? event.after : event.revision) === sha).reduce(reduce, runOf(sha));
}

test("checks and statuses add up to what the API says, and prove only what is pinned to them", async () => {
  const { sha } = await sandbox.push({ kind: "good", author: "bob" });
  await sandbox.report({ sha, name: "e2e", app: farm, conclusion: "failure" });
  await sandbox.report({ sha, name: "e2e", app: { id: 78, slug: "evil-farm" }, conclusion: "success" });
  await sandbox.setStatus({ sha, context: "ci/old", state: "pending", creator: { login: "acme-ci", id: 9 } });
  await expect.poll(() => heard(sha).checks.length).toBe(3);
  expect([isSeenToPass(E2E, heard(sha)), isSeenToPass(OLD, heard(sha))]).toEqual([false, false]);
  await sandbox.report({ sha, name: "e2e", app: farm, conclusion: "success" });
  await sandbox.setStatus({ sha, context: "ci/old", state: "success", creator: { login: "acme-ci", id: 9 } });
  await sandbox.setStatus({ sha, context: "greenlight/production", state: "success" });
  await expect.poll(() => [isSeenToPass(E2E, heard(sha)), isSeenToPass(OLD, heard(sha))]).toEqual([true, true]);
  await expect.poll(() => heard(sha).workflows[0]?.status).toBe("passed");
  const run = heard(sha);
  expect(await github.reread(REPOSITORY, run)).toEqual(run);
  // What a webhook alone claims does not outlive the API's word.
  const forged = run.checks.map((check) => ({ ...check, source: { kind: "status", creator: "mallory" } as const }));
  expect((await github.reread(REPOSITORY, { ...run, checks: forged }))?.checks).toHaveLength(run.checks.length);
  expect(isSeenToPass(E2E, (await github.reread(REPOSITORY, { ...run, checks: forged })) ?? runOf(sha))).toBe(true);
  await sandbox.setStatus({ sha, context: "ci/old", state: "success", creator: { login: "mallory", id: 10 } });
  expect(isSeenToPass(OLD, (await github.reread(REPOSITORY, run)) ?? run)).toBe(false);
});

test("when only what failed runs again, what had passed still counts", async () => {
  const { sha, runId } = await sandbox.push({ kind: "good", author: "bob", failing: "integration" });
  await expect.poll(() => heard(sha).workflows[0]?.status).toBe("failed");
  expect(isSeenToPass("build", heard(sha))).toBe(true);
  const again = `${sandbox.apiUrl}/repos/acme/shop/actions/runs/${runId}/rerun-failed-jobs`;
  expect((await fetch(again, { method: "POST", headers: { authorization: "Bearer ghp_sandbox" } })).status).toBe(201);
  await expect.poll(() => heard(sha).workflows[0]).toMatchObject({ attempt: 2, status: "passed" });
  const run = heard(sha);
  expect(stagesOf(run).map(({ name, status }) => `${name} ${status}`)).toEqual(["build passed", "unit passed", "integration passed"]);
  expect(await github.reread(REPOSITORY, run)).toEqual(run);
  const told = await github.reread(REPOSITORY, runOf(sha));
  expect(["build", "unit", "integration"].map((stage) => isSeenToPass(stage, told ?? runOf(sha)))).toEqual([true, true, true]);
});

test.each([
  { status: 403, checks: [] },
  { status: 404, checks: [] },
  { status: 500, checks: null },
])("where checks are answered with $status, what was heard of them is worth $checks", async ({ status, checks }) => {
  await using far = await startFarSide(({ url }) =>
    url.includes("/actions/runs") ? { status: 200, json: { total_count: 0, workflow_runs: [] } } : { status },
  );
  const host = createGitHub({ apiUrl: far.apiUrl, token: "t", app: null, timeoutMs: 1000, log: listeningLog() });
  expect((await host.reread(REPOSITORY, runOf(A)))?.checks ?? null).toEqual(checks);
});

test("a run of two matrices, tried three times, is read whole", async () => {
  const jobs = Array.from({ length: 1536 }, (_, index) => ({
    id: index + 1,
    run_id: 7,
    run_attempt: 1 + (index % 3),
    name: `unit (${index})`,
    status: "completed",
    conclusion: "success",
    head_sha: A,
  }));
  const repository = { id: 1, full_name: REPOSITORY };
  const page = "https://github.test/acme/shop/actions/runs/7";
  const run = { id: 7, run_attempt: 3, event: "push", status: "completed", conclusion: "success", head_sha: A, html_url: page, repository };
  await using far = await startFarSide(({ url }) => {
    const at = Number(/[?&]page=(\d+)/u.exec(url)?.[1] ?? 1);
    if (url.includes("/jobs")) return { status: 200, json: { total_count: jobs.length, jobs: jobs.slice((at - 1) * 100, at * 100) } };
    const runs = [{ ...run, updated_at: "2026-03-02T09:00:00Z" }];
    if (url.includes("/actions/runs")) return { status: 200, json: { total_count: 1, workflow_runs: runs } };
    return { status: 200, json: url.includes("check-runs") ? { total_count: 0, check_runs: [] } : [] };
  });
  const host = createGitHub({ apiUrl: far.apiUrl, token: "t", app: null, log: listeningLog() });
  const [told] = (await host.reread(REPOSITORY, runOf(A)))?.workflows ?? [];
  expect([told?.jobs.length, ...(told?.earlier ?? []).map((earlier) => earlier.jobs.length)]).toEqual([512, 512, 512]);
});
