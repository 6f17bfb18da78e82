import { z } from "zod";
import type { Job, Run, Workflow } from "../domain/pipeline.ts";
import type { Ask } from "./ask.ts";
import * as field from "./fields.ts";
import { rereadChecks } from "./reread-checks.ts";
import { workflowJob, workflowRun } from "./payloads.ts";
import type { WorkflowJobFields } from "./payloads.ts";
import { isTagRun, jobUpdatedAt, stageStatus, stageTimes, withoutRef } from "./status.ts";
import { together } from "./together.ts";

const PAGE = 100;

/** More than that is no pipeline; what cannot be read whole is not read at all. A matrix has 256 jobs, and each attempt has them again. */
const MOST_PAGES = 20;

const apiRun = workflowRun.extend({ repository: z.object({ id: field.id }) });
const runPage = z.object({ total_count: z.int(), workflow_runs: z.array(apiRun) });
const jobPage = z.object({ total_count: z.int(), jobs: z.array(workflowJob) });

type ApiRun = z.infer<typeof apiRun>;

/**
 * The run as GitHub's API has it: workflows, jobs and checks are replaced by its answer, in the order in which they were first
 * seen. A workflow it does not know is dropped, since a webhook alone proves nothing; only a newer attempt than it shows is kept.
 */
export async function reread(ask: Ask, repository: string, run: Run): Promise<Run | null> {
  const listed = await allRuns(ask, repository, run);
  if (listed === null) return null;
  const checks = await rereadChecks(ask, repository, run);
  if (checks === null) return null;
  const workflows = await together(listed, 4, (told) => workflowOf(ask, repository, told));
  const told = new Map<string, Workflow>();
  for (const workflow of workflows) {
    if (workflow === null) return null;
    told.set(workflow.workflowRun, workflow);
  }
  const known = run.workflows.flatMap((workflow) => {
    const answer = told.get(workflow.workflowRun);
    told.delete(workflow.workflowRun);
    if (answer === undefined) return [];
    return [answer.attempt < workflow.attempt ? workflow : { ...answer, jobs: inOrder(answer.jobs, workflow.jobs) }];
  });
  return { ...run, workflows: [...known, ...told.values()], checks };
}

/** Oldest first. The list lags behind the webhooks by moments, so a known run that is not in it is asked for by its id. */
async function allRuns(ask: Ask, repository: string, run: Run): Promise<ApiRun[] | null> {
  const found: ApiRun[] = [];
  for (let page = 1; ; page += 1) {
    const answer = await ask({
      repository,
      route: "GET /repos/{owner}/{repo}/actions/runs",
      parameters: { head_sha: run.revision, per_page: PAGE, page },
      schema: runPage,
    });
    if (!answer.ok) return null;
    found.push(...answer.value.workflow_runs.filter((told) => told.head_sha === run.revision));
    if (page * PAGE >= answer.value.total_count) break;
    if (page === MOST_PAGES) return null;
  }
  const missing = run.workflows.filter((workflow) => found.every((told) => told.id !== workflow.workflowRun));
  for (const { workflowRun: id } of missing) {
    const answer = await runById(ask, repository, id);
    if (!answer.ok && answer.refusal.kind !== "missing") return null;
    if (answer.ok && answer.value.head_sha === run.revision) found.unshift(answer.value);
  }
  return found.toReversed();
}

function runById(ask: Ask, repository: string, id: string): ReturnType<typeof ask<typeof apiRun>> {
  return ask({ repository, route: "GET /repos/{owner}/{repo}/actions/runs/{run_id}", parameters: { run_id: id }, schema: apiRun });
}

async function workflowOf(ask: Ask, repository: string, run: ApiRun): Promise<Workflow | null> {
  const told = await allJobs(ask, repository, run);
  if (told === null) return null;
  // Somebody had it run again since it was listed: of the attempt that was, these are not the jobs.
  if (told.some((job) => job.run_attempt > run.run_attempt)) {
    const now = await runById(ask, repository, run.id);
    return now.ok && now.value.run_attempt > run.run_attempt ? workflowOf(ask, repository, now.value) : null;
  }
  const [jobs, earlier] = byAttempt(run, told);
  const path = withoutRef(run.path);
  return {
    workflowRun: run.id,
    provider: "github",
    attempt: run.run_attempt,
    name: run.name ?? path,
    path,
    trigger: run.event,
    branch: run.head_branch,
    tag: isTagRun(run.path),
    ownRepository: run.head_repository?.id === run.repository.id,
    parent: null,
    status: stageStatus(run.status ?? "", run.conclusion),
    url: run.html_url,
    startedAt: run.run_started_at,
    updatedAt: run.updated_at,
    jobs,
    ...(earlier.length === 0 ? {} : { earlier }),
  };
}

/** The jobs of the run's attempt, and those of the attempts before it. */
function byAttempt(run: ApiRun, told: readonly WorkflowJobFields[]): readonly [readonly Job[], NonNullable<Workflow["earlier"]>] {
  const attempts = new Map<number, Job[]>();
  for (const job of told) attempts.set(job.run_attempt, [...(attempts.get(job.run_attempt) ?? []), jobOf(job)]);
  const jobs = attempts.get(run.run_attempt) ?? [];
  attempts.delete(run.run_attempt);
  return [jobs, [...attempts].map(([attempt, of]) => ({ attempt, jobs: of })).toSorted((one, other) => one.attempt - other.attempt)];
}

/** Of a re-run all attempts: GitHub's `latest` leaves out what had passed and did not run again. */
async function allJobs(ask: Ask, repository: string, run: ApiRun): Promise<WorkflowJobFields[] | null> {
  const found: WorkflowJobFields[] = [];
  const filter = run.run_attempt === 1 ? "latest" : "all";
  for (let page = 1; ; page += 1) {
    const answer = await ask({
      repository,
      route: "GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs",
      parameters: { run_id: run.id, filter, per_page: PAGE, page },
      schema: jobPage,
    });
    if (!answer.ok) return null;
    found.push(...answer.value.jobs);
    if (page * PAGE >= answer.value.total_count) return found;
    if (page === MOST_PAGES) return null;
  }
}

function jobOf(job: WorkflowJobFields): Job {
  const status = stageStatus(job.status, job.conclusion);
  return {
    job: job.id,
    name: job.name,
    stage: null,
    status,
    allowFailure: false,
    url: job.html_url,
    ...stageTimes(status, job),
    updatedAt: jobUpdatedAt(job),
  };
}

/** A card's stages must not change places between two drawings. */
function inOrder(told: readonly Job[], known: readonly Job[]): readonly Job[] {
  const place = new Map(known.map((job, at) => [job.job, at]));
  return told.toSorted((one, other) => (place.get(one.job) ?? Infinity) - (place.get(other.job) ?? Infinity) || 0);
}
