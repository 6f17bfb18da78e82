import type { Job, Run, Workflow } from "../pipeline.ts";

/** What people watch: a job of the newest attempt of its workflow. */
export type Stage = Job & { readonly workflow: string | null; readonly trigger: string | null };

/** The stages of all workflows, in the order in which they and their jobs were first seen. */
export function stagesOf(run: Run): readonly Stage[] {
  return run.workflows.flatMap((workflow) =>
    jobsOf(workflow).map((job) => ({ ...job, workflow: workflow.name, trigger: workflow.trigger })),
  );
}

/**
 * The jobs of the newest attempt and, once it has passed as a whole, those of earlier ones that it did not run again: whoever
 * re-runs what failed alone keeps what had passed.
 */
export function jobsOf(workflow: Workflow): readonly Job[] {
  const { earlier = [] } = workflow;
  if (earlier.length === 0 || workflow.status !== "passed") return workflow.jobs;
  const known = new Set(workflow.jobs.map((job) => job.name));
  const kept: Job[] = [];
  for (const { jobs } of earlier.toSorted((one, other) => other.attempt - one.attempt)) {
    const more = jobs.filter((job) => !known.has(job.name));
    kept.push(...more);
    for (const job of more) known.add(job.name);
  }
  return [...kept, ...workflow.jobs];
}
