import type { z } from "zod";
import type { DeployedEvent, JobEvent, PipelineEvent, WorkflowEvent } from "../domain/pipeline.ts";
import * as field from "./fields.ts";
import type { jobBody, pipelineBody } from "./payloads.ts";
import { newness, stageStatus, stageTimes } from "./status.ts";

/** GitLab tries again within the pipeline; there are no attempts to count. */
export const ATTEMPT = 1;

/** The pipeline and each of its jobs as they stand now: the list leaves out those that were tried again. */
export function pipelineChanged(body: z.infer<typeof pipelineBody>): readonly PipelineEvent[] {
  const { object_attributes: told, project, merge_request: request } = body;
  const repository = project.path_with_namespace;
  const jobs = (body.builds ?? body.jobs ?? []).toSorted(byId);
  const own = { created: told.created_at, started: null, finished: told.finished_at };
  const branch = branchFor(told);
  const updatedAt = newness(own, ...jobs.map(timesOf)) ?? new Date(0);
  const status = stageStatus(told.status);
  const workflow: WorkflowEvent = {
    kind: "workflow",
    provider: "gitlab",
    repository,
    workflowRun: told.id,
    attempt: ATTEMPT,
    name: told.name ?? PIPELINE,
    // No body says which file describes it.
    path: null,
    trigger: told.source,
    branch,
    tag: told.tag,
    // A fork's merge request may run here, with the fork's code.
    ownRepository: request === null || (request.source_project_id !== null && request.source_project_id === request.target_project_id),
    revision: told.sha,
    status,
    reopens: true,
    parent: parentOf(told.source, body.source_pipeline?.pipeline_id ?? null),
    url: told.url ?? pageOf(project.web_url, `pipelines/${told.id}`),
    by: body.user === null ? null : field.authorOf(body.user.name, body.user.email, body.user.username),
    startedAt: told.created_at,
    updatedAt,
  };
  const events: PipelineEvent[] = [workflow];
  for (const job of jobs) {
    const times = timesOf(job);
    const event = jobEvent({
      repository,
      workflowRun: told.id,
      branch,
      revision: told.sha,
      job: job.id,
      name: job.name,
      stage: job.stage,
      status: job.status,
      allowFailure: job.allow_failure,
      url: pageOf(project.web_url, `jobs/${job.id}`),
      times,
      otherwise: updatedAt,
    });
    events.push(event, ...environmentStopped(event, job.environment));
  }
  return events;
}

/** One job. Whether its pipeline counts is known only by the pipeline's own event. */
export function jobChanged(body: z.infer<typeof jobBody>): readonly PipelineEvent[] {
  const event = jobEvent({
    repository: body.project.path_with_namespace,
    workflowRun: body.pipeline_id,
    branch: branchFor({ ref: body.ref, tag: body.tag, source: "" }),
    revision: body.sha,
    job: body.build_id,
    name: body.build_name,
    stage: body.build_stage,
    status: body.build_status,
    allowFailure: body.build_allow_failure,
    url: pageOf(body.project.web_url, `jobs/${body.build_id}`),
    times: { created: body.build_created_at, started: body.build_started_at, finished: body.build_finished_at },
    otherwise: new Date(0),
  });
  return [event, ...environmentStopped(event, body.environment)];
}

/** GitLab makes a pipeline's jobs in the order of its stages, and lists them in any. Ids are numbers as text. */
export function byId(one: { readonly id: string }, other: { readonly id: string }): number {
  return one.id.length - other.id.length || (one.id < other.id ? -1 : 1);
}

/** What a pipeline is called that has no name of its own. */
export const PIPELINE = "Pipeline";

/** A pipeline of a merge request speaks of no branch: what it built may be a merge that never was, or a fork's branch of our name. */
export function branchFor(told: { readonly ref: string; readonly tag: boolean; readonly source: string }): string | null {
  if (told.tag || told.source === "merge_request_event" || told.ref.startsWith("refs/")) return null;
  return field.branch.safeParse(told.ref).success ? told.ref : null;
}

/** Never null for a child, even where its parent is not told: alone it must not count. */
export function parentOf(source: string, parent: string | null): string | null {
  return source === "parent_pipeline" ? (parent ?? "unknown") : null;
}

/** The pipeline that a mark of ours made: each of our contexts is a ref of its own, so that it changes none of CI's. */
export function isOurMark(told: { readonly ref: string; readonly source: string }): boolean {
  return told.source === "external" && told.ref.startsWith("greenlight/");
}

type JobFields = {
  readonly repository: string;
  readonly workflowRun: string;
  readonly branch: string | null;
  readonly revision: JobEvent["revision"];
  readonly job: string;
  readonly name: string;
  readonly stage: string | null;
  readonly status: string;
  readonly allowFailure: boolean;
  readonly url: string | null;
  readonly times: Parameters<typeof stageTimes>[1];
  readonly otherwise: Date;
};

function jobEvent({ times, otherwise, ...told }: JobFields): JobEvent {
  const status = stageStatus(told.status);
  return {
    ...told,
    kind: "job",
    attempt: ATTEMPT,
    workflowName: null,
    status,
    reopens: true,
    ...stageTimes(status, times),
    updatedAt: newness(times) ?? otherwise,
  };
}

/** The job that takes an environment down was done: nothing is live there any more. */
function environmentStopped(job: JobEvent, environment: z.infer<typeof jobBody>["environment"]): readonly DeployedEvent[] {
  if (environment === null || environment.action !== "stop" || job.status !== "passed") return [];
  const { repository, revision, workflowRun, url } = job;
  return [
    {
      kind: "deployed",
      repository,
      revision,
      externalId: `job ${job.job}`,
      environment: environment.name,
      tier: environment.deployment_tier,
      state: "stopped",
      transient: isTransient(environment.name, environment.deployment_tier),
      url: null,
      log: url,
      by: null,
      ours: null,
      workflowRun,
      at: job.finishedAt ?? job.updatedAt,
    },
  ];
}

/** GitLab knows no such flag: what is meant for development, or called as its documentation calls review environments, is one. */
export function isTransient(environment: string, tier: string | null): boolean {
  return tier === "development" || environment.startsWith("review/");
}

function timesOf(job: { readonly created_at: Date | null; readonly started_at: Date | null; readonly finished_at: Date | null }) {
  return { created: job.created_at, started: job.started_at, finished: job.finished_at };
}

function pageOf(web: string | null, rest: string): string | null {
  return web === null ? null : `${web}/-/${rest}`;
}
