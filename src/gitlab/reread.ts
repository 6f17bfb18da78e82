import { z } from "zod";
import type { Job, Run, Workflow } from "../domain/pipeline.ts";
import { ok, refuse } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { Ask } from "./ask.ts";
import * as field from "./fields.ts";
import { ATTEMPT, branchFor, byId, isOurMark, parentOf, PIPELINE } from "./normalise-pipeline.ts";
import { newness, stageStatus, stageTimes } from "./status.ts";
import { together } from "./together.ts";
import type { Failure } from "./wire.ts";

/** More than that is no pipeline; what cannot be read whole is not read at all. */
const MOST_PAGES = 20;

/** Children of children, and no further (docs.gitlab.com, downstream pipelines). */
const DEEPEST = 2;

const CHILD = "parent_pipeline";
/** Nothing says what started it, so that it proves nothing. */
const UNKNOWN_SOURCE = "unknown";

const pipeline = z.object({
  id: field.id,
  project_id: field.id,
  name: field.lineOrNull.default(null),
  ref: z.string().max(300),
  tag: z.boolean().default(false),
  sha: field.sha,
  /** Older servers tell it in the list alone. */
  source: field.lineOrNull.default(null),
  status: z.string(),
  created_at: field.momentOrNull.default(null),
  finished_at: field.momentOrNull.default(null),
  web_url: field.pageOrNull.default(null),
});

const listed = z.object({ id: field.id, source: field.lineOrNull.default(null) });

const job = z.object({
  id: field.id,
  name: field.line,
  stage: field.lineOrNull.default(null),
  status: z.string(),
  allow_failure: z.boolean().default(false),
  created_at: field.momentOrNull.default(null),
  started_at: field.momentOrNull.default(null),
  finished_at: field.momentOrNull.default(null),
  web_url: field.pageOrNull.default(null),
});

const bridge = z.object({
  downstream_pipeline: z.object({ id: field.id, project_id: field.id.optional() }).nullable().default(null),
});

type Pipeline = z.infer<typeof pipeline> & { readonly source: string };
type Read = { readonly pipeline: Pipeline; readonly parent: string | null };

/**
 * The run as GitLab's API has it: pipelines and jobs are replaced by its answer, in the order in which they were first seen. A
 * pipeline it does not know is dropped, since a webhook alone proves nothing. Children are found by their parents' trigger jobs:
 * the list does not name them.
 */
export async function reread(ask: Ask, repository: string, run: Run): Promise<Run | null> {
  const read = await allPipelines(ask, repository, run);
  if (!read.ok) return null;
  const workflows = await together(read.value, 4, (one) => workflowOf(ask, repository, one, run));
  const told = new Map<string, Workflow>();
  for (const workflow of workflows) {
    if (workflow === null) return null;
    told.set(workflow.workflowRun, workflow);
  }
  const known = run.workflows.flatMap((workflow) => {
    const answer = told.get(workflow.workflowRun);
    told.delete(workflow.workflowRun);
    return answer === undefined ? [] : [{ ...answer, jobs: inOrder(answer.jobs, workflow.jobs) }];
  });
  return { ...run, workflows: [...known, ...told.values()] };
}

/** Oldest first, each parent before its children. The list lags behind the webhooks, so a known one that is not in it is asked for by its id. */
async function allPipelines(ask: Ask, repository: string, run: Run): Promise<Result<readonly Read[], Failure>> {
  const list = await ask.all({ repository, path: ["pipelines"], query: { sha: run.revision }, schema: listed }, MOST_PAGES);
  if (!list.ok) return list;
  const sources = new Map(list.value.toReversed().map(({ id, source }) => [id, source]));
  const known = run.workflows.filter(({ workflowRun, parent }) => parent === null && !sources.has(workflowRun));
  const ids = [...sources.keys(), ...known.map(({ workflowRun }) => workflowRun)];
  const found = new Map<string, Read>();
  for (const id of ids) {
    const otherwise = sources.get(id) ?? UNKNOWN_SOURCE;
    const failure = await withChildren(ask, repository, { id, parent: null, depth: 0, otherwise }, found);
    if (failure !== null) return refuse(failure);
  }
  return ok([...found.values()].filter((one) => one.pipeline.sha === run.revision && !isOurMark(one.pipeline)));
}

/** Adds a pipeline and its descendants in the same project. Null: done, also where GitLab knows no such pipeline. */
async function withChildren(
  ask: Ask,
  repository: string,
  of: { readonly id: string; readonly parent: string | null; readonly depth: number; readonly otherwise: string },
  found: Map<string, Read>,
): Promise<Failure | null> {
  if (found.has(of.id)) return null;
  const answer = await ask({ repository, path: ["pipelines", of.id], schema: pipeline });
  if (!answer.ok) return answer.refusal.kind === "missing" ? null : answer.refusal;
  found.set(of.id, { pipeline: { ...answer.value, source: answer.value.source ?? of.otherwise }, parent: of.parent });
  if (of.depth === DEEPEST) return null;
  const bridges = await ask.all({ repository, path: ["pipelines", of.id, "bridges"], schema: bridge }, MOST_PAGES);
  if (!bridges.ok) return bridges.refusal;
  for (const { downstream_pipeline: child } of bridges.value) {
    // A pipeline of another project is none of this repository's.
    if (child === null || (child.project_id ?? answer.value.project_id) !== answer.value.project_id) continue;
    const next = { id: child.id, parent: of.id, depth: of.depth + 1, otherwise: CHILD };
    const failure = await withChildren(ask, repository, next, found);
    if (failure !== null) return failure;
  }
  return null;
}

async function workflowOf(ask: Ask, repository: string, read: Read, run: Run): Promise<Workflow | null> {
  const { pipeline: told, parent } = read;
  const answer = await ask.all({ repository, path: ["pipelines", told.id, "jobs"], schema: job }, MOST_PAGES);
  if (!answer.ok) return null;
  const own = { created: told.created_at, started: null, finished: told.finished_at };
  const updatedAt = newness(own, ...answer.value.map(timesOf));
  const known = run.workflows.find((workflow) => workflow.workflowRun === told.id);
  return {
    workflowRun: told.id,
    provider: "gitlab",
    attempt: ATTEMPT,
    name: told.name ?? PIPELINE,
    path: null,
    trigger: told.source,
    branch: branchFor(told),
    tag: told.tag,
    // The API does not say whose a merge request's code is: the webhook did, if it came.
    ownRepository: told.source === "merge_request_event" ? (known?.ownRepository ?? null) : true,
    parent: parentOf(told.source, parent ?? known?.parent ?? null),
    status: stageStatus(told.status),
    url: told.web_url,
    startedAt: told.created_at,
    updatedAt,
    jobs: answer.value.toSorted(byId).map(jobOf),
  };
}

function jobOf(told: z.infer<typeof job>): Job {
  const status = stageStatus(told.status);
  const times = timesOf(told);
  return {
    job: told.id,
    name: told.name,
    stage: told.stage,
    status,
    allowFailure: told.allow_failure,
    url: told.web_url,
    ...stageTimes(status, times),
    updatedAt: newness(times),
  };
}

function timesOf(told: z.infer<typeof job>) {
  return { created: told.created_at, started: told.started_at, finished: told.finished_at };
}

/** A card's stages must not change places between two drawings, also when one is tried again. */
function inOrder(told: readonly Job[], known: readonly Job[]): readonly Job[] {
  const place = new Map(known.map((one, at) => [one.name, at]));
  return told.toSorted((one, other) => (place.get(one.name) ?? Infinity) - (place.get(other.name) ?? Infinity) || 0);
}
