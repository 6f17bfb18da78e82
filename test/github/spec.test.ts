import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSandboxGitHub } from "../../sandbox/github/server.ts";
import type { SandboxGitHub } from "../../sandbox/github/server.ts";
import { parseDeploymentId, parseRunId, parseSha, type Sha } from "../../src/domain/ids.ts";
import { emptyRun } from "../../src/domain/pipeline.ts";
import { createGitHub } from "../../src/github/client.ts";
import { answerPointer, fixtures, openJudge } from "../sandbox/judge.ts";
import { startReceiver } from "../sandbox/receiver.ts";

/** GitHub's own description of its API as the judge of what our client asks, with the real Octokit on the wire. */
const FILE = "github/spec/rest.trimmed.openapi.json";
const why = "the fixtures with GitHub's specification are absent";
const REPOSITORY = "acme/shop";

/** Routes that the trimmed specification leaves out. */
const LEFT_OUT = /^\/repos\/[^/]+\/[^/]+(\/(branches|commits|tags|git\/.*))?$/;

type Asked = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly status: number;
  readonly answer: unknown;
};

const asked: Asked[] = [];
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let sandbox: SandboxGitHub;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "github-spec-"));
  receiver = await startReceiver();
  sandbox = await startSandboxGitHub({ folder, repository: REPOSITORY, webhook: { url: receiver.url, secret: "s" }, token: "t" });
  await everything(sandbox.apiUrl);
});

afterAll(async () => {
  await sandbox.close();
  await receiver.close();
  await rm(folder, { recursive: true, force: true });
});

/** Passes on what the client sends, and keeps it beside the answer. */
const listening: typeof fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  const response = await fetch(url, init);
  const body: unknown = typeof init?.body === "string" ? JSON.parse(init.body) : null;
  const text = await response.clone().text();
  const answer: unknown = text === "" ? null : JSON.parse(text);
  asked.push({ method: init?.method ?? "GET", path: url.pathname, query: url.searchParams, body, status: response.status, answer });
  return response;
};

/** One request of each kind that the client makes. */
async function everything(apiUrl: string): Promise<void> {
  const log = { debug() {}, warn() {} };
  const github = createGitHub({ apiUrl, token: "t", app: null, fetch: listening, log });
  const { sha, runId } = await sandbox.push({ kind: "good", author: "bob" });
  await sandbox.report({ sha, name: "e2e", app: { id: 77, slug: "browser-farm" }, conclusion: "success" });
  await sandbox.setStatus({ sha, context: "ci/old", state: "success" });
  const head = shaOf(sha);
  const base = shaOf(sandbox.initialSha);
  const run = parseRunId("01990000-0000-7000-8000-000000000001");
  const deployment = parseDeploymentId("01990000-0000-7000-8000-000000000002");
  if (run === null || deployment === null) throw new Error("the test's own ids are wrong");
  await github.compare(REPOSITORY, base, head);
  await github.compare(REPOSITORY, null, head);
  await github.search(REPOSITORY, "");
  await github.resolve(REPOSITORY, "main");
  await github.resolve(REPOSITORY, sha);
  await github.reachable(REPOSITORY, "main", base);
  await github.contains(REPOSITORY, head, base);
  await github.addedMigrations(REPOSITORY, base, head);
  await github.reread(REPOSITORY, emptyRun(run, "shop", head));
  const told = {
    repository: REPOSITORY,
    deployment,
    environment: "production",
    production: true,
    revision: head,
    url: null,
    description: "x",
  };
  for (const state of ["in_progress", "success"] as const) await github.tell({ ...told, state });
  await github.mark({
    repository: REPOSITORY,
    revision: head,
    context: "greenlight/production",
    state: "pending",
    description: "x",
    url: null,
  });
  await github.answerGate({
    repository: REPOSITORY,
    workflowRun: String(runId),
    environment: "production",
    state: "approved",
    comment: "yes",
  });
  await github.startAcceptance({ repository: REPOSITORY, start: "acceptance.yml", branch: "main", inputs: { revision: sha } });
  await github.failed({ repositories: [REPOSITORY], hooks: [String(sandbox.hookId)], since: new Date(0) });
}

function shaOf(text: string): Sha {
  const sha = parseSha(text);
  if (sha === null) throw new Error(`${text} is no commit`);
  return sha;
}

test("each request of the client is one that GitHub's specification knows, and each answer of the look-alike is as it says", ({ skip }) => {
  const judge = openJudge(FILE);
  if (judge === null) return skip(why);
  const spec: unknown = JSON.parse(readFileSync(join(fixtures, FILE), "utf8"));
  const published = asked.filter(({ path }) => !LEFT_OUT.test(path));
  const faults = published.flatMap((one) => {
    const template = templateOf(spec, one.path);
    const method = one.method.toLowerCase();
    const operation = ["paths", template, method].reduce(member, spec);
    if (operation === undefined) return [`${one.method} ${one.path} is not published`];
    const body =
      one.body === null ? [] : judge(["paths", template, method, "requestBody", "content", "application/json", "schema"], one.body);
    const answered = one.status < 300 && one.answer !== null ? judge(answerPointer(one.method, template, one.status), one.answer) : [];
    return [...queryFaults(spec, operation, one, judge), ...body, ...answered].map((fault) => `${one.method} ${template}: ${fault}`);
  });
  expect(faults).toEqual([]);
  // All that it can ask was really asked.
  expect(new Set(published.map((one) => `${one.method} ${templateOf(spec, one.path)}`)).size).toBeGreaterThanOrEqual(16);
});

type Judge = NonNullable<ReturnType<typeof openJudge>>;

function queryFaults(spec: unknown, operation: unknown, one: Asked, judge: Judge): readonly string[] {
  const parameters = Object.values(Object(member(operation, "parameters"))).map((parameter) => resolved(spec, parameter));
  return [...one.query].flatMap(([name, text]) => {
    const known = parameters.find(({ value }) => member(value, "in") === "query" && member(value, "name") === name);
    if (known === undefined) return [`no parameter ${name}`];
    const value = member(member(known.value, "schema"), "type") === "integer" ? Number(text) : text;
    if (known.pointer !== null) return judge([...known.pointer, "schema"], value).map((fault) => `${name} ${fault}`);
    const allowed = member(member(known.value, "schema"), "enum");
    return Array.isArray(allowed) && !allowed.includes(value) ? [`${name} may not be ${text}`] : [];
  });
}

function resolved(spec: unknown, parameter: unknown): { readonly value: unknown; readonly pointer: readonly string[] | null } {
  const reference = member(parameter, "$ref");
  if (typeof reference !== "string") return { value: parameter, pointer: null };
  const pointer = reference.split("/").slice(1);
  return { value: pointer.reduce(member, spec), pointer };
}

/** The longest one that fits: `{ref}` and `{path}` may hold slashes. */
function templateOf(spec: unknown, path: string): string {
  const paths = Object.keys(Object(member(spec, "paths")));
  const fits = (template: string, part: string) => new RegExp(`^${template.replaceAll(/\{\w+\}/g, part)}$`).test(path);
  return (
    paths.find((template) => fits(template, "[^/]+")) ??
    paths.find((template) => /\{(ref|path)\}/.test(template) && fits(template, ".+")) ??
    path
  );
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;
}
