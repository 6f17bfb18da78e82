import type { Answer, JsonObject, Route, Visit } from "../loopback.ts";
import { bodyObject, json, asText } from "../loopback.ts";
import { appCheckPayload } from "./checks.ts";
import { commitStatusPayload, type CommitStatus } from "./deployments.ts";
import { notFound, paged, unprocessable } from "./replies.ts";
import { minimalRepository, repositoryUrl } from "./repository.ts";
import { checkRunPayload, jobPayload, runPayload } from "./run-payload.ts";
import type { Actions, Run } from "./workflows.ts";
import { stepsOf } from "./workflows.ts";
import type { World } from "./world.ts";
import { commitAt } from "./world.ts";

/** Runs, jobs, check runs and commit statuses. */
export function actionsRoutes(world: World, actions: Actions, statusSet: (status: CommitStatus) => void): Route[] {
  const runs = async (visit: Visit) =>
    paged(visit, await runPayloads(world, matching(actions.runs(), visit.query)), (page, total) => ({
      total_count: total,
      workflow_runs: page,
    }));
  return [
    route("GET", "/actions/runs", runs),
    route("GET", "/actions/runs/:run", async (visit) => {
      const run = actions.runs().find((one) => String(one.id) === visit.params["run"]);
      return run === undefined ? notFound() : json(200, await oneRun(world, run));
    }),
    route("GET", "/actions/runs/:run/jobs", (visit) => jobs(world, actions, visit)),
    route("POST", "/actions/runs/:run/rerun", (visit) => rerun(actions, visit)),
    route("POST", "/actions/runs/:run/rerun-failed-jobs", (visit) => rerun(actions, visit, true)),
    route("GET", "/actions/runs/:run/artifacts", (visit) => paged(visit, [], () => ({ total_count: 0, artifacts: [] }))),
    route("GET", "/actions/jobs/:job/logs", (visit) => jobLog(actions, visit)),
    route("GET", "/check-runs/:check/annotations", (visit) => paged(visit, [], (page) => page)),
    route("GET", "/rules/branches/:branch", (visit) => paged(visit, [], (page) => page)),
    route("GET", "/actions/jobs/:job", (visit) => job(world, actions, visit)),
    route("GET", "/commits/:ref/check-runs", (visit) => checkRuns(world, actions, visit)),
    route("GET", "/commits/:ref/statuses", async (visit) =>
      paged(visit, (await statusesOf(world, visit)).toReversed(), (page) => page.map((one) => commitStatusPayload(world.site, one))),
    ),
    route("GET", "/commits/:ref/status", (visit) => combinedStatus(world, visit)),
    route("POST", "/statuses/:sha", (visit) => createStatus(world, visit, statusSet)),
  ];
}

function matching(runs: readonly Run[], query: URLSearchParams): Run[] {
  const wanted = (name: string, value: string | null) => (query.get(name) ?? value) === value;
  const state = query.get("status");
  return runs
    .filter((run) => wanted("head_sha", run.headSha) && wanted("event", run.workflow.event) && wanted("branch", "main"))
    .filter((run) => state === null || state === run.status || state === run.conclusion)
    .toReversed();
}

async function runPayloads(world: World, runs: readonly Run[]): Promise<JsonObject[]> {
  return Promise.all(runs.map((run) => oneRun(world, run)));
}

async function oneRun(world: World, run: Run): Promise<JsonObject> {
  return runPayload(world.site, run, await commitAt(world, run.headSha));
}

function rerun(actions: Actions, visit: Visit, onlyFailed = false): Answer {
  const run = actions.runs().find((one) => String(one.id) === visit.params["run"]);
  if (run === undefined) return notFound();
  if (run.status !== "completed") return json(403, { message: "This workflow is already running", status: "403" });
  actions.rerun(run, onlyFailed);
  return json(201, {});
}

function jobs(world: World, actions: Actions, visit: Visit): Answer {
  const run = actions.runs().find((one) => String(one.id) === visit.params["run"]);
  if (run === undefined) return notFound();
  const all = visit.query.get("filter") === "all" ? [...run.earlier, ...run.jobs] : run.jobs;
  return paged(visit, all, (page, total) => ({ total_count: total, jobs: page.map((one) => jobPayload(world.site, run, one)) }));
}

function job(world: World, actions: Actions, visit: Visit): Answer {
  for (const run of actions.runs()) {
    const found = run.jobs.find((one) => String(one.id) === visit.params["job"]);
    if (found !== undefined) return json(200, jobPayload(world.site, run, found));
  }
  return notFound();
}

/** Text as GitHub's logs have it: a byte order mark first, a time before each line. GitHub answers with a redirect, clients follow it. */
function jobLog(actions: Actions, visit: Visit): Answer {
  const found = actions
    .runs()
    .flatMap((run) => run.jobs)
    .find((one) => String(one.id) === visit.params["job"]);
  if (found === undefined) return notFound();
  const at = (found.completedAt ?? found.startedAt).toISOString().replace("Z", "0000Z");
  const end = found.conclusion === "failure" ? ["##[error]1 test failed", "##[error]Process completed with exit code 1."] : ["all passed"];
  const lines = [...stepsOf[found.name].flatMap((step) => [`##[group]${step}`, "##[endgroup]"]), ...end];
  return {
    status: 200,
    headers: { "content-type": "text/plain; charset=utf-8" },
    body: `\uFEFF${lines.map((line) => `${at} ${line}`).join("\n")}\n`,
  };
}

async function checkRuns(world: World, actions: Actions, visit: Visit): Promise<Answer> {
  const sha = await world.git.resolve(visit.params["ref"] ?? "");
  const found = actions.runs().filter((run) => run.headSha === sha);
  const ofActions = found.flatMap((run) => run.jobs.map((one) => checkRunPayload(world.site, run, one)));
  // `filter=latest`, which is the default: of each app and name the newest.
  const latest = new Map(world.checks.filter((check) => check.sha === sha).map((check) => [`${check.app.id} ${check.name}`, check]));
  const checks = [...ofActions, ...[...latest.values()].map((check) => appCheckPayload(world.site, check))];
  return paged(visit, checks, (page, total) => ({ total_count: total, check_runs: page }));
}

async function statusesOf(world: World, visit: Visit) {
  const sha = await world.git.resolve(visit.params["ref"] ?? "");
  return world.statuses.filter((status) => status.sha === sha);
}

async function combinedStatus(world: World, visit: Visit): Promise<Answer> {
  const sha = await world.git.resolve(visit.params["ref"] ?? "");
  if (sha === null) return notFound();
  const latest = [...new Map((await statusesOf(world, visit)).map((status) => [status.context, status])).values()];
  const bad = latest.some((status) => status.state === "failure" || status.state === "error");
  const state = bad ? "failure" : latest.length > 0 && latest.every((status) => status.state === "success") ? "success" : "pending";
  const url = `${repositoryUrl(world.site)}/commits/${sha}`;
  const statuses = latest.map((status) => commitStatusPayload(world.site, status));
  return json(200, {
    state,
    statuses,
    sha,
    total_count: latest.length,
    repository: minimalRepository(world.site),
    commit_url: url,
    url: `${url}/status`,
  });
}

async function createStatus(world: World, visit: Visit, statusSet: (status: CommitStatus) => void): Promise<Answer> {
  const body = bodyObject(visit);
  const state = asText(body?.["state"]) ?? "";
  const sha = await world.git.resolve(visit.params["sha"] ?? "");
  if (sha === null || sha !== visit.params["sha"]) return unprocessable(`No commit found for SHA: ${visit.params["sha"]}`);
  if (body === null || !["error", "failure", "pending", "success"].includes(state)) return unprocessable("Validation Failed", "state");
  const description = asText(body["description"]);
  if ((description?.length ?? 0) > 140) return unprocessable("description is too long (maximum is 140 characters)", "description");
  const context = asText(body["context"]) ?? "default";
  const status = { id: world.newId(), sha, state, context, description, targetUrl: asText(body["target_url"]), createdAt: new Date() };
  world.statuses.push(status);
  statusSet(status);
  return json(201, commitStatusPayload(world.site, status));
}

function route(method: string, path: string, answer: Route["answer"]): Route {
  return { method, path: `/repos/:owner/:repo${path}`, answer };
}
