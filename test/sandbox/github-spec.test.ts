import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSandboxGitHub } from "../../sandbox/github/server.ts";
import type { SandboxGitHub } from "../../sandbox/github/server.ts";
import { asObject } from "../../sandbox/loopback.ts";
import { answerPointer, openJudge } from "./judge.ts";
import { eventually, startReceiver } from "./receiver.ts";

const webhooks = openJudge("github/spec/webhooks.trimmed.openapi.json");
const rest = openJudge("github/spec/rest.trimmed.openapi.json");
const why = "the fixtures with GitHub's specifications are absent";

let folder: string;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let github: SandboxGitHub;
let sha: string;
let runId: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sandbox-github-spec-"));
  receiver = await startReceiver();
  const stageSeconds = { build: 0.05, unit: 0.05, integration: 0.1, acceptance: 0.1 };
  github = await startSandboxGitHub({
    folder,
    repository: "acme/shop",
    webhook: { url: receiver.url, secret: "s" },
    token: "t",
    stageSeconds,
  });
  ({ sha, runId } = await github.push({ kind: "good", author: "bob" }));
  await fetch(`${github.apiUrl}/repos/acme/shop/hooks/${github.hookId}/pings`, { method: "POST", headers: { authorization: "Bearer t" } });
  await github.push({ kind: "bad", author: "cleo", failing: "integration" });
  const create = { ref: sha, auto_merge: false, required_contexts: [], environment: "staging" };
  const made = asObject(await (await send("/deployments", create)).json());
  await send(`/deployments/${String(made?.["id"])}/statuses`, { state: "success" });
  await github.report({ sha, name: "e2e", app: { id: 77, slug: "browser-farm" }, conclusion: null });
  await github.report({ sha, name: "e2e", app: { id: 77, slug: "browser-farm" }, conclusion: "success" });
  await github.setStatus({ sha, context: "ci/old", state: "success", creator: { login: "acme-ci", id: 9 } });
  await eventually("two runs of CI and the acceptance tests", () => ended().length === 3);
});

afterAll(async () => {
  await github.close();
  await receiver.close();
  await rm(folder, { recursive: true, force: true });
});

function ended() {
  return receiver.received.filter((one) => one.event === "workflow_run" && one.payload["action"] === "completed");
}

function send(path: string, body: object): Promise<Response> {
  return fetch(`${github.apiUrl}/repos/acme/shop${path}`, {
    method: "POST",
    headers: { authorization: "Bearer t" },
    body: JSON.stringify(body),
  });
}

test("every webhook is what GitHub's schema of the event asks", async (context) => {
  if (webhooks === null) return context.skip(why);
  expect(
    ended()
      .map((one) => asObject(one.payload["workflow_run"])?.["conclusion"])
      .toSorted(),
  ).toEqual(["failure", "success", "success"]);
  for (const one of receiver.received) {
    const action = typeof one.payload["action"] === "string" ? `-${one.payload["action"]}` : "";
    const name = `${one.event}${action}`.replaceAll("_", "-");
    const faults = webhooks(["webhooks", name, "post", "requestBody", "content", "application/json", "schema"], one.payload);
    expect([name, ...faults]).toEqual([name]);
  }
});

test("every answer is what GitHub's schema of the route asks", async (context) => {
  if (rest === null) return context.skip(why);
  const create = { ref: sha, auto_merge: false, required_contexts: [], environment: "staging" };
  const deployment = await ask("POST", "/repos/{owner}/{repo}/deployments", "/deployments", create);
  const id = deployment?.["id"];
  const asked: [string, string, string, object?][] = [
    ["POST", "/deployments/{deployment_id}/statuses", `/deployments/${id}/statuses`, { state: "success", description: "live" }],
    ["GET", "/deployments/{deployment_id}/statuses", `/deployments/${id}/statuses`],
    ["GET", "/deployments/{deployment_id}", `/deployments/${id}`],
    ["GET", "/deployments", "/deployments?environment=staging"],
    ["POST", "/statuses/{sha}", `/statuses/${sha}`, { state: "success", context: "greenlight" }],
    ["GET", "/commits/{ref}/statuses", `/commits/${sha}/statuses`],
    ["GET", "/commits/{ref}/status", `/commits/${sha}/status`],
    ["GET", "/commits/{ref}/check-runs", `/commits/${sha}/check-runs`],
    ["GET", "/commits/{ref}", `/commits/${sha}`],
    ["GET", "/commits/{commit_sha}/pulls", `/commits/${sha}/pulls`],
    ["GET", "/compare/{basehead}", `/compare/${github.initialSha}...${sha}`],
    ["GET", "/branches/{branch}", "/branches/main"],
    ["GET", "/actions/runs/{run_id}", `/actions/runs/${runId}`],
    ["GET", "/actions/runs", `/actions/runs?head_sha=${sha}`],
    ["GET", "/actions/runs/{run_id}/jobs", `/actions/runs/${runId}/jobs`],
    ["GET", "/contents/{path}", `/contents/pricing.mjs?ref=${sha}`],
    ["GET", "/contents/{path}", `/contents/orders/migrations?ref=${sha}`],
    ["GET", "/hooks", "/hooks"],
    ["GET", "/hooks/{hook_id}/deliveries", `/hooks/${github.hookId}/deliveries`],
    ["GET", "/hooks/{hook_id}/deliveries/{delivery_id}", `/hooks/${github.hookId}/deliveries/${github.deliveries()[0]?.id}`],
    ["GET", "/pulls/{pull_number}", "/pulls/38"],
  ];
  for (const [method, template, path, body] of asked) await ask(method, `/repos/{owner}/{repo}${template}`, path, body);
  expect(asked).toHaveLength(21);
});

async function ask(method: string, template: string, path: string, body?: object): Promise<Record<string, unknown> | null> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${github.apiUrl}/repos/acme/shop${path}`, { method, headers: { authorization: "Bearer t" }, ...sent });
  const answer: unknown = await response.json();
  expect([path, response.ok]).toEqual([path, true]);
  const faults = rest?.(answerPointer(method, template, response.status), answer) ?? [];
  expect([method, template, ...faults]).toEqual([method, template]);
  return typeof answer === "object" && answer !== null ? { ...answer } : null;
}
