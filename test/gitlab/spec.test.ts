import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseDeploymentId, parseRunId, parseSha, type Sha } from "../../src/domain/ids.ts";
import { emptyRun } from "../../src/domain/pipeline.ts";
import { createGitLab } from "../../src/gitlab/client.ts";
import { answerPointer, fixtures, openJudge } from "../sandbox/judge.ts";
import { createProject } from "./project.ts";
import { startGitLab, TOKEN, type SeenRequest } from "./rest.ts";

const FILE = "gitlab/spec/rest-15.0.trimmed.openapi.json";
const PATH = "acme/web/shop";
const why = "the fixtures with GitLab's specification are absent";

/** Routes that the trimmed specification leaves out. */
const LEFT_OUT = /\/repository\/(branches|tags|files)(\/|$)|\/projects\/[^/]+$/;

/** Pages of any list; `with_stats` and the like are named, these are not. */
const PAGES = ["page", "per_page"];

test("what the client asks and the stand-in answers is what the specification says", async ({ skip }) => {
  const judge = openJudge(FILE);
  if (judge === null || !existsSync(join(fixtures, FILE))) return skip(why);
  const seen = await everything();
  const published = seen.filter(({ path }) => !LEFT_OUT.test(path));
  expect(new Set(published.map(templateOf)).size).toBeGreaterThanOrEqual(14);
  expect(published.flatMap(requestFaults)).toEqual([]);
  const faults = published.flatMap((one) => {
    const told: unknown = JSON.parse(one.answer.body ?? "null");
    // The specification says 200 of all that went well, and knows no null.
    return judge(answerPointer(one.method, templateOf(one), 200), withoutNull(told)).map((fault) => `${templateOf(one)} ${fault}`);
  });
  expect(faults).toEqual([]);
});

const REPORT = {
  total_count: 1,
  success_count: 0,
  failed_count: 1,
  skipped_count: 0,
  error_count: 0,
  test_suites: [
    { name: "unit", total_count: 1, test_cases: [{ status: "failed", name: "test_coupon", classname: "Basket", execution_time: 1 }] },
  ],
};

/** One request of each kind that the client makes, with their answers. */
async function everything(): Promise<readonly SeenRequest[]> {
  const project = createProject(PATH);
  const one = shaOf(project.commit("First"));
  const two = shaOf(project.commit("Second", [one]));
  project.branches.set("main", two);
  project.mergeRequests.set(two, [
    { iid: 7, title: "Second", state: "merged", merge_commit_sha: two, author: { name: "Ann", username: "ann" } },
  ]);
  const parent = project.run({ sha: two, jobs: ["unit"] });
  project.run({ sha: two, jobs: ["e2e"], source: "parent_pipeline", parent });
  await using server = await startGitLab(project);
  const gitlab = createGitLab({ url: server.url, token: TOKEN, log: { warn: (fields, line) => expect([fields, line]).toEqual([]) } });
  const run = parseRunId("01990000-0000-7000-8000-000000000001");
  const deployment = parseDeploymentId("01990000-0000-7000-8000-000000000002");
  if (run === null || deployment === null) throw new Error("the test's own ids are wrong");
  await gitlab.compare(PATH, one, two);
  await gitlab.compare(PATH, null, two);
  await gitlab.search(PATH, "");
  await gitlab.reachable(PATH, "main", one);
  const read = await gitlab.reread(PATH, emptyRun(run, "shop", two));
  project.reports.set(parent.id, REPORT);
  if (read !== null) await gitlab.tests(PATH, read);
  const told = { repository: PATH, deployment, environment: "production", production: true, revision: two, url: null, description: "x" };
  for (const state of ["in_progress", "success"] as const) await gitlab.tell({ ...told, state });
  const mark = { repository: PATH, revision: two, context: "greenlight/production", description: "Live", url: "https://slack.test/card" };
  for (const state of ["pending", "success"] as const) await gitlab.mark({ ...mark, state });
  return server.seen.slice();
}

function shaOf(text: string): Sha {
  const sha = parseSha(text);
  if (sha === null) throw new Error(`${text} is no commit`);
  return sha;
}

let read: unknown;

function spec(): unknown {
  read ??= JSON.parse(readFileSync(join(fixtures, FILE), "utf8"));
  return read;
}

function templateOf({ path }: SeenRequest): string {
  const wanted = path.replace("/api/v4", "");
  const paths = Object.keys(Object(member(spec(), "paths")));
  return paths.find((template) => new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(wanted)) ?? wanted;
}

/** What the specification does not know of a request: its path, its parameters, or a member of its body. */
function requestFaults(asked: SeenRequest): readonly string[] {
  const template = templateOf(asked);
  const operation = member(member(member(spec(), "paths"), template), asked.method.toLowerCase());
  if (operation === undefined) return [`${asked.method} ${template} is not published`];
  const known = Object.values(Object(member(operation, "parameters")));
  const names = known.filter((one) => member(one, "in") === "query").map((one) => String(member(one, "name")));
  const unknown = [...asked.query.keys()].filter((name) => !names.includes(name) && !PAGES.includes(name));
  return [...unknown.map((name) => `${asked.method} ${template} has no parameter ${name}`), ...bodyFaults(asked, template, operation)];
}

function bodyFaults(asked: SeenRequest, template: string, operation: unknown): readonly string[] {
  if (asked.body === "") return [];
  const reference = String(["requestBody", "content", "application/json", "schema", "$ref"].reduce(member, operation));
  const schema = reference.split("/").slice(1).reduce(member, spec());
  // One property of the specification is called "name or context".
  const known = Object.keys(Object(member(schema, "properties"))).flatMap((name) => name.split(" or "));
  const given = Object.keys(Object(JSON.parse(asked.body)));
  const required = Object.values(Object(member(schema, "required"))).map(String);
  return [...given.filter((name) => !known.includes(name)), ...required.filter((name) => !given.includes(name))].map(
    (name) => `${asked.method} ${template}: ${name} is wrong or missing`,
  );
}

function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNull);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, inner]) => (inner === null ? [] : [[key, withoutNull(inner)]])));
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;
}
