import { authorOf } from "../authors.ts";
import type { z } from "zod";
import type { workflowJobBody, workflowRunBody } from "../payloads.ts";
import { isTagRun, jobUpdatedAt, stageStatus, stageTimes, withoutRef } from "../status.ts";
import { told } from "./read.ts";
import type { Normalised } from "./read.ts";

export function workflowChanged({ repository, workflow, workflow_run: run }: z.infer<typeof workflowRunBody>): Normalised {
  const path = run.path ?? workflow?.path ?? null;
  return told({
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
    by: run.triggering_actor === null || run.triggering_actor.login === null ? null : authorOf(null, null, run.triggering_actor.login),
    startedAt: run.run_started_at,
    updatedAt: run.updated_at,
  });
}

export function jobChanged({ repository, workflow_job: job }: z.infer<typeof workflowJobBody>): Normalised {
  const status = stageStatus(job.status, job.conclusion);
  return told({
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
    updatedAt: jobUpdatedAt(job),
  });
}
