import type { App, Environment } from "./config.ts";
import type { Blocker } from "./deployment.ts";
import type { AfterRecord } from "./environment.ts";
import type { Run } from "./pipeline.ts";
import { jobsOf, stagesOf, type Stage } from "./pipeline/stages.ts";

/** Triggers whose runs speak of the branch itself; a pull request's green says nothing of what would be deployed. */
const BRANCH_TRIGGERS: ReadonlySet<string> = new Set(["push", "workflow_dispatch", "schedule", "merge_group"]);
/** Runs against a deployment: bound to what was live there while they ran. */
const DEPLOYMENT_TRIGGERS: ReadonlySet<string> = new Set(["deployment_status", "deployment"]);

/**
 * What keeps a revision from being a candidate for this environment; empty: it is one. Required stages belong to the
 * environment; `skipped` is not passed; a stage that tested a deployment counts only if that deployment stood still meanwhile.
 */
export function missingFor(app: App, environment: Environment, run: Run, after: readonly AfterRecord[] | null): readonly Blocker[] {
  const stages = stagesOf(run);
  const missing = environment.requires.flatMap((name) => {
    const because = whyNotPassed({ app, environment, run, after }, name, stages);
    return because === null ? [] : [{ rule: "requirements" as const, text: because, owner: "requires in greenlight.yml", liftsAt: null }];
  });
  const rule = environment.after;
  if (rule === null || (after ?? []).some((record) => record.revision === run.revision)) return missing;
  return [...missing, { rule: "order", text: `It has not been live on ${rule.environment} yet.`, owner: rule.environment, liftsAt: null }];
}

type Question = { readonly app: App; readonly environment: Environment; readonly run: Run; readonly after: readonly AfterRecord[] | null };

function whyNotPassed(question: Question, name: string, stages: readonly Stage[]): string | null {
  const named = stages.filter((stage) => stage.name === name || stage.name.startsWith(`${name} (`));
  if (named.length === 0) return `Stage ${name} has not run for this version.`;
  // A matrix shares a name; an older run of the same stage is outdone by a newer one.
  const workflow = named.at(-1)?.workflow;
  for (const stage of named.filter((candidate) => candidate.workflow === workflow)) {
    if (stage.status !== "passed")
      return `Stage ${stage.name} ${stage.status === "running" ? "is running" : stage.status === "queued" || stage.status === "waiting" ? "waits" : stage.status}.`;
    const doubt = doubtOf(question, stage);
    if (doubt !== null) return doubt;
  }
  return null;
}

function doubtOf(question: Question, stage: Stage): string | null {
  const workflow = question.run.workflows.find((candidate) => jobsOf(candidate).some((job) => job.job === stage.job));
  if (workflow === undefined || workflow.trigger === null) return `Stage ${stage.name} passed, but what started its run is not known yet.`;
  if (workflow.ownRepository !== true) return `Stage ${stage.name} ran for a fork.`;
  if (DEPLOYMENT_TRIGGERS.has(workflow.trigger)) return staleBecause(question, stage);
  if (!BRANCH_TRIGGERS.has(workflow.trigger))
    return `Stage ${stage.name} ran for ${workflow.trigger}, which proves nothing about ${question.app.branch}.`;
  return workflow.branch === question.app.branch
    ? null
    : `Stage ${stage.name} ran on ${workflow.branch ?? "no branch"}, not on ${question.app.branch}.`;
}

/** Acceptance counts for the deployment it ran against: if the environment moved on meanwhile, it tested something else. */
function staleBecause(question: Question, stage: Stage): string | null {
  const records = question.after ?? [];
  const name = question.environment.after?.environment ?? question.environment.name;
  const finished = stage.finishedAt;
  if (finished === null) return `When stage ${stage.name} ran is not known.`;
  const tested = records
    .filter((record) => record.revision === question.run.revision && record.liveAt <= finished)
    .toSorted((a, b) => b.number - a.number)[0];
  if (tested === undefined) return `Stage ${stage.name} ran before this version was live on ${name}.`;
  const moved = records.some((record) => record.number > tested.number && record.revision !== tested.revision && record.liveAt < finished);
  return moved ? `Stage ${stage.name} is stale: ${name} got another version while it ran.` : null;
}
