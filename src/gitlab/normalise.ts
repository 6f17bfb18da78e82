import { z } from "zod";
import { filesLeft, filesOf } from "../domain/paths.ts";
import { parseSha } from "../domain/ids.ts";
import type { Sha } from "../domain/ids.ts";
import { branchOf } from "../domain/pipeline.ts";
import type { DeployedEvent, MergedEvent, PipelineEvent, PushEvent } from "../domain/pipeline.ts";
import * as field from "./fields.ts";
import { deploymentBody, jobBody, mergeRequestBody, pipelineBody, pushBody } from "./payloads.ts";
import type { PersonFields } from "./payloads.ts";
import { isOurMark, isTransient, jobChanged, pipelineChanged } from "./normalise-pipeline.ts";

export type Normalised =
  | { readonly kind: "events"; readonly events: readonly PipelineEvent[] }
  | { readonly kind: "ignored"; readonly reason: string };

/** GitLab lists no more commits of a push (docs.gitlab.com, webhook events). */
const MOST_COMMITS = 20;

const kindOf = z.object({ object_kind: z.string().regex(/^[a-z_]{1,64}$/) });

/**
 * What a delivery says, in our words. Never throws: what cannot be read is ignored, with the reason, and names no foreign text.
 * The body says what it is; the header that says so too is not signed.
 */
export function normaliseGitLab(body: Uint8Array): Normalised {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(body));
  } catch {
    // Nonsense or too deep a nesting; both are the sender's doing.
    return ignored("the body is not JSON that can be read");
  }
  const kind = kindOf.safeParse(parsed);
  if (!kind.success) return ignored("the body has no object_kind: a custom webhook template must keep it");
  switch (kind.data.object_kind) {
    case "pipeline":
      return read("pipeline", pipelineBody, parsed, (fields) =>
        isOurMark(fields.object_attributes) ? ignored("our own mark at a commit") : events(pipelineChanged(fields)),
      );
    case "build":
      return read("build", jobBody, parsed, (fields) => events(jobChanged(fields)));
    case "deployment":
      return read("deployment", deploymentBody, parsed, deploymentChanged);
    case "push":
      return read("push", pushBody, parsed, pushed);
    case "tag_push":
      return ignored("push of a tag");
    case "merge_request":
      return read("merge_request", mergeRequestBody, parsed, merged);
    default:
      return ignored(`${kind.data.object_kind} events are not used`);
  }
}

function read<Schema extends z.ZodType>(
  kind: string,
  schema: Schema,
  body: unknown,
  normalise: (fields: z.infer<Schema>) => Normalised,
): Normalised {
  const parsed = schema.safeParse(body);
  if (parsed.success) return normalise(parsed.data);
  const where = parsed.error.issues[0]?.path.join(".") ?? "";
  return ignored(`the body does not fit the event ${kind}${where === "" ? "" : `: ${where} is missing or has another form`}`);
}

const DEPLOYMENT_STATE = new Map<string, DeployedEvent["state"]>([
  ["running", "started"],
  ["success", "live"],
  ["failed", "failed"],
  ["canceled", "failed"],
]);

function deploymentChanged(fields: z.infer<typeof deploymentBody>): Normalised {
  const state = DEPLOYMENT_STATE.get(fields.status);
  if (state === undefined) return ignored("a deployment that has neither begun nor ended");
  const revision = revisionIn(fields.commit_url);
  // The body has only eight digits of the commit by themselves; the whole id is the end of its page's address.
  if (revision === null || !revision.startsWith(fields.short_sha)) {
    return ignored("the body does not fit the event deployment: commit_url does not end with the commit of short_sha");
  }
  if (fields.status_changed_at === null) return ignored("the body does not fit the event deployment: it has no date of our time");
  const event: DeployedEvent = {
    kind: "deployed",
    repository: fields.project.path_with_namespace,
    revision,
    externalId: fields.deployment_id,
    environment: fields.environment,
    tier: fields.environment_tier,
    state,
    transient: isTransient(fields.environment, fields.environment_tier),
    url: fields.environment_external_url,
    log: fields.deployable_url,
    by: personOf(fields.user),
    ours: null,
    workflowRun: null,
    at: fields.status_changed_at,
  };
  return events([event]);
}

function pushed(fields: z.infer<typeof pushBody>): Normalised {
  const name = branchOf(fields.ref);
  if (name === null) return ignored("push of something that is no branch");
  if (!field.branch.safeParse(name).success) return ignored("push of a branch whose name git does not allow");
  if (/^0{40}$/.test(fields.after)) return ignored("a branch was deleted");
  const after = parseSha(fields.after);
  if (after === null) return ignored("the body does not fit the event push: after is no full commit id");
  // GitLab does not say when it was pushed; its newest commit is what comes nearest.
  const at = fields.commits.findLast((commit) => commit.timestamp !== null)?.timestamp ?? null;
  if (at === null) return ignored("a push that brings no commits");
  const before = /^0{40}$/.test(fields.before) ? null : parseSha(fields.before);
  const { web_url: web } = fields.project;
  const event: PushEvent = {
    kind: "push",
    repository: fields.project.path_with_namespace,
    ref: fields.ref,
    // Where not all commits are listed, what was pushed upon what is not claimed: the list would pass for the whole of it.
    before: isWhole(fields) ? before : null,
    after,
    changes: fields.commits.map((commit) => ({
      revision: commit.id,
      title: commit.message,
      author: field.authorOf(commit.author?.name ?? null, commit.author?.email ?? null, null),
      url: commit.url,
      pullRequest: null,
      ...filesLeft(commit),
    })),
    pusher: field.authorOf(fields.user_name, fields.user_email, fields.user_username),
    compareUrl: web === null || before === null ? null : `${web}/-/compare/${before}...${after}`,
    files: filesOf(fields.commits, before !== null && isWhole(fields)),
    at,
  };
  return events([event]);
}

function isWhole({ commits, total_commits_count: total }: z.infer<typeof pushBody>): boolean {
  return total === null ? commits.length < MOST_COMMITS : total === commits.length;
}

function merged({ object_attributes: request, project, user }: z.infer<typeof mergeRequestBody>): Normalised {
  if (request.action !== "merge") return ignored("a merge request that was not merged now");
  const revision = request.merge_commit_sha ?? request.squash_commit_sha ?? request.last_commit?.id ?? null;
  if (revision === null || request.updated_at === null) {
    return ignored("the body does not fit the event merge_request: it names no commit or no date of our time");
  }
  const { author } = request.last_commit ?? { author: null };
  const event: MergedEvent = {
    kind: "merged",
    repository: project.path_with_namespace,
    number: request.iid,
    title: request.title,
    body: request.description,
    // Who opened it is a number only; who wrote its last commit has a name.
    author: field.authorOf(author?.name ?? null, author?.email ?? null, null),
    mergedBy: personOf(user),
    revision,
    url: request.url,
    at: request.updated_at,
  };
  return events([event]);
}

function revisionIn(url: string): Sha | null {
  return parseSha(/\/commits?\/([0-9a-f]{40})$/.exec(url)?.[1] ?? "");
}

function personOf(person: PersonFields) {
  return person === null ? null : field.authorOf(person.name, person.email, person.username);
}

function events(all: readonly PipelineEvent[]): Normalised {
  return { kind: "events", events: all };
}

function ignored(reason: string): Normalised {
  return { kind: "ignored", reason };
}
