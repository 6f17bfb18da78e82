import type { Answer, JsonObject, Route, Visit } from "../loopback.ts";
import { asText, bodyObject, json } from "../loopback.ts";
import type { Deployment, DeploymentStatus } from "./deployments.ts";
import { DESCRIPTION_MAX_CHARACTERS, deploymentPayload, deploymentStates, deploymentStatusPayload, endedBy } from "./deployments.ts";
import { notFound, paged, unprocessable } from "./replies.ts";
import type { Actions } from "./workflows.ts";
import type { World } from "./world.ts";

/** Deployments and their statuses; `succeeded` hears of each status `success`. */
export function deploymentRoutes(world: World, actions: Actions, succeeded: (deployment: Deployment) => void): Route[] {
  const one = (visit: Visit, answer: (deployment: Deployment) => Answer): Answer => {
    const found = world.deployments.find((deployment) => String(deployment.id) === visit.params["id"]);
    return found === undefined ? notFound() : answer(found);
  };
  const status = (deployment: Deployment) => (value: DeploymentStatus) => deploymentStatusPayload(world.site, deployment, value);
  return [
    route("POST", "", (visit) => create(world, actions, visit)),
    route("GET", "", (visit) =>
      paged(visit, matching(world, visit.query), (page) => page.map((item) => deploymentPayload(world.site, item))),
    ),
    route("GET", "/:id", (visit) => one(visit, (found) => json(200, deploymentPayload(world.site, found)))),
    route("GET", "/:id/statuses", (visit) =>
      one(visit, (found) => paged(visit, found.statuses.toReversed(), (page) => page.map(status(found)))),
    ),
    route("POST", "/:id/statuses", (visit) => one(visit, (found) => addStatus(world, found, visit, succeeded))),
  ];
}

function matching(world: World, query: URLSearchParams): Deployment[] {
  const same = (name: string, value: string) => (query.get(name) ?? value) === value;
  return world.deployments
    .filter((one) => same("sha", one.sha) && same("ref", one.ref) && same("task", one.task) && same("environment", one.environment))
    .toReversed();
}

async function create(world: World, actions: Actions, visit: Visit): Promise<Answer> {
  const body = bodyObject(visit);
  const ref = asText(body?.["ref"]);
  if (body === null || ref === null) return unprocessable('Invalid request.\n\n"ref" wasn\'t supplied.', "ref");
  const sha = await world.git.resolve(ref);
  if (sha === null) return unprocessable(`No ref found for: ${ref}`, "ref");
  const merge = await conflictOfAutoMerge(world, body, ref, sha);
  if (merge !== null) return json(409, { message: merge, status: "409" });
  const missing = failingContexts(world, actions, sha, body["required_contexts"]);
  if (missing.length > 0)
    return json(409, { message: `Conflict: Commit status checks failed for ${ref}.`, errors: missing, status: "409" });
  const environment = asText(body["environment"]) ?? "production";
  const deployment: Deployment = {
    id: world.newId(),
    sha,
    ref,
    task: asText(body["task"]) ?? "deploy",
    payload: body["payload"] ?? {},
    environment,
    description: asText(body["description"]),
    transient: body["transient_environment"] === true,
    production: body["production_environment"] === undefined ? environment === "production" : body["production_environment"] === true,
    createdAt: new Date(),
    statuses: [],
  };
  world.deployments.push(deployment);
  return json(201, deploymentPayload(world.site, deployment));
}

/** Unless switched off, GitHub first merges the default branch into `ref`; a bare commit id that is behind cannot take it. */
async function conflictOfAutoMerge(world: World, body: JsonObject, ref: string, sha: string): Promise<string | null> {
  if (body["auto_merge"] === false || ref === "main") return null;
  return (await world.git.count(`${sha}..main`)) === 0 ? null : `Conflict merging main into ${ref}.`;
}

/** `required_contexts` absent means every context there is; `[]` asks for none. */
function failingContexts(world: World, actions: Actions, sha: string, required: unknown): JsonObject[] {
  const states = new Map<string, string>();
  for (const status of world.statuses.filter((one) => one.sha === sha)) states.set(status.context, status.state);
  for (const job of actions.runs().flatMap((run) => (run.headSha === sha ? run.jobs : [])))
    states.set(job.name, job.conclusion ?? "pending");
  const contexts = Array.isArray(required) ? required.map(String) : [...states.keys()];
  const failing = contexts.filter((context) => states.get(context) !== "success");
  if (failing.length === 0) return [];
  const described = [...states].map(([context, state]) => ({ context, state }));
  return [{ contexts: described, resource: "Deployment", field: "required_contexts", code: "invalid" }];
}

function addStatus(world: World, deployment: Deployment, visit: Visit, succeeded: (deployment: Deployment) => void): Answer {
  const body = bodyObject(visit);
  const state = asText(body?.["state"]) ?? "";
  if (body === null || !deploymentStates.includes(state)) return unprocessable("Validation Failed", "state");
  const description = asText(body["description"]) ?? "";
  if (description.length > DESCRIPTION_MAX_CHARACTERS)
    return unprocessable("description is too long (maximum is 140 characters)", "description");
  const status: DeploymentStatus = {
    id: world.newId(),
    state,
    description,
    environment: asText(body["environment"]) ?? deployment.environment,
    environmentUrl: asText(body["environment_url"]) ?? "",
    logUrl: asText(body["log_url"]) ?? asText(body["target_url"]) ?? "",
    createdAt: new Date(),
  };
  deployment.statuses.push(status);
  if (state === "success" && body["auto_inactive"] !== false) {
    for (const older of endedBy(world.deployments, deployment))
      older.statuses.push({ ...status, id: world.newId(), state: "inactive", description: "" });
  }
  if (state === "success") succeeded(deployment);
  return json(201, deploymentStatusPayload(world.site, deployment, status));
}

function route(method: string, path: string, answer: Route["answer"]): Route {
  return { method, path: `/repos/:owner/:repo/deployments${path}`, answer };
}
