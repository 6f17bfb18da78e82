import { branchOf, rankOf } from "../pipeline.ts";
import { afterRetry } from "./tests.ts";
import type { Check, CheckEvent, Job, JobEvent, PipelineEvent, PushEvent, Run, StageStatus, TestsEvent, Workflow } from "../pipeline.ts";
import type { WorkflowEvent } from "../pipeline.ts";
import { areNumbers, isHigherId } from "./newer.ts";

/**
 * Folds one event into the run. A late, duplicated or reordered delivery never moves it backwards (invariant 5): within an
 * attempt a status only rises and a terminal one stays, unless the provider reopens, where the newest event wins; a higher attempt
 * replaces the workflow, a lower one never does. What speaks of no run leaves it as it is.
 */
export function reduce(run: Run, event: PipelineEvent): Run {
  switch (event.kind) {
    case "push":
      return run.push === null ? { ...run, branch: branchOf(event.ref), push: pushOf(event) } : run;
    case "workflow":
      return withWorkflow(run, event, (workflow) => workflowAfter(workflow, event));
    case "job":
      return isOfEarlierAttempt(run, event)
        ? withEarlierJob(run, event)
        : withWorkflow(run, event, (workflow) => ({
            ...workflow,
            name: workflow.name ?? event.workflowName,
            branch: workflow.branch ?? event.branch,
            jobs: withJob(workflow.jobs, event),
          }));
    case "check":
      return { ...run, checks: withCheck(run.checks, event) };
    case "tests":
      return withTests(run, event);
    case "deployed":
    case "image":
    case "merged":
    case "gate_asked":
      return run;
    default:
      return event satisfies never;
  }
}

function pushOf(event: PushEvent): Run["push"] {
  const { at, pusher, before, changes, compareUrl } = event;
  return { at, pusher, before, changes, compareUrl, ...(event.outside === true ? { outside: event.outside } : {}) };
}

/** What the workflow is (name, trigger, fork ...) is the same in each of its events; how it stands is the newest one's. */
function workflowAfter(known: Workflow, event: WorkflowEvent): Workflow {
  const ahead = known.updatedAt === null || isAhead({ ...known, updatedAt: known.updatedAt }, event);
  return {
    ...known,
    provider: event.provider,
    name: event.name,
    path: event.path,
    trigger: event.trigger,
    branch: event.branch,
    tag: event.tag,
    ownRepository: event.ownRepository,
    parent: event.parent ?? known.parent,
    url: event.url ?? known.url,
    status: ahead ? event.status : known.status,
    startedAt: ahead ? (event.startedAt ?? known.startedAt) : (known.startedAt ?? event.startedAt),
    updatedAt: later(known.updatedAt, event.updatedAt),
  };
}

/** Finds or makes the workflow, in the attempt the event speaks of; a lower attempt changes nothing. */
function withWorkflow(
  run: Run,
  { workflowRun, attempt }: { readonly workflowRun: string; readonly attempt: number },
  change: (workflow: Workflow) => Workflow,
): Run {
  const known = run.workflows.find((workflow) => workflow.workflowRun === workflowRun);
  if (known !== undefined && attempt < known.attempt) return run;
  const fresh: Workflow = {
    workflowRun,
    provider: null,
    attempt,
    name: null,
    path: null,
    trigger: null,
    branch: null,
    tag: false,
    ownRepository: null,
    parent: null,
    status: "queued",
    url: null,
    startedAt: null,
    updatedAt: null,
    jobs: [],
  };
  if (known === undefined) return { ...run, workflows: [...run.workflows, change(fresh)] };
  // A re-run starts anew, but what the workflow is does not change with the attempt.
  const base = attempt === known.attempt ? known : { ...fresh, ...natureOf(known), ...attemptsBefore(known) };
  return { ...run, workflows: run.workflows.map((workflow) => (workflow === known ? change(base) : workflow)) };
}

function natureOf({ provider, name, path, trigger, branch, tag, ownRepository, parent }: Workflow) {
  return { provider, name, path, trigger, branch, tag, ownRepository, parent };
}

function attemptsBefore({ earlier = [], attempt, jobs }: Workflow): Pick<Workflow, "earlier"> {
  if (jobs.length === 0) return earlier.length === 0 ? {} : { earlier };
  return { earlier: withAttempt(earlier, attempt, jobs) };
}

function isOfEarlierAttempt(run: Run, event: JobEvent): boolean {
  return run.workflows.some((workflow) => workflow.workflowRun === event.workflowRun && event.attempt < workflow.attempt);
}

function withEarlierJob(run: Run, event: JobEvent): Run {
  const workflows = run.workflows.map((workflow) => {
    if (workflow.workflowRun !== event.workflowRun) return workflow;
    const { earlier = [] } = workflow;
    const jobs = withJob(earlier.find(({ attempt }) => attempt === event.attempt)?.jobs ?? [], event);
    return { ...workflow, earlier: withAttempt(earlier, event.attempt, jobs) };
  });
  return { ...run, workflows };
}

type Attempts = NonNullable<Workflow["earlier"]>;

function withAttempt(earlier: Attempts, attempt: number, jobs: readonly Job[]): Attempts {
  const others = earlier.filter((one) => one.attempt !== attempt);
  return [...others, { attempt, jobs }].toSorted((one, other) => one.attempt - other.attempt);
}

function withJob(jobs: readonly Job[], event: JobEvent): readonly Job[] {
  const known = jobs.find((job) => job.job === event.job);
  const told: Job = {
    job: event.job,
    name: event.name,
    stage: event.stage,
    status: event.status,
    allowFailure: event.allowFailure,
    url: event.url,
    startedAt: event.startedAt,
    finishedAt: event.finishedAt,
    updatedAt: event.updatedAt,
  };
  if (known === undefined) return event.reopens ? withRetried(jobs, told) : [...jobs, told];
  const [newer, older] = isAhead({ ...known, updatedAt: known.updatedAt ?? event.updatedAt }, event) ? [told, known] : [known, told];
  const merged: Job = {
    ...newer,
    url: newer.url ?? older.url,
    startedAt: newer.startedAt ?? (event.reopens ? null : older.startedAt),
    finishedAt: newer.finishedAt ?? (event.reopens ? null : older.finishedAt),
    updatedAt: later(known.updatedAt, event.updatedAt),
  };
  return jobs.map((job) => (job === known ? merged : job));
}

/** Where pipelines reopen, a job that is tried again in one gets a new, higher number under its old name. Ids that are words stand side by side. */
function withRetried(jobs: readonly Job[], told: Job): readonly Job[] {
  const earlier = jobs.find((job) => job.name === told.name && job.stage === told.stage && areNumbers(job.job, told.job));
  if (earlier === undefined) return [...jobs, told];
  return isHigherId(told.job, earlier.job) ? jobs.map((job) => (job === earlier ? told : job)) : jobs;
}

/** An app's check is known by its name, and a newer run of it has a higher id; of a status only its context counts. */
function withCheck(checks: readonly Check[], event: CheckEvent): readonly Check[] {
  const { kind: _kind, repository: _repository, revision: _revision, ...told } = event;
  const known = checks.find((check) => isSameCheck(check, told));
  if (known === undefined) return [...checks, told];
  if (known.source.kind === "app" && known.check !== told.check) {
    return isHigherId(told.check, known.check) ? checks.map((check) => (check === known ? told : check)) : checks;
  }
  return isAhead(known, { ...told, reopens: true }) ? checks.map((check) => (check === known ? told : check)) : checks;
}

function isSameCheck(one: Check, other: Check): boolean {
  if (one.source.kind === "status" || other.source.kind === "status")
    return one.source.kind === other.source.kind && one.check === other.check;
  return one.source.slug === other.source.slug && one.name === other.name;
}

function withTests(run: Run, event: TestsEvent): Run {
  const { kind: _kind, repository: _repository, revision: _revision, ...told } = event;
  const workflow = run.workflows.find((candidate) => candidate.workflowRun === told.workflowRun);
  if (workflow !== undefined && told.attempt < workflow.attempt) return run;
  const known = run.tests.find((report) => report.workflowRun === told.workflowRun && report.job === told.job);
  if (known === undefined) return { ...run, tests: [...run.tests, told] };
  if (told.attempt < known.attempt || (told.attempt === known.attempt && told.at <= known.at)) return run;
  const report = told.attempt > known.attempt ? afterRetry(known, told) : told;
  return { ...run, tests: run.tests.map((other) => (other === known ? report : other)) };
}

type Told = { readonly status: StageStatus; readonly updatedAt: Date };

/** Does what is told replace what is known? Two ends told at the same moment by a provider that reopens: the worse one is kept. */
function isAhead(known: Told, told: Told & { readonly reopens: boolean }): boolean {
  const further = rankOf(told.status) - rankOf(known.status);
  if (!told.reopens) return further > 0;
  const newer = told.updatedAt.getTime() - known.updatedAt.getTime();
  if (newer !== 0) return newer > 0;
  return further > 0 || (further === 0 && goodness(told.status) < goodness(known.status));
}

function goodness(status: StageStatus): number {
  return ["failed", "cancelled", "skipped", "passed"].indexOf(status);
}

function later(known: Date | null, told: Date): Date {
  return known !== null && known > told ? known : told;
}
