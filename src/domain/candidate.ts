import { isAcceptance, staleBecause } from "./acceptance.ts";
import type { App, Environment } from "./config.ts";
import type { Blocker } from "./deployment.ts";
import type { AfterRecord } from "./environment.ts";
import type { Run } from "./pipeline.ts";
import { stagesOf } from "./pipeline/stages.ts";
import { DEPLOYMENT_TRIGGERS, prove, type Evidence } from "./proof.ts";
import { isNamed, stageOf, type Requirement } from "./requirement.ts";

/** What of an environment a proof depends on; a companion asks no more than stages. */
export type Asking = Pick<Environment, "name" | "requires" | "after">;

/**
 * What keeps a revision from being a candidate for this environment; empty: it is one. Required stages belong to the
 * environment; `skipped` is not passed; a stage that tested a deployment counts only if that deployment stood still meanwhile.
 */
export function missingFor(app: App, environment: Asking, run: Run, after: readonly AfterRecord[] | null): readonly Blocker[] {
  const missing = environment.requires.flatMap((requirement) => {
    const because = whyNotProven({ app, environment, run, after }, requirement);
    return because === null ? [] : [{ rule: "requirements" as const, text: because, owner: "requires in greenlight.yml", liftsAt: null }];
  });
  const rule = environment.after;
  if (rule === null || (after ?? []).some((record) => record.revision === run.revision)) return missing;
  return [...missing, { rule: "order", text: `It has not been live on ${rule.environment} yet.`, owner: rule.environment, liftsAt: null }];
}

/**
 * What a candidate has lost since it became one, where a pipeline may be opened again after its end (GitLab, the generic webhook):
 * one of its jobs is done once more. Null: nothing. A pipeline begun since then takes nothing away: it may be another night's run.
 */
export function lostSince(app: App, environment: Asking, run: Run, since: Date): string | null {
  if (app.repository.kind === "github") return null;
  const before = { ...run, workflows: run.workflows.filter(({ startedAt }) => startedAt === null || startedAt <= since) };
  const stages = stagesOf(before);
  for (const requirement of environment.requires) {
    const name = stageOf(requirement);
    // What is not there was not lost: the clocks of both sides may differ.
    if (!stages.some((stage) => isNamed(stage.name, name) || stage.stage === name)) continue;
    const proof = prove(app.branch, requirement, before);
    if (proof.because !== null) return proof.because;
  }
  return null;
}

/** Whether CI has proven all that is required. `again`: it does some of it once more, and will say by itself how that went. */
export type ProofStanding = { readonly kind: "proven" | "refuted" } | { readonly kind: "again"; readonly text: string };

/** Says nothing of when it ran. */
export function standingOf(app: App, environment: Asking, run: Run): ProofStanding {
  const unproven = environment.requires.flatMap((requirement) => {
    const proof = prove(app.branch, requirement, run);
    return proof.because === null ? [] : [proof];
  });
  const [first] = unproven;
  if (first === undefined) return { kind: "proven" };
  return unproven.every(({ goesOn }) => goesOn === true) ? { kind: "again", text: first.because } : { kind: "refuted" };
}

type Question = { readonly app: App; readonly environment: Asking; readonly run: Run; readonly after: readonly AfterRecord[] | null };

function whyNotProven(question: Question, requirement: Requirement): string | null {
  const proof = prove(question.app.branch, requirement, question.run);
  if (proof.because !== null) return proof.because;
  for (const evidence of proof.jobs) {
    if (!isBound(question, evidence)) continue;
    const { name, startedAt, finishedAt } = evidence.job;
    const where = question.environment.after?.environment ?? question.environment.name;
    const stale = staleBecause({ name, revision: question.run.revision, startedAt, finishedAt }, where, question.after ?? []);
    if (stale !== null) return stale;
  }
  return null;
}

/** Did it test a deployment: because one set it off, or because the configuration says that it does? */
function isBound({ app, environment }: Question, { job, root }: Evidence): boolean {
  return DEPLOYMENT_TRIGGERS.has(root?.trigger ?? "") || isAcceptance(app, environment, job);
}
