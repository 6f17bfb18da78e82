import { ok } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import { failure } from "./failure.ts";
import type { SentryFailure } from "./failure.ts";
import type { Requester } from "./request.ts";
import { parsed } from "./scope.ts";
import type { SentryScope } from "./scope.ts";
import { DeployShape, DeploysShape, ReleaseShape } from "./shapes.ts";

export type ReleaseAnnouncement = {
  readonly release: string;
  readonly releasedAt: Date;
  /** Repository as Sentry knows it (`acme/shop`), for suspect commits; null: none is told. */
  readonly commits: { readonly repository: string; readonly commit: string; readonly previous: string | null } | null;
};

/** A revision has a handful of deploys; a server that always names a next page must not hold us. */
const MAX_PAGES = 10;

/** Creates the release, or finds it there already (208): both are success. */
export async function createRelease(
  requester: Requester,
  scope: SentryScope,
  announcement: ReleaseAnnouncement,
): Promise<Result<void, SentryFailure>> {
  const { commits } = announcement;
  const previous = commits === null || commits.previous === null ? {} : { previousCommit: commits.previous };
  const refs = commits === null ? {} : { refs: [{ repository: commits.repository, commit: commits.commit, ...previous }] };
  const body = { version: announcement.release, projects: [scope.project], dateReleased: announcement.releasedAt.toISOString(), ...refs };
  const answer = await requester.request({ method: "POST", path: ["organizations", scope.organization, "releases"], body });
  if (!answer.ok) return answer;
  const release = parsed(ReleaseShape, answer.value.body);
  return release?.version === announcement.release
    ? ok(undefined)
    : failure("nonsense", "Sentry answered with another release than it was told of");
}

/** Sentry would create a second deploy on each call, so ours is looked for first, by its name: the deployment's id. */
export async function ensureDeploy(
  requester: Requester,
  scope: SentryScope,
  deploy: { readonly release: string; readonly name: string; readonly startedAt: Date; readonly finishedAt: Date },
): Promise<Result<"created" | "found", SentryFailure>> {
  const path = ["organizations", scope.organization, "releases", deploy.release, "deploys"];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const listed = await requester.request({ method: "GET", path, query: cursor === null ? {} : { cursor } });
    if (!listed.ok) return listed;
    const deploys = parsed(DeploysShape, listed.value.body);
    if (deploys === null) return failure("nonsense", "Sentry's list of deploys has another shape than it documents");
    if (deploys.some((known) => known.name === deploy.name && known.environment === scope.environment)) return ok("found");
    cursor = listed.value.next;
    if (cursor === null) break;
  }
  const body = {
    environment: scope.environment,
    name: deploy.name,
    dateStarted: deploy.startedAt.toISOString(),
    dateFinished: deploy.finishedAt.toISOString(),
    projects: [scope.project],
  };
  const answer = await requester.request({ method: "POST", path, body });
  if (!answer.ok) return answer;
  // Newer servers answer with one deploy, some with a list of them.
  const created = parsed(DeployShape, answer.value.body) ?? parsed(DeploysShape, answer.value.body);
  return created === null ? failure("nonsense", "Sentry's answer to a new deploy has another shape than it documents") : ok("created");
}
