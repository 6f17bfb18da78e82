import { asText, bodyObject, json, startLoopback, type Answer, type JsonObject, type Route, type Visit } from "../../sandbox/loopback.ts";
import { statusOf, type Commit, type Deployment, type Job, type Pipeline, type Project, type Status } from "./project.ts";

/** GitLab's REST API over a project in memory, as strict as the real one: unknown parameters and impossible changes are refused. */

export const TOKEN = "glpat-not-real-1";

export type SeenRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly answer: Answer;
};

/** `before` answers in GitLab's place: failures, limits, pages of HTML. `perPage` makes pages small. */
export async function startGitLab(
  project: Project,
  options: { readonly before?: (visit: Visit, earlier: readonly SeenRequest[]) => Answer | null; readonly perPage?: number } = {},
) {
  const seen: SeenRequest[] = [];
  const loopback = await startLoopback({
    routes: routesOf(project, options.perPage ?? 100),
    before(visit) {
      const instead = options.before?.(visit, seen) ?? null;
      if (instead !== null) return instead;
      return visit.headers.authorization === `Bearer ${TOKEN}` ? null : json(401, { message: "401 Unauthorized" });
    },
    after(visit, answer) {
      seen.push({ method: visit.method, path: visit.path, query: visit.query, body: visit.body.toString(), answer });
      return answer;
    },
  });
  return { url: loopback.url, seen, [Symbol.asyncDispose]: () => loopback.close() };
}

function routesOf(project: Project, perPage: number): readonly Route[] {
  const base = "/api/v4/projects/:id";
  /** Only what the route knows is taken. */
  function route(method: string, path: string, known: readonly string[], answer: (visit: Visit) => Answer): Route {
    return {
      method,
      path: `${base}${path}`,
      answer(visit) {
        if (visit.params["id"] !== project.path) return missing("Project");
        const unknown = [...visit.query.keys()].filter((name) => !known.includes(name));
        return unknown.length > 0 ? json(400, { error: `${unknown.join(", ")} is not known here` }) : answer(visit);
      },
    };
  }
  const list = (method: string, path: string, known: readonly string[], items: (visit: Visit) => readonly unknown[] | null): Route =>
    route(method, path, [...known, "page", "per_page"], (visit) => {
      const found = items(visit);
      return found === null ? missing("Not") : paged(visit, found, perPage);
    });
  const pipelineIn = (visit: Visit): Pipeline | undefined => project.pipelines.find((one) => String(one.id) === visit.params["pipeline"]);
  return [
    route("GET", "", [], () => json(200, { id: 30, path_with_namespace: project.path, default_branch: "main" })),
    route("GET", "/repository/compare", ["from", "to", "straight"], (visit) => compared(project, visit)),
    list("GET", "/repository/commits", ["ref_name"], () => [...project.commits.values()].toReversed().map(commitJson)),
    route("GET", "/repository/commits/:sha", [], (visit) => commitOr404(project, visit, commitJson)),
    list("GET", "/repository/commits/:sha/merge_requests", [], (visit) =>
      project.commits.has(visit.params["sha"] ?? "") ? (project.mergeRequests.get(visit.params["sha"] ?? "") ?? []) : null,
    ),
    list("GET", "/repository/commits/:sha/statuses", ["ref", "name", "all"], (visit) => statusesOf(project, visit)),
    route("POST", "/statuses/:sha", [], (visit) => marked(project, visit)),
    list("GET", "/repository/branches", ["search"], (visit) => namedLike(project.branches, visit)),
    route("GET", "/repository/branches/:name", [], (visit) => namedOr404(project.branches, visit)),
    list("GET", "/repository/tags", ["search"], (visit) => namedLike(project.tags, visit)),
    route("GET", "/repository/tags/:name", [], (visit) => namedOr404(project.tags, visit)),
    route("GET", "/repository/files/:path", ["ref"], (visit) => fileOf(project, visit)),
    list("GET", "/pipelines", ["sha", "ref", "source"], (visit) => pipelinesOf(project, visit)),
    route("GET", "/pipelines/:pipeline", [], (visit) => {
      const found = pipelineIn(visit);
      return found === undefined ? missing("Pipeline") : json(200, pipelineJson(found));
    }),
    list("GET", "/pipelines/:pipeline/jobs", ["include_retried"], (visit) => {
      const found = pipelineIn(visit);
      const retried = visit.query.get("include_retried") === "true";
      return found === undefined
        ? null
        : found.jobs
            .filter((job) => retried || !job.retried)
            .toReversed()
            .map((job) => jobJson(job, found));
    }),
    list("GET", "/pipelines/:pipeline/bridges", [], (visit) => {
      const found = pipelineIn(visit);
      return found === undefined ? null : project.pipelines.filter((one) => one.parent?.pipeline === found.id).map(bridgeJson);
    }),
    route("GET", "/pipelines/:pipeline/test_report_summary", [], (visit) =>
      json(200, summaryOf(project.reports.get(pipelineIn(visit)?.id ?? 0))),
    ),
    route("GET", "/pipelines/:pipeline/test_report", [], (visit) => json(200, project.reports.get(pipelineIn(visit)?.id ?? 0) ?? NO_TESTS)),
    route("POST", "/pipeline", [], (visit) => startedPipeline(project, visit)),
    list("GET", "/deployments", ["environment", "order_by", "sort", "status"], (visit) => deploymentsOf(project, visit)),
    route("POST", "/deployments", [], (visit) => deployed(project, visit)),
    route("PUT", "/deployments/:deployment", [], (visit) => redeployed(project, visit)),
  ];
}

function missing(what: string): Answer {
  return json(404, { message: `404 ${what} Not Found` });
}

function paged(visit: Visit, items: readonly unknown[], most: number): Answer {
  const size = Math.min(most, Number(visit.query.get("per_page") ?? 20));
  const page = Number(visit.query.get("page") ?? 1);
  const next = page * size < items.length ? String(page + 1) : "";
  return json(200, items.slice((page - 1) * size, page * size), { "x-next-page": next, "ratelimit-remaining": "590" });
}

/** All that is reachable from a commit, itself too. */
function ancestry(project: Project, sha: string): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [sha];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (found.has(at)) continue;
    found.add(at);
    open.push(...(project.commits.get(at)?.parents ?? []));
  }
  return found;
}

function compared(project: Project, visit: Visit): Answer {
  const [from, to] = [visit.query.get("from") ?? "", visit.query.get("to") ?? ""];
  if (!project.commits.has(from) || !project.commits.has(to)) return missing("Ref");
  const known = ancestry(project, from);
  const beyond = ancestry(project, to);
  // The map keeps the order in which they were made.
  const commits = [...project.commits.values()].filter((one) => beyond.has(one.id) && !known.has(one.id)).map(commitJson);
  const diffs = [
    ...project.addedFiles.map((path) => diffJson({ was: null, now: path })),
    // GitLab names a file that is gone by its old path in both.
    ...project.changedFiles.map(diffJson),
  ];
  return json(200, { commit: commits.at(-1) ?? null, commits, diffs, compare_timeout: false, compare_same_ref: from === to });
}

function diffJson({ was, now }: { readonly was: string | null; readonly now: string | null }) {
  return {
    old_path: was ?? now,
    new_path: now ?? was,
    a_mode: was === null ? "0" : "100644",
    b_mode: now === null ? "0" : "100644",
    diff: "",
    new_file: was === null,
    renamed_file: was !== null && now !== null && was !== now,
    deleted_file: now === null,
  };
}

function commitJson(commit: Commit) {
  return {
    id: commit.id,
    short_id: commit.id.slice(0, 8),
    title: commit.message.split("\n", 1)[0],
    message: commit.message,
    author_name: commit.author,
    author_email: `${commit.author.toLowerCase()}@acme.test`,
    created_at: "2026-03-02T09:00:00.000Z",
    parent_ids: commit.parents,
    web_url: `https://git.acme.test/acme/web/shop/-/commit/${commit.id}`,
  };
}

function commitOr404(project: Project, visit: Visit, body: (commit: Commit) => unknown): Answer {
  const wanted = visit.params["sha"] ?? "";
  // A branch's or tag's name is taken, too, as GitLab does.
  const named = project.branches.get(wanted) ?? project.tags.get(wanted);
  const found = [...project.commits.values()].find((one) => one.id === named || (wanted.length >= 7 && one.id.startsWith(wanted)));
  return found === undefined ? missing("Commit") : json(200, body(found));
}

function refJson([name, id]: readonly [string, string]) {
  return { name, commit: { id, short_id: id.slice(0, 8) }, protected: false };
}

function namedOr404(refs: ReadonlyMap<string, string>, visit: Visit): Answer {
  const id = refs.get(visit.params["name"] ?? "");
  return id === undefined ? missing("Branch") : json(200, refJson([visit.params["name"] ?? "", id]));
}

function namedLike(refs: ReadonlyMap<string, string>, visit: Visit): readonly unknown[] {
  const wanted = (visit.query.get("search") ?? "").toLowerCase();
  return [...refs].filter(([name]) => name.toLowerCase().includes(wanted)).map(refJson);
}

function fileOf(project: Project, visit: Visit): Answer {
  const text = project.files.get(visit.params["path"] ?? "");
  if (text === undefined || !project.commits.has(visit.query.get("ref") ?? "")) return missing("File");
  return json(200, {
    file_path: visit.params["path"],
    size: Buffer.byteLength(text),
    encoding: "base64",
    content: Buffer.from(text).toString("base64"),
  });
}

/** Children are not listed unless one asks for them by their source; the newest comes first. */
function pipelinesOf(project: Project, visit: Visit): readonly unknown[] {
  const source = visit.query.get("source");
  return project.pipelines
    .filter((one) => one.sha === visit.query.get("sha") && (source === null ? one.parent === null : one.source === source))
    .toReversed()
    .map(({ id, sha, ref, ...one }) => ({
      id,
      iid: 3,
      project_id: 30,
      sha,
      ref,
      source: one.source,
      status: statusOf({ id, sha, ref, ...one }),
    }));
}

function pipelineJson(pipeline: Pipeline) {
  const { id, sha, ref, tag, source } = pipeline;
  return {
    id,
    iid: 3,
    project_id: 30,
    sha,
    ref,
    tag,
    source,
    status: statusOf(pipeline),
    created_at: pipeline.created_at.toISOString(),
    started_at: pipeline.created_at.toISOString(),
    finished_at: pipeline.finished_at?.toISOString() ?? null,
    web_url: `https://git.acme.test/acme/web/shop/-/pipelines/${id}`,
  };
}

function jobJson(job: Job, pipeline: Pipeline) {
  const { id, name, stage, status, allow_failure: allowed } = job;
  return {
    id,
    name,
    stage,
    status,
    allow_failure: allowed,
    created_at: job.created_at.toISOString(),
    started_at: job.started_at?.toISOString() ?? null,
    finished_at: job.finished_at?.toISOString() ?? null,
    ref: pipeline.ref,
    tag: pipeline.tag,
    web_url: `https://git.acme.test/acme/web/shop/-/jobs/${id}`,
  };
}

function bridgeJson(child: Pipeline) {
  const downstream = { id: child.id, project_id: 30, sha: child.sha, ref: child.ref, status: statusOf(child) };
  return {
    id: child.parent?.bridge,
    name: "children",
    stage: "test",
    status: "success",
    allow_failure: false,
    downstream_pipeline: downstream,
  };
}

/** On the branch's head, with variables of these two fields each. */
function startedPipeline(project: Project, visit: Visit): Answer {
  const body = bodyObject(visit);
  const ref = asText(body?.["ref"]);
  const sha = project.branches.get(ref ?? "");
  const variables: unknown = body?.["variables"] ?? [];
  const isRight = Array.isArray(variables) && variables.every((one) => Object.keys(Object(one)).toSorted().join() === "key,value");
  if (ref === null || sha === undefined || !isRight) return json(400, { message: { base: ["Reference not found"] } });
  return json(201, pipelineJson(project.run({ sha, ref, source: "api", jobs: ["acceptance"] })));
}

const NO_TESTS: JsonObject = { total_count: 0, success_count: 0, failed_count: 0, skipped_count: 0, error_count: 0, test_suites: [] };

function summaryOf(report: JsonObject = NO_TESTS) {
  const count = (name: string): unknown => report[`${name}_count`];
  return {
    total: {
      time: 0,
      count: count("total"),
      success: count("success"),
      failed: count("failed"),
      skipped: count("skipped"),
      error: count("error"),
    },
    test_suites: [],
  };
}

function statusesOf(project: Project, visit: Visit): readonly Status[] | null {
  if (!project.commits.has(visit.params["sha"] ?? "")) return null;
  const [ref, name] = [visit.query.get("ref"), visit.query.get("name")];
  const found = project.statuses.filter((one) => one.sha === visit.params["sha"] && (ref === null || one.ref === ref));
  const latest = found.filter((one) => !found.some((other) => other.name === one.name && other.id > one.id));
  return latest.filter((one) => name === null || one.name === name);
}

/** Under a ref that no pipeline of CI has, it is a pipeline of its own; else it would be one more job of CI's. */
function marked(project: Project, visit: Visit): Answer {
  const body = bodyObject(visit);
  const sha = visit.params["sha"] ?? "";
  const [state, ref, name] = [asText(body?.["state"]), asText(body?.["ref"]), asText(body?.["name"])];
  if (!project.commits.has(sha)) return missing("Commit");
  if (state === null || !["pending", "running", "success", "failed", "canceled"].includes(state))
    return json(400, { error: "state is invalid" });
  if (ref === null || project.pipelines.some((one) => one.sha === sha && one.ref === ref && one.source !== "external")) {
    return json(400, { message: "this test wants no mark among CI's own jobs" });
  }
  if (!project.pipelines.some((one) => one.sha === sha && one.ref === ref)) project.run({ sha, ref, source: "external", jobs: [] });
  const description = asText(body?.["description"]) ?? "";
  // A mark that has not ended is the one that is changed, by a state machine that knows no way from a state to itself.
  const open = project.statuses.findLast((one) => one.sha === sha && one.ref === ref && one.name === (name ?? "default"));
  const isOpen = open?.status === "pending" || open?.status === "running";
  if (isOpen && (state === "pending" || state === open.status)) {
    const by = state === "pending" ? "enqueue" : "run";
    const why = `Cannot transition status via :${by} from :${open.status} (Reason(s): Status cannot transition via "${by}")`;
    return json(400, { message: why });
  }
  if (isOpen) project.statuses.splice(project.statuses.indexOf(open), 1);
  const status = {
    id: isOpen ? open.id : project.nextId(),
    sha,
    ref,
    name: name ?? "default",
    status: state,
    description,
    target_url: asText(body?.["target_url"]),
  };
  project.statuses.push(status);
  return json(201, status);
}

function deploymentsOf(project: Project, visit: Visit): readonly unknown[] {
  const environment = visit.query.get("environment");
  const found = project.deployments.filter((one) => environment === null || one.environment === environment);
  return (visit.query.get("sort") === "desc" ? found.toReversed() : found).map(deploymentJson);
}

function deploymentJson(deployment: Deployment) {
  const { id, sha, status, environment, created_at: created } = deployment;
  return {
    id,
    iid: 1,
    ref: sha,
    sha,
    status,
    created_at: created.toISOString(),
    environment: { id: 9, name: environment },
    deployable: null,
  };
}

const DEPLOYMENT = ["running", "success", "failed", "canceled"];

function deployed(project: Project, visit: Visit): Answer {
  const body = bodyObject(visit);
  const [environment, sha, ref, status] = ["environment", "sha", "ref", "status"].map((name) => asText(body?.[name]));
  if (!environment || !sha || !ref || typeof body?.["tag"] !== "boolean")
    return json(400, { error: "environment, sha, ref and tag are required" });
  if (!status || !DEPLOYMENT.includes(status)) return json(400, { error: "status does not have a valid value" });
  const isRef = project.branches.has(ref) || project.tags.has(ref) || project.commits.has(ref);
  if (!isRef || !project.commits.has(sha)) return json(400, { message: { ref: ["The branch or tag does not exist"] } });
  const made = { id: project.nextId(), sha, environment, status, created_at: new Date() };
  project.deployments.push(made);
  return json(201, deploymentJson(made));
}

function redeployed(project: Project, visit: Visit): Answer {
  const found = project.deployments.find((one) => String(one.id) === visit.params["deployment"]);
  const status = asText(bodyObject(visit)?.["status"]);
  if (found === undefined) return missing("Deployment");
  // GitLab's state machine: what has ended stays, and nothing becomes what it is.
  if (status === null || !DEPLOYMENT.includes(status) || found.status !== "running" || status === "running") {
    return json(400, { message: "Cannot transition status" });
  }
  found.status = status;
  return json(200, deploymentJson(found));
}
