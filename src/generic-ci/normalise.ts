import type { Author } from "../domain/people.ts";
import type { ImageEvent, JobEvent, PipelineEvent, PushEvent, StageStatus, TestsEvent, WorkflowEvent } from "../domain/pipeline.ts";
import { ciBody, fieldFault, type CiBody } from "./body.ts";

export type Normalised =
  | { readonly kind: "events"; readonly events: readonly PipelineEvent[] }
  | { readonly kind: "ignored"; readonly reason: string };

type ReadCi =
  | { readonly ok: true; readonly body: CiBody }
  | { readonly ok: false; readonly fault: { readonly field: string; readonly says: string } };

/** How many names of failed tests are kept. */
const MOST_FAILURES = 5;

const STATUS: Readonly<Record<CiBody["build"]["status"], StageStatus>> = {
  queued: "queued",
  running: "running",
  success: "passed",
  failed: "failed",
  canceled: "cancelled",
  skipped: "skipped",
};

/** What the event is called where the moment of the message is signed with it, and where the body alone is. */
export const BUILD = "build";
export const BUILD_ALONE = "build, no moment signed";

/** What a message says, in our words. Never throws. `headers`: as they were stored. */
export function normaliseCi(event: string, body: Uint8Array, headers: Readonly<Record<string, string>>): Normalised {
  const read = readCi(body);
  if (!read.ok) return { kind: "ignored", reason: read.fault.says };
  const at = read.body.at ?? (event === BUILD ? signedAt(headers) : null) ?? lastOf(read.body);
  const workflow = workflowOf(read.body, at);
  const push = pushOf(read.body, workflow, at);
  const jobs = read.body.stages.map((stage) => jobOf(read.body, workflow, stage, at));
  const tests = testsOf(read.body, workflow, at);
  return {
    kind: "events",
    events: [...(push === null ? [] : [push]), workflow, ...jobs, ...(tests === null ? [] : [tests]), ...imagesOf(read.body, at)],
  };
}

/** The body, or the first thing that is wrong with it. Never throws. */
export function readCi(body: Uint8Array): ReadCi {
  try {
    const parsed = ciBody.safeParse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)));
    return parsed.success ? { ok: true, body: parsed.data } : { ok: false, fault: fieldFault(parsed.error) };
  } catch {
    return { ok: false, fault: { field: "the body", says: "the body must be JSON in UTF-8" } };
  }
}

function workflowOf({ provider, project, build, pull_request: pullRequest }: CiBody, at: Date): WorkflowEvent {
  const isPull = build.event === "pull_request" || (pullRequest !== null && pullRequest !== undefined);
  return {
    kind: "workflow",
    provider: "ci",
    repository: project,
    workflowRun: build.id,
    attempt: build.attempt,
    name: provider,
    path: null,
    trigger: isPull ? "pull_request" : build.event === "manual" ? "workflow_dispatch" : build.event,
    branch: build.branch ?? null,
    tag: build.event === "tag",
    // A pull request may come from anybody's fork, and nothing here can be asked which.
    ownRepository: !isPull,
    reopens: true,
    parent: null,
    revision: build.sha,
    status: STATUS[build.status],
    url: build.url ?? pullRequest?.url ?? null,
    startedAt: build.started_at ?? null,
    updatedAt: at,
  };
}

function jobOf(body: CiBody, workflow: WorkflowEvent, stage: CiBody["stages"][number], at: Date): JobEvent {
  return {
    kind: "job",
    repository: workflow.repository,
    workflowRun: workflow.workflowRun,
    attempt: workflow.attempt,
    job: stage.id ?? stage.name,
    name: stage.name,
    stage: null,
    workflowName: workflow.name,
    branch: workflow.branch,
    revision: workflow.revision,
    status: STATUS[stage.status],
    allowFailure: stage.allow_failure,
    reopens: true,
    url: stage.url ?? null,
    startedAt: stage.started_at ?? null,
    finishedAt: stage.finished_at ?? null,
    updatedAt: at,
  };
}

/** The one commit that is told of: what else came with it nobody knows here, so that nothing is said to be before it. */
function pushOf({ build, commit }: CiBody, workflow: WorkflowEvent, at: Date): PushEvent | null {
  if (commit === null || commit === undefined || workflow.trigger !== "push" || workflow.branch === null) return null;
  const author = authorOf(commit.author);
  return {
    kind: "push",
    repository: workflow.repository,
    ref: `refs/heads/${workflow.branch}`,
    before: null,
    after: workflow.revision,
    changes: [{ revision: workflow.revision, title: commit.message, author, url: null, pullRequest: null }],
    pusher: author,
    compareUrl: null,
    at: build.started_at ?? at,
  };
}

function testsOf({ tests }: CiBody, workflow: WorkflowEvent, at: Date): TestsEvent | null {
  if (tests === null || tests === undefined) return null;
  return {
    kind: "tests",
    repository: workflow.repository,
    revision: workflow.revision,
    workflowRun: workflow.workflowRun,
    attempt: workflow.attempt,
    job: null,
    total: tests.total,
    failed: tests.failed,
    skipped: tests.skipped,
    flaky: tests.flaky,
    failures: tests.failures.slice(0, MOST_FAILURES).map((failure) => ({
      name: failure.suite === null || failure.suite === undefined ? failure.name : `${failure.suite}: ${failure.name}`,
      file: failure.file ?? null,
      line: failure.line ?? null,
      flaky: failure.flaky,
    })),
    url: tests.url ?? workflow.url,
    at,
  };
}

function imagesOf({ project, build, artifacts }: CiBody, at: Date): readonly ImageEvent[] {
  return artifacts.flatMap(({ kind, ref, digest }): readonly ImageEvent[] => {
    if (kind === "file") return [];
    const named = ref.split("@", 1)[0] ?? ref;
    const colon = named.lastIndexOf(":");
    // A colon before the last slash is a port's.
    const tagged = colon > named.lastIndexOf("/");
    return [
      {
        kind: "image",
        repository: project,
        image: tagged ? named.slice(0, colon) : named,
        tag: tagged ? named.slice(colon + 1) : null,
        digest,
        revision: build.sha,
        at,
      },
    ];
  });
}

function authorOf(author: NonNullable<CiBody["commit"]>["author"]): Author {
  if (typeof author !== "string") return { name: author.name, email: author.email ?? null, login: null, slackId: null };
  const [, name, email] = /^(.+?)\s*<([^<>\s@]+@[^<>\s@]+)>$/.exec(author) ?? [];
  return { name: name ?? author, email: email ?? null, login: null, slackId: null };
}

function signedAt(headers: Readonly<Record<string, string>>): Date | null {
  const timestamp = headers["webhook-timestamp"];
  return timestamp !== undefined && /^\d{1,12}$/.test(timestamp) ? new Date(Number(timestamp) * 1000) : null;
}

/** Nobody signed a moment: the latest that is told of. None at all: then, as between two of one moment, the further status counts. */
function lastOf({ build, stages }: CiBody): Date {
  const told = [build, ...stages]
    .flatMap((part) => [part.started_at, part.finished_at])
    .flatMap((at) => (at instanceof Date ? [at.getTime()] : []));
  return new Date(Math.max(Date.UTC(2000, 0), ...told));
}
