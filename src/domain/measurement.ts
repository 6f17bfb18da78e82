import type { Sha } from "./ids.ts";

/** What one monitor saw at one look. Missing data is a `gap`, never a zero (invariant 10). */
export type Measurement = {
  readonly monitor: "sentry" | "http";
  /** Look number of that monitor, from 1; 0 is the baseline look of a probe before the deployment. */
  readonly look: number;
  readonly at: Date;
  /** Beside the looks that are due, numbered by itself: a webhook hinted at something. */
  readonly early?: true;
} & (ErrorsSeen | SiteSeen | Gap);

/** Nobody could look; the sentence says why. */
export type Gap = { readonly kind: "gap"; readonly because: string };

/** Counts of events of the revision since it went live, and of the environment before that. */
export type ErrorsSeen = {
  readonly kind: "errors";
  /** Interval since the deployment went live, cumulative up to this look. */
  readonly after: Interval;
  readonly before: Interval;
  /** Issues first seen in this release, and those that came back or escalate with it; cumulative. */
  readonly newIssues: readonly NewIssue[];
  /** Newest event of this release that Sentry holds; null: none at all, so silence proves nothing. */
  readonly lastEventAt: Date | null;
  /** Events are counted by intervals, and `lastEventAt` is the end of one: its beginning. Absent: it came just then. */
  readonly lastEventFrom?: Date;
  /** The self-test: Sentry received something from this environment lately, so that silence means something. */
  readonly signal: "proven" | "unproven";
  /** Why the signal is unproven when that is more than silence, for example release names that never match ours. */
  readonly unprovenBecause?: string;
  /** Events of each minute before the deployment, oldest first; absent when the source has totals only. */
  readonly beforePerMinute?: readonly number[];
  /** The intervals before the deployment, oldest first, where more than their events is known; stands above `beforePerMinute`. Absent: that of an earlier look. */
  readonly baseline?: readonly Sample[];
  /** The hours of the watch on earlier days, all that were asked for; told with `baseline`, once. */
  readonly sameHours?: readonly Interval[];
  /** All intervals since it went live, oldest first: events arrive late, so each look tells all anew. Stands above `sample`. */
  readonly intervals?: readonly Sample[];
  /** The requests that the app traces; absent: it traces none, or too few to compare. */
  readonly transactions?: TransactionsSeen;
  /** What this look adds to the one before; absent: the difference of the totals. */
  readonly sample?: Sample;
  /** After a rollback: the intervals of the version that it brought back, since it is live again. Absent: not after one, or not known. */
  readonly again?: readonly Sample[];
  /** Who sent this release's errors. Absent: a recording, which has no servers, so they count as its own. Null: not known, which is not enough to act. */
  readonly origin?: Origin | null;
};

/** Transactions before this release and of it. `before`: by minute, oldest first, told once; absent: that of an earlier look. `newest`: the newest whole interval of this release; null: none yet. */
export type TransactionsSeen = {
  readonly perMinuteBefore: number;
  readonly before?: readonly Transactions[];
  readonly newest: (Transactions & { readonly to: Date }) | null;
};

/** Requests and jobs of one interval; `failed` of them ended in an error. `p95Ms`: 95 of 100 took at most so many milliseconds. */
export type Transactions = { readonly count: number; readonly failed: number; readonly p95Ms: number };

/** A DSN may be public, and then anybody on the internet can send errors: what a stranger sends never acts. */
export type Origin =
  /** The project's DSN is known to the team's own servers alone. */
  | { readonly kind: "server_side" }
  /** Events since it went live: of the deployed servers, and of all. `users`: distinct people of the servers' events, at least; `usersOfIssue`: by issue. */
  | {
      readonly kind: "servers";
      readonly events: number;
      readonly all: number;
      readonly users: number;
      readonly usersOfIssue: Readonly<Record<string, number>>;
    };

/** Counts of one interval. `exposure`: requests or transactions; `users`: distinct within it; null: not known, which is not none. */
export type Sample = { readonly minutes: number; readonly exposure: number | null; readonly events: number; readonly users: number | null };

/** Counts between two moments. `users` null: not known, which is not none. */
export type Interval = { readonly from: Date; readonly to: Date; readonly events: number; readonly users: number | null };

/** An issue first seen in this release, or `again`; counts are of this release and cumulative. */
export type NewIssue = {
  readonly id: string;
  readonly title: string;
  readonly place: string | null;
  readonly url: string | null;
  readonly events: number;
  readonly users: number;
  readonly unhandled: boolean;
  readonly firstSeen: Date;
  readonly lastSeen: Date | null;
  /** It is older: somebody had resolved it and it came back, or Sentry sees it escalate; `at`: since when. Absent: it is new. */
  readonly again?: { readonly how: "regressed" | "escalating"; readonly at: Date };
  /** It broke in a file that the deployment changes: which that is or, where its place fits several, may be. Absent: not, or nobody can tell. */
  readonly changedFiles?: readonly string[];
  /** The commit that Sentry suspects, by who last touched the lines it broke in; absent: it names none, or was not asked. */
  readonly suspect?: Suspect;
};

/** `revision`: the full commit id. `author`: a name for people to read; null: unknown. */
export type Suspect = { readonly revision: string; readonly author: string | null };

/** What the probes of a page took, in milliseconds, in their order. `page`: its path. */
export type PageSamples = { readonly page: string; readonly samplesMs: readonly number[] };

/** From when until when a certificate is good. */
export type Validity = { readonly from: Date; readonly until: Date };

/**
 * Which revision the site says it runs, at one look. `unsaid`: it was asked and named none. `said`: as it named it, lower case, seven
 * letters or more; `always`: at each probe, else some of its servers run the deployed one.
 */
export type RevisionSaid = { readonly kind: "deployed" } | { readonly kind: "unsaid" } | OtherRevision;
/** Not the deployed one. */
export type OtherRevision = { readonly kind: "other"; readonly said: string; readonly deployed: Sha; readonly always: boolean };

/** A page of which some probes failed, or all. */
export type FailingPage = { readonly page: string; readonly failed: number; readonly probes: number };

/** The site at one look: a few probes of each page. */
export type SiteSeen = {
  readonly kind: "site";
  /** Did any of its pages answer as it should? */
  readonly up: boolean;
  /** Some pages answer, these do not, or only now and then; absent: it is the same for all. */
  readonly partly?: string;
  /** The pages that failed at any probe of this look; absent: none did. */
  readonly failing?: readonly FailingPage[];
  /** The median of this look's probes of its slowest page, in milliseconds; null when nothing answered. */
  readonly latencyMs: number | null;
  /** Of the same probes the 95th percentile; absent when nothing answered. */
  readonly latencyP95Ms?: number;
  /** Of each page that answered; of one that answers as it should only those probes. */
  readonly samples?: readonly PageSamples[];
  /** At look 0: the looks of the last watch here that ended healthy, oldest first, since one moment says little about what is usual. */
  readonly earlier?: readonly (readonly PageSamples[])[];
  /** Of its pages' certificates the one that ends first; absent: none was shown. */
  readonly certificate?: Validity;
  /** Which revision it says it runs; absent: it was not asked, or is down. */
  readonly revision?: RevisionSaid;
  readonly detail: string;
};

/**
 * What is wrong with a deployment. `down`: the whole site does not answer; `part`: some of its pages fail, or all now and then;
 * `requests`: more of those that the app traces fail; `slow`: site or requests; `revision`: the site says that it runs another one.
 */
export type Trouble = "errors" | "down" | "part" | "requests" | "slow" | "revision";

/** The judgement over all measurements so far. `level` says what it is strong enough for. */
export type Verdict = {
  readonly kind: "healthy" | "regressed" | "inconclusive" | "blind";
  readonly level: "none" | "propose" | "act";
  /** Still happening at the last look; only meaningful when regressed. */
  readonly ongoing: boolean;
  /** One sentence in plain words, safe for Slack after escaping. */
  readonly why: string;
  /** What would be needed to act by itself; absent: it acts, or nothing but more errors is missing. */
  readonly lacks?: string;
  /** All that speaks against it is the site's; absent: errors do, or nothing does. */
  readonly about?: "site";
  /** What `why` tells of, each kind once; absent: nothing is wrong, or an earlier version of Greenlight judged. */
  readonly troubles?: readonly Trouble[];
  /** When what is wrong was seen: the newest look that could tell. Absent: nothing is wrong, or an earlier version of Greenlight judged. */
  readonly seenAt?: Date;
  readonly figures: VerdictFigures;
};

/** The figures behind a verdict; null where nothing was measured. */
export type VerdictFigures = {
  readonly errorsAfter: number | null;
  readonly minutesAfter: number;
  readonly errorsBefore: number | null;
  readonly minutesBefore: number;
  /** A minute, in the newest stretch of the watch, where it is their counts that speak against the deployment; absent: an issue or the site does. */
  readonly errorsNow?: number;
  readonly usersHit: number | null;
  readonly since: Date | null;
  readonly newIssues: readonly NewIssue[];
  readonly lastEventAt: Date | null;
  readonly siteUp: boolean | null;
  /** The median of the last look, in milliseconds. */
  readonly latencyMs: number | null;
  /** Of the whole watch so far the 95th percentile; absent: too little was probed. */
  readonly latencyP95Ms?: number;
  /** The median before the deployment; absent: nothing to compare. */
  readonly latencyBeforeMs?: number;
  /** The path of the page that these times are of, while it is slow; absent: none is. */
  readonly slowPage?: string;
  /** Whole days until the site's certificate expires; absent: far enough away, or none. */
  readonly certificateDays?: number;
  /** Probability of counts this high if nothing had changed; null when not computed. */
  readonly pValue: number | null;
  /** Rate after over rate before with its 95 % interval; null where undefined. */
  readonly ratio: { readonly ratio: number | null; readonly low: number | null; readonly high: number | null };
};
