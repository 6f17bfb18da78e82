import { isTerminal, type Run } from "../pipeline.ts";

/** Has a workflow ended by what was folded in now? A retried one that ends again has new tests, too. */
export function hasEnded(before: Run, after: Run): boolean {
  return after.workflows.some((workflow) => {
    const known = before.workflows.find(({ workflowRun }) => workflowRun === workflow.workflowRun);
    const wasOver = known !== undefined && known.attempt === workflow.attempt && isTerminal(known.status);
    return isTerminal(workflow.status) && !wasOver;
  });
}
