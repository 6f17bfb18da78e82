import { isTerminal, type Check, type Job, type Run, type StageStatus, type Workflow } from "../pipeline.ts";
import { hasOpenJobs } from "../quiet.ts";
import { isNewerRun } from "./newer.ts";
import { jobsOf } from "./stages.ts";

/** What one line of a card is about: a job, all parts of a matrix, all jobs of a GitLab stage, or a check. */
export type Watched = {
  readonly kind: "jobs" | "check";
  readonly name: string;
  /** The workflow's name, where two of them have a stage of this name; of a check who reports it. Null: the name is enough. */
  readonly of: string | null;
  readonly status: StageStatus;
  /** Nothing more of it is awaited: it has ended, or waits in a pipeline that is over, as an optional manual job may for ever. */
  readonly isOver: boolean;
  /** At least one, each with what distinguishes it: `3.12`, or the job's name within a GitLab stage. */
  readonly parts: readonly Part[];
  readonly startedAt: Date | null;
  /** Of the last part; null while one goes on. */
  readonly finishedAt: Date | null;
};

/** `allowed`: it may fail without harm. */
export type Part = { readonly label: string; readonly status: StageStatus; readonly allowed: boolean };

/** Runs that speak of a proposal, not of the branch that the card is about. */
export const PROPOSALS: ReadonlySet<string> = new Set([
  "pull_request",
  "pull_request_target",
  "pull_request_review",
  "merge_request_event",
  "external_pull_request_event",
]);

/**
 * The stages of a run as people watch them, in the order in which they were first seen, jobs first: of one file and trigger the
 * newest run alone, nothing of forks and proposals while there is anything else.
 */
export function watchedOf(run: Run): readonly Watched[] {
  const current = currentOf(run.workflows);
  const groups = current.flatMap(groupsOf);
  const names = new Map<string, number>();
  for (const { name } of groups) names.set(name, (names.get(name) ?? 0) + 1);
  const jobs = groups.map(({ name, workflow, jobs: parts }) =>
    watched({ kind: "jobs", name, of: (names.get(name) ?? 0) > 1 ? workflow.name : null }, workflow, parts),
  );
  return [...jobs, ...run.checks.map(watchedCheck)];
}

/** The runs that a card is about: of one file and trigger the newest alone, and nobody else's while there are own ones. */
export function currentOf(workflows: readonly Workflow[]): readonly Workflow[] {
  const own = workflows.filter((one) => one.ownRepository !== false && !PROPOSALS.has(one.trigger ?? ""));
  const roots = own.filter((one) => one.parent === null);
  const ids = new Set(roots.filter((one) => !roots.some((other) => isOutdone(one, other))).map((one) => one.workflowRun));
  // A child belongs to its parent, and that one's children to it; whose parent is not known stands for itself.
  const known = new Set(workflows.map((one) => one.workflowRun));
  for (let depth = 0; depth < 2; depth += 1)
    for (const one of own) if (one.parent !== null && (ids.has(one.parent) || !known.has(one.parent))) ids.add(one.workflowRun);
  const current = own.filter((one) => ids.has(one.workflowRun));
  return current.length > 0 ? current : workflows;
}

/** The same file, for the same reason, once more. Where messages name no file, one CI has several pipelines: the same ones share a stage. */
function isOutdone(one: Workflow, other: Workflow): boolean {
  if (other === one || keyOf(other) !== keyOf(one) || !isNewerRun(other, one)) return false;
  return one.provider !== "ci" || one.jobs.length === 0 || one.jobs.some(({ name }) => other.jobs.some((job) => job.name === name));
}

function keyOf({ path, name, workflowRun, trigger }: Workflow): string {
  return `${path ?? name ?? workflowRun} ${trigger ?? ""}`;
}

/** Runs that ended badly as a whole, though no stage of theirs is known to have: they were refused before one began, or its word was lost. */
export function brokenOf(run: Run): readonly Workflow[] {
  return currentOf(run.workflows).filter(
    (workflow) => isBad(workflow.status) && jobsOf(workflow).every(({ status, allowFailure }) => allowFailure || !isBad(status)),
  );
}

function isBad(status: StageStatus): boolean {
  return status === "failed" || status === "cancelled";
}

type Group = { readonly name: string; readonly workflow: Workflow; readonly jobs: Job[] };

function groupsOf(workflow: Workflow): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const job of jobsOf(workflow)) {
    const name = baseName(job);
    const known = groups.get(name);
    if (known === undefined) groups.set(name, { name, workflow, jobs: [job] });
    else known.jobs.push(job);
  }
  return [...groups.values()];
}

const PART = /^(.+?)(?: \((.+)\)|: \[(.+)\]| (\d+\/\d+))$/;

/** The stage's name, of a job or of the matrix it is a part of: `unit` for `unit (3.12)`. */
function baseName(job: Pick<Job, "name" | "stage">): string {
  return job.stage ?? PART.exec(job.name)?.[1] ?? job.name;
}

function labelOf(job: Job): string {
  const [, , ...labels] = job.stage === null ? (PART.exec(job.name) ?? []) : [];
  return labels.find((label) => label !== undefined) ?? job.name;
}

function watched(head: Pick<Watched, "kind" | "of" | "name">, workflow: Workflow, jobs: readonly Job[]): Watched {
  const [only] = jobs;
  const parts = jobs.map((job) => ({ label: labelOf(job), status: job.status, allowed: job.allowFailure }));
  const started = jobs.flatMap(({ startedAt }) => (startedAt === null ? [] : [startedAt.getTime()]));
  const finished = jobs.flatMap(({ finishedAt }) => (finishedAt === null ? [] : [finishedAt.getTime()]));
  const haveEnded = jobs.every((job) => isTerminal(job.status)) && finished.length > 0;
  const status = statusOf(parts);
  return {
    ...head,
    // A stage of one job is that job, whatever its name has behind it.
    name: jobs.length === 1 && only !== undefined && only.stage === null ? only.name : head.name,
    status,
    isOver: isTerminal(status) || !hasOpenJobs(workflow),
    parts,
    startedAt: started.length === 0 ? null : new Date(Math.min(...started)),
    finishedAt: haveEnded ? new Date(Math.max(...finished)) : null,
  };
}

/** The worst of its parts, and while none is bad, how far they are. */
function statusOf(parts: readonly Part[]): StageStatus {
  const counted = parts.filter(({ allowed, status }) => !(allowed && (status === "failed" || status === "waiting")));
  const has = (status: StageStatus) => counted.some((part) => part.status === status);
  if (counted.length === 0) return parts.some(({ status }) => status === "waiting") ? "waiting" : "passed";
  if (has("failed")) return "failed";
  const open = counted.filter(({ status }) => !isTerminal(status));
  if (open.length === 0) return has("cancelled") ? "cancelled" : has("passed") || counted.length < parts.length ? "passed" : "skipped";
  if (has("running") || open.length < counted.length) return "running";
  return has("waiting") ? "waiting" : "queued";
}

function watchedCheck(check: Check): Watched {
  const { name, source, status, startedAt, finishedAt } = check;
  const of = source.kind === "app" ? source.slug : source.creator;
  return {
    kind: "check",
    name,
    of,
    status,
    isOver: isTerminal(status),
    parts: [{ label: name, status, allowed: false }],
    startedAt,
    finishedAt,
  };
}
