import type { App, Environment } from "./config.ts";
import type { Blocker } from "./deployment.ts";
import type { AfterRecord } from "./environment.ts";
import type { Run } from "./pipeline.ts";
import { DEPLOYMENT_TRIGGERS, prove, type Evidence } from "./proof.ts";
import type { Requirement } from "./requirement.ts";

/**
 * What keeps a revision from being a candidate for this environment; empty: it is one. Required stages belong to the
 * environment; `skipped` is not passed; a stage that tested a deployment counts only if that deployment stood still meanwhile.
 */
export function missingFor(app: App, environment: Environment, run: Run, after: readonly AfterRecord[] | null): readonly Blocker[] {
  const missing = environment.requires.flatMap((requirement) => {
    const because = whyNotProven({ app, environment, run, after }, requirement);
    return because === null ? [] : [{ rule: "requirements" as const, text: because, owner: "requires in greenlight.yml", liftsAt: null }];
  });
  const rule = environment.after;
  if (rule === null || (after ?? []).some((record) => record.revision === run.revision)) return missing;
  return [...missing, { rule: "order", text: `It has not been live on ${rule.environment} yet.`, owner: rule.environment, liftsAt: null }];
}

type Question = { readonly app: App; readonly environment: Environment; readonly run: Run; readonly after: readonly AfterRecord[] | null };

function whyNotProven(question: Question, requirement: Requirement): string | null {
  const proof = prove(question.app.branch, requirement, question.run);
  if (proof.because !== null) return proof.because;
  for (const evidence of proof.jobs) {
    if (!DEPLOYMENT_TRIGGERS.has(evidence.root?.trigger ?? "")) continue;
    const stale = staleBecause(question, evidence);
    if (stale !== null) return stale;
  }
  return null;
}

/** Acceptance counts for the deployment it ran against: if the environment moved on meanwhile, it tested something else. */
function staleBecause(question: Question, { job }: Evidence): string | null {
  const records = question.after ?? [];
  const name = question.environment.after?.environment ?? question.environment.name;
  const finished = job.finishedAt;
  if (finished === null) return `When stage ${job.name} ran is not known.`;
  const tested = records
    .filter((record) => record.revision === question.run.revision && record.liveAt <= finished)
    .toSorted((a, b) => b.number - a.number)[0];
  if (tested === undefined) return `Stage ${job.name} ran before this version was live on ${name}.`;
  const moved = records.some((record) => record.number > tested.number && record.revision !== tested.revision && record.liveAt < finished);
  return moved ? `Stage ${job.name} is stale: ${name} got another version while it ran.` : null;
}
