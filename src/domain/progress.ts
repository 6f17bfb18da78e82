import type { Plan, PlanStep } from "./plan.ts";

/** What is recorded of one try of one step. */
export type StepRecord = {
  readonly step: string;
  readonly host: string;
  readonly attempt: number;
  readonly status: "running" | "done" | "failed" | "unknown" | "undone";
  readonly note: string | null;
  readonly finishedAt: Date | null;
};

/** A step to start or follow, and as which try. */
export type Due = { readonly step: PlanStep; readonly attempt: number; readonly begun: boolean };

/** What is due: steps to start or follow, or how it ended. */
export type Progress =
  /** Start or follow these, side by side; `notBefore`: a pause of the roll that lies before them. */
  | { readonly kind: "next"; readonly steps: readonly Due[]; readonly notBefore: Date | null }
  | { readonly kind: "done" }
  /** `finished`: every other host has been through all of it, so nothing was stopped. */
  | { readonly kind: "failed"; readonly because: string; readonly finished: boolean }
  | { readonly kind: "unknown"; readonly because: string };

/** More than this, and losing outcomes is no accident. */
const MAX_ATTEMPTS = 3;

/** The note of a step whose watcher died before it: what it does goes on. */
export const STILL_RUNS = "its process still runs, but nobody will learn its exit code";

type Seen = { readonly step: PlanStep; readonly latest: StepRecord | null };

/**
 * What is due, from the stored plan and the recorded steps alone. A phase begins when the one before is done on all hosts that are
 * not broken; a failure before the roll stops all, in the roll as many hosts may break as the plan says. A lost step is tried again
 * only if it is repeatable: nothing that may have changed the schema or the running processes is ever started twice by itself
 * (invariant 2).
 */
export function progressOf(plan: Plan, records: readonly StepRecord[]): Progress {
  const broken = new Map<string, string>();
  for (const phase of phasesOf(plan)) {
    const steps = plan.steps
      .filter((step) => step.phase === phase && !broken.has(step.host))
      .map((step) => ({ step, latest: latestOf(records, step) }));
    const failed = steps.filter(({ latest }) => latest?.status === "failed");
    const lost = steps.find(isLost);
    const running = steps.filter(({ latest }) => latest?.status === "running");
    // What runs beside a failure is followed to its end first: nobody would know it otherwise.
    if (running.length > 0 && (failed.length > 0 || lost !== undefined)) return { kind: "next", steps: running.map(due), notBefore: null };
    if (lost !== undefined) return { kind: "unknown", because: whyUnknown(lost) };
    for (const { step, latest } of failed) broken.set(step.host, `${step.id} on ${step.host} ${latest?.note ?? "failed"}`);
    if (failed.length > 0 && stops(plan, phase, broken)) return { kind: "failed", because: sentenceOf(broken), finished: false };
    const open = steps.filter(({ latest }) => latest?.status !== "done" && latest?.status !== "failed");
    if (open.length > 0) return { kind: "next", steps: open.map(due), notBefore: pauseBefore(plan, records, phase) };
  }
  return broken.size === 0 ? { kind: "done" } : { kind: "failed", because: sentenceOf(broken), finished: true };
}

/** Before the roll nothing may fail; in it, a canary's failure stops whatever the policy, others' when they are too many. */
function stops(plan: Plan, phase: number, broken: ReadonlyMap<string, string>): boolean {
  const { roll } = plan;
  if (phase < roll.firstPhase || roll.canary.some((host) => broken.has(host))) return true;
  return plan.onFailure !== "finish" && broken.size > roll.maxFailures;
}

/** The end of the pause that lies before a phase, counted from recorded times; null: none, or the batch has begun already. */
function pauseBefore(plan: Plan, records: readonly StepRecord[], phase: number): Date | null {
  const pause = plan.roll.pauses.findLast((candidate) => candidate.phase <= phase);
  if (pause === undefined) return null;
  const after = new Set(plan.steps.filter((step) => step.phase >= pause.phase).map(keyOf));
  if (records.some((record) => after.has(keyOf({ id: record.step, host: record.host })))) return null;
  const ends = records.flatMap((record) => (record.finishedAt === null ? [] : [record.finishedAt.getTime()]));
  return ends.length === 0 ? null : new Date(Math.max(...ends) + pause.seconds * 1000);
}

/**
 * Hosts that count as changed: from the start of `switch`, else of `pull`; with containers from their `restart`, since a pull only
 * fetches an image. The command of a fabfile changes all hosts at once, and nothing before it any. Commands of one's own that have
 * none of these count from the first step: nobody else can tell which of them changes the host.
 */
export function switchedHosts(plan: Plan, records: readonly Pick<StepRecord, "step" | "host" | "status">[]): readonly string[] {
  const begun = records.filter((record) => record.status !== "undone");
  if (plan.target === "fabric") return begun.some((record) => record.step === "run") ? plan.hosts.map((host) => host.name) : [];
  const markers = plan.target === "docker" ? ["restart"] : ["switch", "pull"];
  const marker = markers.find((name) => plan.steps.some((step) => step.id === name));
  return [...new Set(begun.filter((record) => marker === undefined || record.step === marker).map((record) => record.host))];
}

function phasesOf(plan: Plan): readonly number[] {
  return [...new Set(plan.steps.map((step) => step.phase))].toSorted((a, b) => a - b);
}

function isLost({ step, latest }: Seen): boolean {
  return latest?.status === "unknown" && !(step.repeatable && latest.attempt < MAX_ATTEMPTS);
}

function due({ step, latest }: Seen): Due {
  const again = latest?.status === "unknown" || latest?.status === "undone" ? 1 : 0;
  return { step, attempt: (latest?.attempt ?? 1) + again, begun: latest?.status === "running" };
}

function whyUnknown({ step, latest }: Seen): string {
  return `nobody can tell whether ${step.id} on ${step.host} was done (${latest?.note ?? "its outcome was lost"})`;
}

function sentenceOf(broken: ReadonlyMap<string, string>): string {
  return `${[...broken.values()].join("; ")}.`;
}

function latestOf(records: readonly StepRecord[], step: PlanStep): StepRecord | null {
  return records
    .filter((record) => record.step === step.id && record.host === step.host)
    .reduce<StepRecord | null>((best, record) => (best === null || record.attempt > best.attempt ? record : best), null);
}

function keyOf(step: Pick<PlanStep, "id" | "host">): string {
  return JSON.stringify([step.id, step.host]);
}
