import type { App, SentryWatch } from "./config.ts";
import type { Deployment } from "./deployment.ts";
import { isFinal } from "./deployment.ts";
import type { Sha } from "./ids.ts";
import type { NewIssue } from "./measurement.ts";
import type { DeployedCode } from "./verdict/changed-file.ts";
import type { SessionsSeen } from "./verdict/crash-free.ts";
import { ROLLING_RESTART_MS } from "./verdict/errors.ts";

/** A week: what runs once a week has run once by then. */
export const LATE_FOR_MS = 7 * 24 * 3_600_000;
/** More of one deployment are no news: whoever is there looks at Sentry anyway. */
export const MOST_LATE = 3;

/** What a monitor is asked once the watch is over. */
export type LateLook = {
  readonly revision: Sha;
  readonly privacy: App["privacy"];
  readonly from: Date;
  readonly to: Date;
  /** Null: nobody knows what it changed. */
  readonly code: DeployedCode | null;
};

/** Issues whose first release is this revision, with events in that time. Null: nobody could look; never throws. */
export type LateIssues = { late(watch: SentryWatch, look: LateLook): Promise<readonly NewIssue[] | null> };

/** What is asked of sessions: of a version since `liveAt`, and of all others. */
export type SessionsLook = { readonly revision: Sha; readonly liveAt: Date; readonly now: Date };

/** Sessions by whole hours. Null: nobody could look, or this version has too few to say anything; never throws. */
export type LateSessions = { sessions(watch: SentryWatch, look: SessionsLook): Promise<SessionsSeen | null> };

/** Stands among the issues that were told of a deployment: the fall of its crash-free rate is told once. Sentry's ids are numbers. */
export const CRASH_FREE_TOLD = "crash-free rate";

/** Since when it is looked for what comes late: the end of its watch. Null: it is not, or it was for long enough. */
export function lateSince({ kind, state, liveAt, plan }: Deployment, now: Date): Date | null {
  if (kind !== "deploy" || liveAt === null || (plan.watch?.sentry ?? null) === null || !isFinal(state)) return null;
  if (state.state !== "succeeded" && state.state !== "succeeded_unverified") return null;
  return now.getTime() - state.at.getTime() > LATE_FOR_MS ? null : state.at;
}

/**
 * A crash that the watch did not see; what people handle themselves, what was told during the watch, and what an earlier deployment of
 * the same revision brought is no news.
 */
export function isLate({ state, liveAt }: Deployment, issue: NewIssue): boolean {
  if (liveAt === null || issue.firstSeen.getTime() < liveAt.getTime() - ROLLING_RESTART_MS) return false;
  const known = "verdict" in state ? (state.verdict?.figures.newIssues ?? []) : [];
  return issue.unhandled && known.every(({ id }) => id !== issue.id);
}
