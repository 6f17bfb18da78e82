import type { z } from "zod";
import { parseSha } from "../domain/ids.ts";
import type { Sha } from "../domain/ids.ts";
import type { Author } from "../domain/people.ts";
import { branchOf } from "../domain/pipeline.ts";
import type { JobEvent, PipelineEvent, PushEvent, WorkflowEvent } from "../domain/pipeline.ts";
import * as field from "./fields.ts";
import { pushBody, workflowJobBody, workflowRunBody } from "./payloads.ts";
import { stageStatus, stageTimes } from "./status.ts";

export type Normalised =
  | { readonly kind: "events"; readonly events: readonly PipelineEvent[] }
  | { readonly kind: "ping" }
  | { readonly kind: "ignored"; readonly reason: string };

/** GitHub's own maximum for one push. */
const MOST_COMMITS = 2048;

/** What a delivery says, in our words. Never throws: what cannot be read is ignored, with the reason, and names no foreign text. */
export function normaliseGitHub(event: string, body: Uint8Array): Normalised {
  switch (event) {
    case "ping":
      return { kind: "ping" };
    case "push":
      return read(event, pushBody, body, pushed);
    case "workflow_run":
      return read(event, workflowRunBody, body, workflowChanged);
    case "workflow_job":
      return read(event, workflowJobBody, body, jobChanged);
    default:
      return ignored(/^[a-z_]{1,64}$/.test(event) ? `${event} events are not used` : "the event has no name we know");
  }
}

function read<Schema extends z.ZodType>(
  event: string,
  schema: Schema,
  body: Uint8Array,
  normalise: (fields: z.infer<Schema>) => Normalised,
): Normalised {
  try {
    const parsed = schema.safeParse(JSON.parse(new TextDecoder().decode(body)));
    if (parsed.success) return normalise(parsed.data);
    const where = parsed.error.issues[0]?.path.join(".") ?? "";
    return ignored(`the body does not fit the event ${event}${where === "" ? "" : `: ${where} is missing or has another form`}`);
  } catch {
    // JSON.parse and deep nesting are the only ways to get here; both are the sender's doing.
    return ignored(`the body of the event ${event} is not JSON that can be read`);
  }
}

function pushed(fields: z.infer<typeof pushBody>): Normalised {
  const branch = branchOf(fields.ref);
  if (branch === null) return ignored(fields.ref.startsWith("refs/tags/") ? "push of a tag" : "push of something that is no branch");
  if (!field.branch.safeParse(branch).success) return ignored("push of a branch whose name git does not allow");
  if (fields.deleted || /^0{40}$/.test(fields.after)) return ignored("a branch was deleted");
  const after = parseSha(fields.after);
  if (after === null) return ignored("the body does not fit the event push: after is no full commit id");
  const at = pushedAt(fields.repository.pushed_at) ?? fields.head_commit?.timestamp ?? null;
  if (at === null) return ignored("the body does not fit the event push: it has no date of our time");
  const event: PushEvent = {
    kind: "push",
    repository: fields.repository.full_name,
    ref: fields.ref,
    before: commitBefore(fields.before),
    after,
    changes: fields.commits.slice(-MOST_COMMITS).map((commit) => ({
      revision: commit.id,
      title: commit.message,
      author: authorOf(commit.author.name, commit.author.email, commit.author.username),
      url: commit.url,
      pullRequest: null,
    })),
    // `sender` is who GitHub authenticated; `pusher.name` is that login too, unless a deploy key pushed.
    pusher: authorOf(fields.pusher.name, fields.pusher.email, fields.sender?.login ?? null),
    compareUrl: fields.compare,
    at,
  };
  return { kind: "events", events: [event] };
}

function workflowChanged({ repository, workflow, workflow_run: run }: z.infer<typeof workflowRunBody>): Normalised {
  const path = run.path ?? workflow?.path ?? null;
  const event: WorkflowEvent = {
    kind: "workflow",
    provider: "github",
    repository: repository.full_name,
    workflowRun: run.id,
    attempt: run.run_attempt,
    name: run.name ?? workflow?.name ?? path ?? "workflow",
    path: withoutRef(path),
    trigger: run.event,
    branch: run.head_branch,
    tag: isTagRun(path),
    // Ids, not names: a repository can be renamed, and a name taken over.
    ownRepository: run.head_repository?.id === repository.id,
    revision: run.head_sha,
    status: stageStatus(run.status ?? "", run.conclusion),
    reopens: false,
    parent: null,
    url: run.html_url,
    startedAt: run.run_started_at,
    updatedAt: run.updated_at,
  };
  return { kind: "events", events: [event] };
}

function jobChanged({ repository, workflow_job: job }: z.infer<typeof workflowJobBody>): Normalised {
  const status = stageStatus(job.status, job.conclusion);
  const event: JobEvent = {
    kind: "job",
    repository: repository.full_name,
    workflowRun: job.run_id,
    attempt: job.run_attempt,
    job: job.id,
    name: job.name,
    stage: null,
    workflowName: job.workflow_name,
    branch: job.head_branch,
    revision: job.head_sha,
    status,
    allowFailure: false,
    reopens: false,
    url: job.html_url,
    ...stageTimes(status, job),
    updatedAt: updatedAt(job),
  };
  return { kind: "events", events: [event] };
}

/** `.github/workflows/ci.yml@refs/heads/main`: the file alone is what a rule names. */
export function withoutRef(path: string | null): string | null {
  return path?.split("@", 1)[0] ?? null;
}

/** The path's ref, where it has one, tells a tag from a branch of the same name. */
export function isTagRun(path: string | null): boolean {
  return path?.split("@", 2)[1]?.startsWith("refs/tags/") ?? false;
}

/** A job's body has no time of its own change: the latest one in it is. */
export function updatedAt(times: { readonly started_at: Date | null; readonly completed_at: Date | null }): Date {
  return times.completed_at ?? times.started_at ?? new Date(0);
}

/** The login stands in for a missing name. `slackId` is found later, from the e-mail or the mapping of people. */
export function authorOf(name: string | null, email: string | null, login: string | null): Author {
  return { name: name ?? login ?? email ?? "unknown", email, login, slackId: null };
}

function pushedAt(value: number | string | null): Date | null {
  if (value === null) return null;
  const at = new Date(typeof value === "number" ? value * 1000 : value);
  return field.isPlausible(at) ? at : null;
}

function commitBefore(text: string): Sha | null {
  return /^0{40}$/.test(text) ? null : parseSha(text);
}

function ignored(reason: string): Normalised {
  return { kind: "ignored", reason };
}
