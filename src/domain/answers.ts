import type { Comparison, Blocker, BlockerRule, StateName } from "./deployment.ts";
import type { Advice, Policy, Trust } from "./trust.ts";

/** Answers to questions: what was deployed, what would change, why not, and what waits. Nothing is done by asking. */

/** A version as people name it. `title` null: its commit was never told to us. */
export type NamedRevision = { readonly revision: string; readonly title: string | null };

/** What was deployed to an app's environments, newest first. */
export type HistoryAnswer = {
  readonly kind: "history";
  readonly app: string;
  readonly environments: readonly {
    readonly environment: string;
    readonly entries: readonly HistoryLine[];
    /** There are older ones that are not shown. */
    readonly more: boolean;
  }[];
  readonly now: Date;
};

/** One deployment in the history. */
export type HistoryLine = NamedRevision & {
  readonly number: number;
  readonly kind: "deploy" | "rollback";
  readonly state: StateName;
  /** Why it ended so; null: nothing to say, or it is not over. */
  readonly because: string | null;
  /** When it began; before that, when it was asked for. */
  readonly at: Date;
  /** Milliseconds from its start until it was live, or until it ended otherwise; null: never started, or not there yet. */
  readonly tookMs: number | null;
  readonly askedBy: string;
  readonly approvedBy: readonly string[];
  /** Who passed the approval rule with a reason. */
  readonly overriddenBy: readonly string[];
  /** Of a rollback, the number that it takes back. */
  readonly rollsBack: number | null;
  readonly rolledBackBy: { readonly number: number; readonly by: string } | null;
};

/** What the newest version that may go there changes against what is live. */
export type DiffAnswer = {
  readonly kind: "diff";
  readonly app: string;
  readonly environments: readonly DiffPart[];
  readonly now: Date;
};

/** One environment's difference. */
export type DiffPart = {
  readonly environment: string;
  readonly live: (NamedRevision & { readonly since: Date }) | null;
  /** Its servers differ from each other: what is live is then only one of the answers. */
  readonly mixed: boolean;
  /** CI deploys it: Greenlight has no candidates for it. */
  readonly byCi: boolean;
  /** Null: nothing has passed all that is required here. */
  readonly candidate: NamedRevision | null;
  /** Null: there is no candidate, or it is live already. */
  readonly changes: DiffChanges | null;
  /** The newest version that is no candidate yet, and what it waits for. Null: the newest is one. */
  readonly next: (NamedRevision & { readonly waitsFor: readonly Blocker[] }) | null;
};

/** The changes between two versions, newest last, cut to as many as an answer shows. */
export type DiffChanges = {
  readonly total: number;
  /** False: there may be more than are counted. */
  readonly complete: boolean;
  /** Commits that are live now and would be left out. */
  readonly behind: number;
  /** `repository`: the companion whose it is; absent: the app's own. */
  readonly titles: readonly {
    readonly title: string;
    readonly repository?: string;
    readonly author: string;
    readonly url: string | null;
  }[];
  readonly authors: readonly string[];
  readonly compareUrl: string | null;
  readonly comparisons?: readonly Comparison[];
};

/** Why the newest version is not live, environment by environment. */
export type WhyAnswer = {
  readonly kind: "why";
  readonly app: string;
  readonly branch: string;
  /** The slash command, for what to type next. */
  readonly command: string;
  /** Null: no version is known yet. */
  readonly newest: NamedRevision | null;
  readonly environments: readonly WhyPart[];
  /** Pushes since then that touched nothing of the app's `paths`; absent: none. */
  readonly elsewhere?: number;
  readonly now: Date;
};

/** How far the newest version is in one environment, and all that stands in its way there. */
export type WhyPart = {
  readonly environment: string;
  readonly stand:
    | { readonly kind: "live"; readonly since: Date }
    | { readonly kind: "on_its_way"; readonly number: number; readonly state: StateName }
    | { readonly kind: "by_ci" }
    /** `opensAt`: when all that ends by the clock is over together; null: nothing of it does, or it never ends. */
    | { readonly kind: "stopped"; readonly reasons: readonly WhyReason[]; readonly opensAt: Date | null }
    /** Nothing stands in the way: what to type after the slash command. */
    | { readonly kind: "free"; readonly words: string };
  /** An older version that may go there now, and what to type for it; null: there is none, or the newest may itself. */
  readonly instead: (NamedRevision & { readonly words: string }) | null;
};

/** A rule or an earlier end that stands in the way, and what lifts it; null: its text says so itself. */
export type WhyReason = Omit<Blocker, "rule"> & { readonly rule: BlockerRule | "ended"; readonly lifts: string | null };

/** What runs and what waits. */
export type QueueAnswer = {
  readonly kind: "queue";
  readonly app: string | null;
  /** Only environments with something to say. */
  readonly environments: readonly QueuePart[];
  readonly now: Date;
};

/** One environment's queue. */
export type QueuePart = {
  readonly app: string;
  readonly environment: string;
  /** What has the environment to itself, or is watched there. */
  readonly running: readonly (QueueLine & { readonly since: Date | null; readonly usualMs: number | null })[];
  /** In the order in which they would start. */
  readonly waiting: readonly (QueueLine & {
    /** "2nd of 3"; null: it waits for a yes first. */
    readonly place: string | null;
    readonly since: Date;
    readonly blockers: readonly WhyReason[];
    /** When it is thought to start; null: nobody can tell. */
    readonly startsAt: Date | null;
    /** The time to approve it is over then. */
    readonly expiresAt: Date | null;
  })[];
};

/** One deployment in a queue. */
export type QueueLine = NamedRevision & {
  readonly number: number;
  readonly kind: "deploy" | "rollback";
  readonly state: StateName;
  readonly askedBy: string;
};

/** How far the judge of the watches could be trusted. */
export type TrustAnswer = {
  readonly kind: "trust";
  readonly app: string | null;
  /** Only environments that are watched, or were. `policy` null: it is not watched now. */
  readonly environments: readonly {
    readonly app: string;
    readonly environment: string;
    readonly policy: Policy | null;
    readonly trust: Trust;
    readonly advice: Advice;
  }[];
  readonly now: Date;
};

/** Review environments that are open, newest first. */
export type ReviewsAnswer = {
  readonly kind: "reviews";
  readonly app: string | null;
  readonly apps: readonly {
    readonly app: string;
    readonly open: readonly {
      /** The provider's name of it. */
      readonly name: string;
      readonly revision: string;
      /** Where people look at it; null: nobody said. */
      readonly url: string | null;
      /** The provider's page of it; `stops`: it has a button for that. Null: nobody knows where it is. */
      readonly page: { readonly url: string; readonly stops: boolean } | null;
      readonly author: string | null;
      readonly since: Date;
    }[];
    /** How many more are open. */
    readonly more: number;
  }[];
  readonly now: Date;
};
