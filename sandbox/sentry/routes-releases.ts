import type { Answer, JsonObject, Route, Visit } from "../loopback.ts";
import { asText, bodyObject, json } from "../loopback.ts";
import type { SentrySite } from "./payloads.ts";
import { deployPayload, projectPayload, releasePayload } from "./payloads.ts";
import { cursored } from "./scope.ts";
import type { Release, SentryStore } from "./store.ts";

/** Sentry's limits for a deploy's environment and a release's version. */
const ENVIRONMENT_MAX_CHARACTERS = 64;
const VERSION_MAX_CHARACTERS = 250;

/** Releases, deploys and projects. */
export function releaseRoutes(site: SentrySite, store: SentryStore): Route[] {
  const route = (method: string, path: string, answer: Route["answer"]): Route => ({
    method,
    path: `/api/0/organizations/${site.org}${path}`,
    answer,
  });
  const ofRelease = (answer: (visit: Visit, release: Release) => Answer) => (visit: Visit) => {
    const release = store.releases.get(visit.params["version"] ?? "");
    return release === undefined ? json(404, { detail: "The requested resource does not exist" }) : answer(visit, release);
  };
  return [
    route("GET", "/projects", (visit) => cursored(visit, [site], () => projectPayload(site, store))),
    route("POST", "/releases", (visit) => createRelease(site, store, visit)),
    route("GET", "/releases", (visit) => {
      const query = visit.query.get("query") ?? "";
      const found = byNewest(store.releases.values()).filter((release) => release.version.startsWith(query));
      return cursored(visit, found, (release) => releasePayload(site, store, release));
    }),
    route(
      "GET",
      "/releases/:version",
      ofRelease((_, release) => json(200, releasePayload(site, store, release))),
    ),
    route(
      "PUT",
      "/releases/:version",
      ofRelease((visit, release) => updateRelease(site, store, visit, release)),
    ),
    route(
      "GET",
      "/releases/:version/commits",
      ofRelease((visit) => cursored(visit, [], () => null)),
    ),
    route(
      "GET",
      "/releases/:version/deploys",
      ofRelease((visit, release) => cursored(visit, byNewest(release.deploys), deployPayload)),
    ),
    route(
      "POST",
      "/releases/:version/deploys",
      ofRelease((visit, release) => createDeploy(store, visit, release)),
    ),
  ];
}

function createRelease(site: SentrySite, store: SentryStore, visit: Visit): Answer {
  const body = bodyObject(visit);
  const version = asText(body?.["version"]) ?? "";
  const fault = body === null ? { detail: "JSON parse error" } : faultOf(site, version, body);
  if (body === null || fault !== null) return json(400, fault);
  const known = store.releases.get(version);
  const release =
    known ?? store.addRelease(version, { url: asText(body["url"]), ref: asText(body["ref"]), released: timeOf(body["dateReleased"]) });
  release.commitCount = Math.max(release.commitCount, lengthOf(body["commits"]) || lengthOf(body["refs"]));
  return json(known === undefined ? 201 : 208, releasePayload(site, store, release));
}

function faultOf(site: SentrySite, version: string, body: JsonObject): JsonObject | null {
  if (version === "" || version.length > VERSION_MAX_CHARACTERS || /[\n\r\t/\\]/.test(version) || /^\.{1,2}$|^latest$/.test(version)) {
    return { version: [version === "" ? "This field is required." : "Invalid release version."] };
  }
  const projects = body["projects"];
  if (!Array.isArray(projects) || projects.length === 0) return { projects: ["This field is required."] };
  const unknown = projects.find((slug) => slug !== site.project.slug);
  return unknown === undefined ? null : { projects: [`Invalid project slugs: ${String(unknown)}`] };
}

function updateRelease(site: SentrySite, store: SentryStore, visit: Visit, release: Release): Answer {
  release.released = timeOf(bodyObject(visit)?.["dateReleased"]) ?? release.released;
  return json(200, releasePayload(site, store, release));
}

function createDeploy(store: SentryStore, visit: Visit, release: Release): Answer {
  const body = bodyObject(visit);
  const environment = asText(body?.["environment"]) ?? "";
  if (body === null || environment === "") return json(400, { environment: ["This field is required."] });
  if (environment.length > ENVIRONMENT_MAX_CHARACTERS)
    return json(400, { environment: ["Ensure this field has no more than 64 characters."] });
  const finished = timeOf(body["dateFinished"]) ?? store.now();
  const deploy = store.addDeploy(release, {
    environment,
    name: asText(body["name"]),
    url: asText(body["url"]),
    started: timeOf(body["dateStarted"]),
    finished,
  });
  return json(201, deployPayload(deploy));
}

function timeOf(value: unknown): Date | null {
  const time = new Date(asText(value) ?? Number.NaN);
  return Number.isNaN(time.getTime()) ? null : time;
}

const lengthOf = (value: unknown) => (Array.isArray(value) ? value.length : 0);

function byNewest<T>(items: Iterable<T>): T[] {
  return [...items].toReversed();
}
