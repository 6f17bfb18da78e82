import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { verify } from "@octokit/webhooks-methods";
import { Octokit } from "octokit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSandboxGitHub } from "../../sandbox/github/server.ts";
import type { SandboxGitHub } from "../../sandbox/github/server.ts";
import { eventually, startReceiver } from "./receiver.ts";

const execute = promisify(execFile);
const SECRET = "a secret of the hook";
const TOKEN = "ghp_sandbox";
const shop = { owner: "acme", repo: "shop" };

let folder: string;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let github: SandboxGitHub;
let octokit: Octokit;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sandbox-github-"));
  receiver = await startReceiver();
  const stageSeconds = { build: 0.05, unit: 0.05, integration: 0.1, acceptance: 0.1 };
  github = await startSandboxGitHub({
    folder,
    repository: "acme/shop",
    webhook: { url: receiver.url, secret: SECRET },
    token: TOKEN,
    stageSeconds,
  });
  octokit = new Octokit({ auth: TOKEN, baseUrl: github.apiUrl, retry: { enabled: false }, throttle: { enabled: false } });
});

afterAll(async () => {
  await github.close();
  await receiver.close();
  await rm(folder, { recursive: true, force: true });
});

const ended = (sha: string, workflow = "CI") =>
  eventually(`${workflow} of ${sha}`, () =>
    github.state().runs.find((run) => run.sha === sha && run.workflow === workflow && run.status === "completed"),
  );
const eventsOf = (sha: string) =>
  receiver.received.filter((one) => one.text.includes(sha)).map((one) => `${one.event}.${String(one.payload["action"] ?? "")}`);

test("a push runs CI and tells every change with a signature that verifies", async () => {
  const { sha, runId } = await github.push({ kind: "good", author: "bob" });
  const run = await ended(sha);
  expect(run).toMatchObject({ id: runId, conclusion: "success" });
  const names = await eventually("the last webhook", () => eventsOf(sha).includes("workflow_run.completed") && eventsOf(sha));
  expect(names.filter((name) => name === "push.")).toHaveLength(1);
  for (const action of ["requested", "in_progress", "completed"])
    expect(names.filter((name) => name === `workflow_run.${action}`)).toHaveLength(1);
  for (const action of ["queued", "in_progress", "completed"])
    expect(names.filter((name) => name === `workflow_job.${action}`)).toHaveLength(3);
  for (const one of receiver.received) {
    expect(await verify(SECRET, one.text, String(one.headers["x-hub-signature-256"]))).toBe(true);
    expect(one.headers["x-github-delivery"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(one.headers["x-github-hook-id"]).toBe(String(github.hookId));
  }
});

test("runs and jobs are found by commit and by id", async () => {
  const runs = await octokit.rest.actions.listWorkflowRunsForRepo({ ...shop, head_sha: github.initialSha });
  expect(runs.data.workflow_runs.map((run) => [run.name, run.conclusion])).toEqual([
    ["Acceptance", "success"],
    ["CI", "success"],
  ]);
  const run_id = runs.data.workflow_runs[1]?.id ?? 0;
  const jobs = await octokit.rest.actions.listJobsForWorkflowRun({ ...shop, run_id, filter: "latest" });
  expect(jobs.data.jobs.map((job) => job.name)).toEqual(["build", "unit", "integration"]);
  expect(jobs.data.jobs.map((job) => job.id).every((id) => id > 100_000_000_000)).toBe(true);
  const checks = await octokit.rest.checks.listForRef({ ...shop, ref: github.initialSha });
  expect(checks.data.check_runs.map((check) => check.name)).toEqual(["build", "unit", "integration", "acceptance"]);
});

test("a comparison names the commits in between and their pull requests", async () => {
  const base = (await octokit.rest.repos.getBranch({ ...shop, branch: "main" })).data.commit.sha;
  const bad = await github.push({ kind: "bad", author: "cleo" });
  const compared = await octokit.rest.repos.compareCommitsWithBasehead({ ...shop, basehead: `${base}...${bad.sha}` });
  expect(compared.data).toMatchObject({ status: "ahead", ahead_by: 1, behind_by: 0, total_commits: 1 });
  expect(compared.data.commits[0]?.author).toMatchObject({ login: "cleo-acme" });
  expect(compared.data.files?.map((file) => file.filename)).toContain("pricing.mjs");
  const second = await octokit.rest.repos.compareCommitsWithBasehead({ ...shop, basehead: `${base}...${bad.sha}`, per_page: 1, page: 2 });
  expect(second.data).not.toHaveProperty("files");
  const pulls = await octokit.rest.repos.listPullRequestsAssociatedWithCommit({ ...shop, commit_sha: bad.sha });
  expect(pulls.data).toMatchObject([{ number: bad.pullNumber, title: "Round discounts to the cent", merge_commit_sha: bad.sha }]);
  const backwards = await octokit.rest.repos.compareCommitsWithBasehead({ ...shop, basehead: `${bad.sha}...${base}` });
  expect(backwards.data.status).toBe("behind");
  const revert = await github.push({ kind: "good", author: "bob" });
  expect((await octokit.rest.repos.getCommit({ ...shop, ref: revert.sha })).data.commit.message).toContain(
    `This reverts commit ${bad.sha}`,
  );
});

test("a host fetches an exact revision, and the shop in it knows which it is", async () => {
  const bad = await github.push({ kind: "bad", author: "bob" });
  await github.push({ kind: "good", author: "cleo" });
  const checkout = join(folder, "checkout");
  const git = (...args: string[]) =>
    execute("git", args, { env: { PATH: process.env["PATH"], GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" } });
  await git("init", "--quiet", checkout);
  await git("-C", checkout, "fetch", "--quiet", "--depth=1", github.gitUrl, bad.sha);
  await git("-C", checkout, "checkout", "--quiet", "--detach", bad.sha);
  const env = { PATH: process.env["PATH"], SHOP_WITNESS: join(folder, "witness"), SHOP_PACE: "0" };
  const checked = await execute(process.execPath, ["manage.mjs", "check"], { cwd: checkout, env });
  expect(checked.stdout).toContain("no issues");
  expect(await readFile(join(folder, "witness"), "utf8")).toMatch(new RegExp(`^check ${bad.sha} \\d+\n$`));
  await expect(
    execute(process.execPath, ["--input-type=module", "-e", 'import { total } from "./pricing.mjs"; total({ lines: [] })'], {
      cwd: checkout,
      env,
    }),
  ).rejects.toThrow("TypeError");
});

test("pushes at the same time are merged one after the other", async () => {
  const pushed = await Promise.all([github.push({ kind: "good", author: "bob" }), github.push({ kind: "good", author: "cleo" })]);
  const compared = await octokit.rest.repos.compareCommitsWithBasehead({ ...shop, basehead: `${pushed[0].sha}...${pushed[1].sha}` });
  expect(compared.data).toMatchObject({ status: "ahead", ahead_by: 1 });
});

test("a file is read at the revision asked for", async () => {
  const file = await octokit.rest.repos.getContent({ ...shop, path: "orders/migrations/0001_initial.py", ref: github.initialSha });
  const data = file.data;
  expect("content" in data && Buffer.from(data.content, "base64").toString("utf8")).toContain("CreateModel");
  const folderOf = await octokit.rest.repos.getContent({ ...shop, path: "orders/migrations", ref: github.initialSha });
  expect(Array.isArray(folderOf.data) && folderOf.data.map((one) => one.name)).toEqual(["0001_initial.py", "0002_order_total.py"]);
});

test("a successful deployment on staging starts the acceptance tests of its commit", async () => {
  const created = await octokit.rest.repos.createDeployment({
    ...shop,
    ref: github.initialSha,
    environment: "staging",
    auto_merge: false,
    required_contexts: [],
    payload: { deployment: "018f" },
  });
  if (created.status !== 201) throw new Error(`expected 201, got ${created.status}`);
  const deployment_id = created.data.id;
  await octokit.rest.repos.createDeploymentStatus({ ...shop, deployment_id, state: "in_progress" });
  expect(github.state().runs.filter((run) => run.workflow === "Acceptance" && run.sha === github.initialSha)).toHaveLength(1);
  await octokit.rest.repos.createDeploymentStatus({ ...shop, deployment_id, state: "success", log_url: "http://127.0.0.1/log" });
  await eventually(
    "acceptance",
    () =>
      github.state().runs.filter((run) => run.workflow === "Acceptance" && run.sha === github.initialSha && run.status === "completed")
        .length === 2,
  );
  const statuses = await octokit.rest.repos.listDeploymentStatuses({ ...shop, deployment_id });
  expect(statuses.data.map((status) => status.state)).toEqual(["success", "in_progress"]);
  const listed = await octokit.rest.repos.listDeployments({ ...shop, environment: "staging", sha: github.initialSha });
  expect(listed.data.map((one) => one.payload)).toEqual([{ deployment: "018f" }]);
});

test("a deployment without the two switches is refused as GitHub refuses it", async () => {
  const failing = await github.push({ kind: "good", author: "bob", failing: "unit" });
  expect((await ended(failing.sha)).conclusion).toBe("failure");
  await expect(octokit.rest.repos.createDeployment({ ...shop, ref: failing.sha, auto_merge: false })).rejects.toMatchObject({
    status: 409,
  });
  await expect(octokit.rest.repos.createDeployment({ ...shop, ref: github.initialSha, required_contexts: [] })).rejects.toMatchObject({
    status: 409,
  });
  await expect(octokit.rest.repos.createDeployment({ ...shop, ref: "nowhere", auto_merge: false })).rejects.toMatchObject({ status: 422 });
});

test("a run started again keeps its id, counts its attempt and makes new jobs", async () => {
  const { sha, runId } = await github.push({ kind: "good", author: "bob", failing: "unit" });
  const before = await ended(sha);
  expect(before.conclusion).toBe("failure");
  await octokit.rest.actions.reRunWorkflow({ ...shop, run_id: runId });
  await eventually("the second attempt", () => github.state().runs.find((run) => run.id === runId && run.conclusion === "success"));
  const run = await octokit.rest.actions.getWorkflowRun({ ...shop, run_id: runId });
  expect(run.data).toMatchObject({ run_attempt: 2, conclusion: "success", head_sha: sha });
  const jobs = await octokit.rest.actions.listJobsForWorkflowRun({ ...shop, run_id: runId });
  expect(jobs.data.jobs.some((job) => before.jobs.some((old) => old.id === job.id))).toBe(false);
});

test("an outage of the API answers so, and ends", async () => {
  github.fail({ status: 502, forMs: 60_000 });
  await expect(octokit.rest.repos.get(shop)).rejects.toMatchObject({ status: 502 });
  expect((await fetch(github.webUrl)).status).toBe(200);
  github.fail({ status: 502, forMs: 0 });
  expect((await octokit.rest.repos.get(shop)).status).toBe(200);
});

test("a commit status is kept and listed newest first", async () => {
  const sha = github.initialSha;
  await octokit.rest.repos.createCommitStatus({ ...shop, sha, state: "pending", context: "greenlight/staging" });
  await octokit.rest.repos.createCommitStatus({ ...shop, sha, state: "success", context: "greenlight/staging", description: "live" });
  const listed = await octokit.rest.repos.listCommitStatusesForRef({ ...shop, ref: sha });
  expect(listed.data.map((status) => status.state)).toEqual(["success", "pending"]);
});

test("a wrong token is refused with 401", async () => {
  const stranger = new Octokit({ auth: "wrong", baseUrl: github.apiUrl, retry: { enabled: false }, throttle: { enabled: false } });
  await expect(stranger.rest.repos.get(shop)).rejects.toMatchObject({ status: 401 });
  const allowed = await octokit.rest.repos.get(shop);
  expect(Number(allowed.headers["x-ratelimit-remaining"])).toBeGreaterThan(0);
});

test("a failed delivery is kept, found and made again with its old id", async () => {
  receiver.state.broken = true;
  const { sha } = await github.push({ kind: "good", author: "bob" });
  await ended(sha);
  await eventually(
    "all failures",
    () => github.deliveries().filter((one) => one.statusCode === 500 && one.body.includes(sha)).length === 13,
  );
  receiver.state.broken = false;
  expect(eventsOf(sha)).toEqual([]);
  const failed = await octokit.paginate(octokit.rest.repos.listWebhookDeliveries, {
    ...shop,
    hook_id: github.hookId,
    status: "failure",
    per_page: 5,
  });
  const push = failed.find((one) => one.event === "push");
  await octokit.rest.repos.redeliverWebhookDelivery({ ...shop, hook_id: github.hookId, delivery_id: push?.id ?? 0 });
  const again = await eventually("the redelivery", () => receiver.received.find((one) => one.text.includes(sha)));
  expect(again.headers["x-github-delivery"]).toBe(push?.guid);
  await github.redeliver(2);
  expect(receiver.received.slice(-2).map((one) => one.event)).toHaveLength(2);
});

test("a duplicate arrives with one id", async () => {
  github.duplicateNext();
  const { sha } = await github.push({ kind: "good", author: "cleo" });
  await ended(sha);
  const pushes = await eventually("both", () => {
    const both = receiver.received.filter((one) => one.event === "push" && one.text.includes(`"after":"${sha}"`));
    return both.length === 2 && both;
  });
  expect(new Set(pushes.map((one) => one.headers["x-github-delivery"])).size).toBe(1);
});

test("links lead to pages for people", async () => {
  const { sha, runUrl, pullNumber } = await github.push({ kind: "good", title: "Use <b> in a title", author: "bob" });
  for (const url of [
    runUrl,
    `${github.webUrl}/commit/${sha}`,
    `${github.webUrl}/pull/${pullNumber}`,
    `${github.webUrl}/compare/${github.initialSha}...${sha}`,
    github.webUrl,
    `${github.webUrl}/actions`,
  ]) {
    const response = await fetch(url);
    expect([url, response.status]).toEqual([url, 200]);
    const page = await response.text();
    expect(page).not.toContain("Use <b> in");
  }
});
