import { isTerminal, type Run, type Workflow } from "./pipeline.ts";

/** Nothing heard for this long is worth saying: most stages take less, and those that take more are told to be running still. */
const QUIET_MS = 30 * 60_000;
/** A push whose CI has not begun by then has none. */
const BEGINS_WITHIN_MS = 24 * 3_600_000;

/** Is anything of it still to come? A push of which CI has not said a word counts for a day. */
export function isOpen(run: Run, firstSeen: Date, now: Date): boolean {
  if (run.workflows.length === 0 && run.checks.length === 0)
    return run.push !== null && now.getTime() - firstSeen.getTime() < BEGINS_WITHIN_MS;
  return (
    run.checks.some((check) => !isTerminal(check.status)) ||
    run.workflows.some((workflow) => !isTerminal(workflow.status) || hasOpenJobs(workflow))
  );
}

/**
 * Does any job of it still wait or run? Where a pipeline tells its own end in one go with its jobs (GitLab, the generic webhook)
 * nothing does after that: an optional manual job of it may wait for ever.
 */
export function hasOpenJobs({ provider, status, jobs }: Workflow): boolean {
  const hasEnded = isTerminal(status) && (provider === "gitlab" || provider === "ci");
  return !hasEnded && jobs.some((job) => !isTerminal(job.status));
}

/** Has CI been silent for so long that people should know? `heardAt`: when something of the run changed last. */
export function isQuiet(run: Run, heardAt: Date, now: Date): boolean {
  return isOpen(run, heardAt, now) && now.getTime() - heardAt.getTime() >= QUIET_MS;
}

/** Silence on a card: since when, and what the code host says; null: it was not asked, or has no API. */
export type Quiet = {
  readonly since: Date;
  readonly host: "github" | "gitlab" | null;
  readonly answer: "running" | "waiting" | "no answer" | null;
};

/** What the card says of a run that went silent; null: it did not. `asked`: what the code host answered last. */
export function quietOf(
  run: Run,
  heard: { readonly at: Date; readonly asked: { readonly at: Date; readonly answer: "the same" | "no answer" } | null },
  from: { readonly now: Date; readonly host: Quiet["host"] },
): Quiet | null {
  if (!isQuiet(run, heard.at, from.now)) return null;
  const asked = heard.asked !== null && heard.asked.at > heard.at && from.host !== null ? heard.asked.answer : null;
  if (asked === null) return { since: heard.at, host: null, answer: null };
  const runs = run.workflows.some((workflow) => workflow.jobs.some((job) => job.status === "running"));
  return { since: heard.at, host: from.host, answer: asked === "no answer" ? asked : runs ? "running" : "waiting" };
}
