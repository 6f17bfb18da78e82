import type { Plan, PlanStep } from "./plan.ts";

/** What is recorded of one try of one step. */
export type StepRecord = {
  readonly step: string;
  readonly host: string;
  readonly attempt: number;
  readonly status: "running" | "done" | "failed" | "unknown";
  readonly note: string | null;
};

/** What is due: steps to start or follow, or how it ended. */
export type Progress =
  /** Start or follow these, side by side. */
  | { readonly kind: "next"; readonly steps: readonly { readonly step: PlanStep; readonly attempt: number; readonly begun: boolean }[] }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly because: string }
  | { readonly kind: "unknown"; readonly because: string };

/** With `on_failure: finish` the other hosts still get these; what comes before concerns all of them, and its failure stops all. */
const FINISHED: ReadonlySet<string> = new Set(["restart", "verify"]);
/** More than this, and losing outcomes is no accident. */
const MAX_ATTEMPTS = 3;

/**
 * What is due, from the stored plan and the recorded steps alone. A phase begins when the one before is done on all hosts; one
 * failure stops what has not begun. A lost step is tried again only if it is repeatable: nothing that may have changed the schema
 * or the running processes is ever started twice by itself (invariant 2).
 */
export function progressOf(plan: Plan, records: readonly StepRecord[]): Progress {
  const phases = [...new Set(plan.steps.map((step) => step.phase))].toSorted((a, b) => a - b);
  const givenUp = new Map<string, string>();
  for (const phase of phases) {
    const steps = plan.steps
      .filter((step) => step.phase === phase && !givenUp.has(step.host))
      .map((step) => ({ step, latest: latestOf(records, step) }));
    const failed = steps.filter(({ latest }) => latest?.status === "failed");
    const running = steps.filter(({ latest }) => latest?.status === "running");
    // A failure ends the deployment, but what runs beside it is followed to its end first: nobody would know it otherwise.
    const finishes = plan.onFailure === "finish" && failed.every(({ step }) => FINISHED.has(step.name));
    if (failed.length > 0 && running.length === 0) {
      for (const { step, latest } of failed) givenUp.set(step.host, `${step.name} on ${step.host} ${latest?.note ?? "failed"}`);
      if (!finishes) return { kind: "failed", because: `${[...givenUp.values()].join("; ")}.` };
      continue;
    }
    if (failed.length > 0)
      return { kind: "next", steps: running.map(({ step, latest }) => ({ step, attempt: latest?.attempt ?? 1, begun: true })) };
    const lost = steps.find(({ step, latest }) => latest?.status === "unknown" && !(step.repeatable && latest.attempt < MAX_ATTEMPTS));
    if (lost !== undefined && running.length === 0)
      return {
        kind: "unknown",
        because: `nobody can tell whether ${lost.step.name} on ${lost.step.host} was done (${lost.latest?.note ?? "its outcome was lost"})`,
      };
    const due = steps.filter(({ latest }) => latest?.status !== "done" && !(latest?.status === "unknown" && lost !== undefined));
    if (due.length > 0)
      return {
        kind: "next",
        steps: due.map(({ step, latest }) => ({
          step,
          attempt: latest === null ? 1 : latest.status === "unknown" ? latest.attempt + 1 : latest.attempt,
          begun: latest?.status === "running",
        })),
      };
  }
  return givenUp.size === 0 ? { kind: "done" } : { kind: "failed", because: `${[...givenUp.values()].join("; ")}.` };
}

/** A host counts as switched from the start of `pull`. */
export function switchedHosts(records: readonly StepRecord[]): readonly string[] {
  return [...new Set(records.filter((record) => record.step === "pull").map((record) => record.host))];
}

function latestOf(records: readonly StepRecord[], step: PlanStep): StepRecord | null {
  return records
    .filter((record) => record.step === step.id && record.host === step.host)
    .reduce<StepRecord | null>((best, record) => (best === null || record.attempt > best.attempt ? record : best), null);
}
