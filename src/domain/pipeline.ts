import type { Sha, RunId } from "./ids.ts";
import type { Author } from "./people.ts";

/** A stage's status, from the least to the most advanced; `waiting` is a provider's own gate. */
export type StageStatus = "queued" | "waiting" | "running" | "passed" | "failed" | "cancelled" | "skipped";

/** A commit as the change list shows it. */
export type Change = {
  readonly revision: Sha;
  readonly title: string;
  readonly author: Author;
  readonly url: string | null;
  readonly pullRequest: number | null;
};

/** What a provider told us, in our words. Each names the repository it speaks for and nothing of another. */
export type PipelineEvent = PushEvent | WorkflowEvent | JobEvent;

/** Commits arrived on a ref. */
export type PushEvent = {
  readonly kind: "push";
  readonly repository: string;
  /** Full ref: `refs/heads/main`. A tag named main is `refs/tags/main`. */
  readonly ref: string;
  readonly before: Sha | null;
  readonly after: Sha;
  readonly changes: readonly Change[];
  readonly pusher: Author;
  readonly compareUrl: string | null;
  readonly at: Date;
};

/** A workflow run was asked for, began or ended. */
export type WorkflowEvent = {
  readonly kind: "workflow";
  readonly repository: string;
  /** Provider's run id; text, since ids exceed 2^53 one day. */
  readonly workflowRun: string;
  readonly attempt: number;
  readonly name: string;
  readonly path: string | null;
  /** push, deployment_status, pull_request ... as the provider names it. */
  readonly trigger: string;
  readonly branch: string | null;
  /** Runs of a fork carry a green conclusion too. */
  readonly ownRepository: boolean;
  readonly revision: Sha;
  readonly status: StageStatus;
  readonly url: string;
  readonly startedAt: Date | null;
  readonly updatedAt: Date;
};

/** A job of a workflow run changed. */
export type JobEvent = {
  readonly kind: "job";
  readonly repository: string;
  readonly workflowRun: string;
  readonly attempt: number;
  readonly job: string;
  readonly name: string;
  readonly workflowName: string | null;
  readonly branch: string | null;
  readonly revision: Sha;
  readonly status: StageStatus;
  readonly url: string | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
};

/** Everything CI told us of one revision of one app. */
export type Run = {
  readonly id: RunId;
  readonly app: string;
  readonly revision: Sha;
  readonly branch: string | null;
  readonly push: {
    readonly at: Date;
    readonly pusher: Author;
    readonly before: Sha | null;
    readonly changes: readonly Change[];
    readonly compareUrl: string | null;
  } | null;
  readonly workflows: readonly Workflow[];
};

/** One workflow run of a revision, as its newest attempt stands. */
export type Workflow = {
  readonly workflowRun: string;
  readonly attempt: number;
  readonly name: string | null;
  readonly path: string | null;
  /** Null until the workflow's own event came: a job alone proves no trigger. */
  readonly trigger: string | null;
  readonly branch: string | null;
  readonly ownRepository: boolean | null;
  readonly status: StageStatus;
  readonly url: string | null;
  readonly startedAt: Date | null;
  readonly jobs: readonly Job[];
};

/** One job of a workflow run. */
export type Job = {
  readonly job: string;
  readonly name: string;
  readonly status: StageStatus;
  readonly url: string | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
};

/** What people watch: a job of the newest attempt of its workflow. */
export type Stage = Job & { readonly workflow: string | null; readonly trigger: string | null };

const RANK: Readonly<Record<StageStatus, number>> = { queued: 0, waiting: 1, running: 2, passed: 3, failed: 3, cancelled: 3, skipped: 3 };

/** Is it over, one way or another? */
export function isTerminal(status: StageStatus): boolean {
  return RANK[status] === 3;
}

/**
 * Folds one event into the run. A late, duplicated or reordered delivery never moves it backwards (invariant 5): within an
 * attempt a status only rises and a terminal one stays; a higher attempt replaces the workflow, a lower one is dropped.
 */
export function reduce(run: Run, event: PipelineEvent): Run {
  switch (event.kind) {
    case "push":
      return run.push === null ? { ...run, branch: branchOf(event.ref), push: pushOf(event) } : run;
    case "workflow":
      return withWorkflow(run, event.workflowRun, event.attempt, (workflow) => ({
        ...workflow,
        name: event.name,
        path: event.path,
        trigger: event.trigger,
        branch: event.branch,
        ownRepository: event.ownRepository,
        status: further(workflow.status, event.status),
        url: event.url,
        startedAt: event.startedAt ?? workflow.startedAt,
      }));
    case "job":
      return withWorkflow(run, event.workflowRun, event.attempt, (workflow) => ({
        ...workflow,
        name: workflow.name ?? event.workflowName,
        branch: workflow.branch ?? event.branch,
        jobs: withJob(workflow.jobs, event),
      }));
    default:
      return event satisfies never;
  }
}

/** A run of which nothing is known yet. */
export function emptyRun(id: RunId, app: string, revision: Sha): Run {
  return { id, app, revision, branch: null, push: null, workflows: [] };
}

/** The branch of a full ref; null for tags and everything else. */
export function branchOf(ref: string): string | null {
  return ref.startsWith("refs/heads/") ? ref.slice("refs/heads/".length) : null;
}

/** The stages of the newest attempts, in the order in which their workflows and jobs were first seen. */
export function stagesOf(run: Run): readonly Stage[] {
  return run.workflows.flatMap((workflow) => workflow.jobs.map((job) => ({ ...job, workflow: workflow.name, trigger: workflow.trigger })));
}

function pushOf(event: PushEvent): Run["push"] {
  return { at: event.at, pusher: event.pusher, before: event.before, changes: event.changes, compareUrl: event.compareUrl };
}

function withWorkflow(run: Run, workflowRun: string, attempt: number, change: (workflow: Workflow) => Workflow): Run {
  const known = run.workflows.find((workflow) => workflow.workflowRun === workflowRun);
  if (known !== undefined && attempt < known.attempt) return run;
  const fresh: Workflow = {
    workflowRun,
    attempt,
    name: null,
    path: null,
    trigger: null,
    branch: null,
    ownRepository: null,
    status: "queued",
    url: null,
    startedAt: null,
    jobs: [],
  };
  if (known === undefined) return { ...run, workflows: [...run.workflows, change(fresh)] };
  // A re-run starts anew, but what the workflow is does not change with the attempt.
  const base =
    attempt === known.attempt
      ? known
      : { ...fresh, name: known.name, path: known.path, trigger: known.trigger, branch: known.branch, ownRepository: known.ownRepository };
  return { ...run, workflows: run.workflows.map((workflow) => (workflow === known ? change(base) : workflow)) };
}

function withJob(jobs: readonly Job[], event: JobEvent): readonly Job[] {
  const known = jobs.find((job) => job.job === event.job);
  if (known === undefined) {
    return [
      ...jobs,
      { job: event.job, name: event.name, status: event.status, url: event.url, startedAt: event.startedAt, finishedAt: event.finishedAt },
    ];
  }
  const status = further(known.status, event.status);
  const merged: Job = {
    ...known,
    status,
    url: event.url ?? known.url,
    startedAt: known.startedAt ?? event.startedAt,
    finishedAt: known.finishedAt ?? event.finishedAt,
  };
  return jobs.map((job) => (job === known ? merged : job));
}

function further(known: StageStatus, told: StageStatus): StageStatus {
  return RANK[told] > RANK[known] ? told : known;
}
