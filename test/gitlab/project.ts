import { createHash } from "node:crypto";

/** A project as GitLab keeps it, in memory: commits, refs, pipelines with jobs that are tried again, and what was told from outside. */

export type Job = {
  readonly id: number;
  readonly name: string;
  readonly stage: string;
  readonly allow_failure: boolean;
  readonly created_at: Date;
  status: string;
  started_at: Date | null;
  finished_at: Date | null;
  /** Tried again since: GitLab lists it only when asked. */
  retried: boolean;
};

export type Pipeline = {
  readonly id: number;
  readonly sha: string;
  readonly ref: string;
  readonly tag: boolean;
  readonly source: string;
  readonly parent: { readonly pipeline: number; readonly bridge: number } | null;
  readonly created_at: Date;
  finished_at: Date | null;
  readonly jobs: Job[];
};

export type Commit = { readonly id: string; readonly parents: readonly string[]; readonly message: string; readonly author: string };

export type Deployment = {
  readonly id: number;
  readonly sha: string;
  readonly environment: string;
  readonly created_at: Date;
  status: string;
};

export type Status = {
  readonly id: number;
  readonly sha: string;
  readonly ref: string;
  readonly name: string;
  readonly status: string;
  readonly description: string;
  readonly target_url: string | null;
};

export type Project = ReturnType<typeof createProject>;

const ENDED = ["success", "failed", "canceled", "skipped"];

export function createProject(path: string) {
  let clock = Date.parse("2026-03-02T09:00:00Z");
  let lastId = 7_000_000_000;
  const commits = new Map<string, Commit>();
  const branches = new Map<string, string>();
  const tags = new Map<string, string>();
  const pipelines: Pipeline[] = [];
  /** A minute passes with all that happens. */
  const now = (): Date => new Date((clock += 60_000));
  const nextId = (): number => (lastId += 1);

  function job(pipeline: Pipeline, name: string): Job {
    const found = pipeline.jobs.find((one) => one.name === name && !one.retried);
    if (found === undefined) throw new Error(`pipeline ${pipeline.id} has no job ${name}`);
    return found;
  }

  return {
    path,
    commits,
    branches,
    tags,
    pipelines,
    deployments: [] as Deployment[],
    statuses: [] as Status[],
    /** By commit. */
    mergeRequests: new Map<string, readonly Readonly<Record<string, unknown>>[]>(),
    /** By pipeline: GitLab's answer to `test_report`. */
    reports: new Map<number, Readonly<Record<string, unknown>>>(),
    /** By path: text of a file in every commit. */
    files: new Map<string, string>(),
    /** Files that any comparison says were added. */
    addedFiles: [] as string[],
    /** Files that any comparison says were changed; `was`: the name before; `now` null: they were deleted. */
    changedFiles: [] as { readonly was: string; readonly now: string | null }[],
    nextId,
    commit(message: string, parents: readonly string[] = [], author = "Ann"): string {
      const id = createHash("sha1").update(`${message} ${parents.join()}`).digest("hex");
      commits.set(id, { id, parents, message, author });
      return id;
    },
    run(of: {
      readonly sha: string;
      readonly jobs: readonly (string | { readonly name: string; readonly stage: string; readonly allowFailure?: boolean })[];
      readonly ref?: string;
      readonly tag?: boolean;
      readonly source?: string;
      readonly parent?: Pipeline;
    }): Pipeline {
      const created = now();
      const pipeline: Pipeline = {
        id: nextId(),
        sha: of.sha,
        ref: of.ref ?? "main",
        tag: of.tag ?? false,
        source: of.source ?? "push",
        parent: of.parent === undefined ? null : { pipeline: of.parent.id, bridge: nextId() },
        created_at: created,
        finished_at: null,
        jobs: of.jobs.map((told) => ({
          id: nextId(),
          name: typeof told === "string" ? told : told.name,
          stage: typeof told === "string" ? "test" : told.stage,
          allow_failure: typeof told === "string" ? false : (told.allowFailure ?? false),
          created_at: created,
          status: "created",
          started_at: null,
          finished_at: null,
          retried: false,
        })),
      };
      pipelines.push(pipeline);
      return pipeline;
    },
    /** A job goes on to a status; the pipeline ends with its last one. */
    advance(pipeline: Pipeline, name: string, status: string): Job {
      const changed = job(pipeline, name);
      const at = now();
      changed.status = status;
      if (status === "running" || (ENDED.includes(status) && status !== "skipped")) changed.started_at ??= at;
      if (ENDED.includes(status) && status !== "skipped") changed.finished_at = at;
      if (ENDED.includes(statusOf(pipeline))) pipeline.finished_at = at;
      return changed;
    },
    /** A new job under the old name, in the same pipeline, which is running again; its end stays where it was until it ends anew. */
    retry(pipeline: Pipeline, name: string): Job {
      const old = job(pipeline, name);
      old.retried = true;
      const again: Job = {
        ...old,
        id: nextId(),
        created_at: now(),
        status: "pending",
        started_at: null,
        finished_at: null,
        retried: false,
      };
      pipeline.jobs.push(again);
      return again;
    },
  };
}

/** As GitLab computes it from the jobs that were not tried again. */
export function statusOf(pipeline: Pipeline): string {
  const latest = pipeline.jobs.filter((one) => !one.retried);
  const counted = latest.map((one) =>
    one.allow_failure && ["failed", "canceled", "manual"].includes(one.status) ? "success" : one.status,
  );
  if (counted.every((status) => status === "created")) return "created";
  if (counted.includes("running") || counted.includes("pending")) return "running";
  if (counted.includes("manual")) return "manual";
  if (counted.includes("created")) return "running";
  if (counted.includes("failed")) return "failed";
  if (counted.includes("canceled")) return "canceled";
  return "success";
}

/** `2026-03-02 09:01:00 UTC`, as most of GitLab's hooks write it. */
export function hookDate(at: Date | null): string | null {
  return at === null
    ? null
    : at
        .toISOString()
        .replace("T", " ")
        .replace(/\.\d+Z$/, " UTC");
}
