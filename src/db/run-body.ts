import type { Job, Run, Workflow } from "../domain/pipeline.ts";

type Later<Whole, Keys extends keyof Whole> = Omit<Whole, Keys> & Partial<Pick<Whole, Keys>>;
type StoredJob = Later<Job, "stage" | "allowFailure" | "updatedAt">;
type StoredWorkflow = Later<Omit<Workflow, "jobs">, "provider" | "tag" | "parent" | "updatedAt"> & { readonly jobs: readonly StoredJob[] };

/** A run as a row holds it: one that was stored before a field was known lacks it. */
export type StoredBody = Later<Omit<Run, "workflows">, "checks" | "tests"> & { readonly workflows: readonly StoredWorkflow[] };

/** The stored run with all that later versions added to it. */
export function wholeRun(body: StoredBody): Run {
  return { checks: [], tests: [], ...body, workflows: body.workflows.map(wholeWorkflow) };
}

function wholeWorkflow(stored: StoredWorkflow): Workflow {
  const jobs = stored.jobs.map((job): Job => ({ stage: null, allowFailure: false, updatedAt: null, ...job }));
  return { provider: null, tag: false, parent: null, updatedAt: null, ...stored, jobs };
}
