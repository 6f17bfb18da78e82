import type { ErrorsSeen, Measurement, NewIssue } from "../measurement.ts";
import type { CountsSoFar } from "./counting.ts";
import { MIN_RATE_RATIO } from "./counts.ts";
import type { Finding } from "./finding.ts";
import { ACT_USERS, originLacks } from "./origin.ts";
import { minutesOf } from "./samples.ts";
import { judgeTransactions } from "./transactions.ts";
import { dueLooks, quietMs } from "./watch-clock.ts";
import type { WatchClock, WatchPlan } from "./watch-clock.ts";
import { compared, duration, newErrorWords } from "./words.ts";
import { worstFirst } from "./worst-issue.ts";

/** A look that counted errors. */
export type ErrorsLook = Extract<Measurement, { kind: "errors" }>;

/** Hosts are switched one by one: the release runs on the first ones before it is live on all. Issues older than this are not of this deployment. In milliseconds. */
export const ROLLING_RESTART_MS = 10 * 60_000;
/** A new unhandled error acts when it is no single accident of a single person. */
const ACT_EVENTS = 3;

/** What the counts and issues of all looks say together. */
export type ErrorsJudged = {
  readonly findings: readonly Finding[];
  readonly latest: ErrorsLook | null;
  readonly newIssues: readonly NewIssue[];
  readonly pValue: number | null;
  readonly roseBefore: boolean;
  readonly usualNow: boolean;
  readonly since: Date | null;
};

/** What the counts of all looks found, and the issues, as they stand at the newest look. `siteFails`: the site agrees, by a look of lately, that something is broken. */
export function judgeErrors(
  watch: WatchPlan,
  looks: readonly ErrorsLook[],
  clock: WatchClock,
  { found, siteFails }: { readonly found: CountsSoFar; readonly siteFails: boolean },
): ErrorsJudged {
  const latest = looks.at(-1) ?? null;
  if (latest === null) return { findings: [], latest, newIssues: [], pValue: null, roseBefore: false, usualNow: false, since: null };
  const issues = issuesOfDeployment(looks, clock);
  const since = firstError(looks, issues, clock);
  // The last one that was told: what one look could not ask does not undo what was known.
  const { origin } = looks.findLast((look) => look.origin !== null) ?? latest;
  const ofServers = (finding: Finding, issue: NewIssue | null): Finding => {
    const lacks = finding.level === "act" && !siteFails ? originLacks(origin, issue) : null;
    return lacks === null ? finding : { ...finding, level: "propose", lacks };
  };
  const counted = found.level === "none" ? null : countFinding(watch, looks, found.level, since);
  // Of those that weigh the same the one that the card names first is told.
  const newErrors = worstFirst(issues)
    .filter((issue) => issue.events > 0 && (issue.unhandled || issue.again?.how === "escalating"))
    .map((issue) => ofServers(judgeIssue(watch, issue, latest), issue));
  const worst = newErrors.toSorted((left, right) => weight(right) - weight(left))[0];
  const findings = [counted === null ? null : ofServers(counted, null), worst ?? null, ...judgeTransactions(looks, dueLooks(watch))].filter(
    (finding) => finding !== null,
  );
  return { findings, latest, newIssues: issues, pValue: found.pValue, roseBefore: found.roseBefore, usualNow: found.usualNow, since };
}

function countFinding(watch: WatchPlan, looks: readonly ErrorsLook[], level: Finding["level"], since: Date | null): Finding | null {
  const latest = looks.at(-1);
  if (latest === undefined) return null;
  const rate = latest.after.events / minutesOf(latest.after);
  const recent = recentRate(watch, looks, since);
  if (recent.ongoing) {
    const errorsNow = Math.max(rate, recent.perMinute);
    return { level, ongoing: true, since, trouble: "errors", why: compared(errorsNow, latest), errorsNow };
  }
  const quiet = recent.perMinute === 0 ? `none for the last ${duration(recent.quietMs)}` : `now ${compared(recent.perMinute, latest)}`;
  const why = `it was ${compared(rate, latest)}; ${quiet}`;
  return { level, ongoing: false, since, trouble: "errors", why, errorsNow: recent.perMinute };
}

/** The newest stretch of the watch: cumulative counts at its two ends. Without a look at its start everything counts as recent. */
function recentRate(watch: WatchPlan, looks: readonly ErrorsLook[], since: Date | null) {
  const latest = looks.at(-1);
  if (latest === undefined) return { ongoing: false, perMinute: 0, quietMs: 0 };
  const end = latest.after.to.getTime();
  const window = quietMs(watch, end - (since ?? latest.after.from).getTime());
  const silentMs = latest.lastEventAt === null ? 0 : end - latest.lastEventAt.getTime();
  if (silentMs >= window) return { ongoing: false, perMinute: 0, quietMs: silentMs };
  const start = looks.findLast((look) => end - look.after.to.getTime() >= window);
  const from = start?.after.to ?? latest.after.from;
  const events = Math.max(0, latest.after.events - (start?.after.events ?? 0));
  const perMinute = events / Math.max(1 / 60, (end - from.getTime()) / 60_000);
  const minutesBefore = minutesOf(latest.before);
  const before = minutesBefore > 0 ? latest.before.events / minutesBefore : 0;
  return { ongoing: events > 0 && perMinute >= MIN_RATE_RATIO * before, perMinute, quietMs: end - from.getTime() };
}

function judgeIssue(watch: WatchPlan, issue: NewIssue, latest: ErrorsLook): Finding {
  const end = latest.after.to.getTime();
  const since = startOf(issue);
  const window = quietMs(watch, end - since.getTime());
  const ongoing = end - (issue.lastSeen ?? since).getTime() < window;
  // What is known since long may have waited for anything: enough to ask a person.
  const level = issue.again === undefined && issue.events >= ACT_EVENTS && issue.users >= ACT_USERS ? "act" : "propose";
  return { level, ongoing, since, trouble: "errors", why: newErrorWords(issue) };
}

/** The newest state of every issue any look has seen, first seen with this deployment and not with an earlier one of the same revision. */
function issuesOfDeployment(looks: readonly ErrorsSeen[], clock: WatchClock): readonly NewIssue[] {
  const byId = new Map<string, NewIssue>();
  for (const look of looks) for (const issue of look.newIssues) byId.set(issue.id, issue);
  const earliest = clock.liveAt.getTime() - ROLLING_RESTART_MS;
  return [...byId.values()].filter((issue) => startOf(issue).getTime() >= earliest);
}

/** Since when it is trouble. */
function startOf(issue: NewIssue): Date {
  return issue.again?.at ?? issue.firstSeen;
}

function firstError(looks: readonly ErrorsLook[], issues: readonly NewIssue[], clock: WatchClock): Date | null {
  const index = looks.findIndex((look) => look.after.events > 0);
  const fromCounts = index < 0 ? [] : [looks[index - 1]?.after.to ?? clock.liveAt];
  const times = [...fromCounts, ...issues.map(startOf)].map((at) => at.getTime());
  return times.length === 0 ? null : new Date(Math.max(clock.liveAt.getTime(), Math.min(...times)));
}

function weight(finding: Finding): number {
  return (finding.level === "act" ? 2 : 0) + (finding.ongoing ? 1 : 0);
}
