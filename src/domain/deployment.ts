import type { CompanionRevision } from "./companion.ts";
import type { DeploymentId, EnvironmentId, RunId, Sha } from "./ids.ts";
import type { Migrations } from "./django/record.ts";
import type { Verdict } from "./measurement.ts";
import type { Actor, Author } from "./people.ts";
import type { Change } from "./pipeline.ts";
import type { Plan } from "./plan.ts";

/** One attempt to bring one revision to one environment. The state says which fields exist. */
export type Deployment = {
  readonly id: DeploymentId;
  /** Counted per environment: what people say (`#812`) and what the host remembers; never a key. */
  readonly number: number;
  readonly environmentId: EnvironmentId;
  readonly kind: "deploy" | "rollback";
  readonly revision: Sha;
  /** Live when it was planned: what a rollback of it returns to by default. Null on the first deployment. */
  readonly from: Sha | null;
  readonly plan: Plan;
  readonly planHash: string;
  readonly configHash: string;
  /** Counts decisions, not progress: a click carries it, so that a tick does not make Cancel stale. */
  readonly counter: number;
  readonly runId: RunId | null;
  readonly requestedBy: Actor;
  readonly requestedAt: Date;
  /** What changes against `from`, frozen when it was requested. */
  readonly changes: ChangeSet;
  readonly rollsBack: DeploymentId | null;
  readonly rolledBackBy: DeploymentId | null;
  readonly automatic: boolean;
  readonly startedAt: Date | null;
  /** Live on all hosts since. */
  readonly liveAt: Date | null;
  readonly state: DeploymentState;
};

/** `repository`: the companion's path; `url`: of the page that compares its two revisions. */
export type Comparison = { readonly repository: string; readonly url: string };

/** `complete` false: the provider could not be asked, or the list is cut; then nothing is claimed about the rest. */
export type ChangeSet = {
  readonly changes: readonly Change[];
  readonly complete: boolean;
  readonly behind: number;
  /** A commit that was rolled back here and that it brings back by the code host's word, whatever the list says; absent: none. */
  readonly bringsBack?: Sha;
  /** The commits of `behind`, newest first, as far as they could be listed; absent: none. */
  readonly lacks?: readonly Change[];
  readonly compareUrl: string | null;
  /** Where those of each companion that changes can be compared; absent: none does, or nobody knows where. */
  readonly comparisons?: readonly Comparison[];
  readonly authors: readonly Author[];
  /**
   * Files of its revision that differ from what was live, as far as the code host lists them; a companion's below its directory. Absent:
   * nobody lists them. Nothing follows from a file that is not among them.
   */
  readonly files?: readonly string[];
  /** What it does to the database, as good as that is known by now. */
  readonly migrations?: Migrations;
};

/** What a person chose to go back to; absent: the default. `toSet`: what comes with it; absent: what was live with it last. */
export type BackTo = { readonly to?: Sha; readonly toSet?: readonly CompanionRevision[] };

/** The state says which fields exist, so that none is read where it means nothing. */
export type DeploymentState =
  /** `since`: when people were asked, as far as `expiresAt` counts from it; absent: when the deployment was asked for. */
  | { readonly state: "awaiting_approval"; readonly since?: Date; readonly expiresAt: Date; readonly voided: string | null }
  | { readonly state: "queued"; readonly since: Date; readonly blockers: readonly Blocker[]; readonly recheckAt: Date | null }
  /** `takeOver`: locks of other runs that a person wants taken. */
  | { readonly state: "executing"; readonly since: Date; readonly takeOver?: readonly LockHolder[] }
  /** Where it goes back to then, if whoever pressed chose it. */
  | (BackTo & { readonly state: "cancelling"; readonly since: Date; readonly by: Actor; readonly thenRollBack: boolean })
  | {
      readonly state: "needs_attention";
      readonly since: Date;
      readonly because: string;
      readonly during: "executing" | "cancelling";
      /** Locks of other runs that keep it from starting, and that may be taken over. */
      readonly held?: readonly LockHolder[];
    }
  | {
      readonly state: "watching";
      readonly until: Date;
      readonly verdict: Verdict | null;
      readonly keptBy: Actor | null;
      readonly noSecondCountdown: boolean;
      /** What ended its countdown where no person did. Absent: nothing did. */
      readonly countdownHeld?: CountdownHeld;
    }
  | {
      readonly state: "countdown";
      readonly until: Date;
      readonly rollBackAt: Date;
      readonly verdict: Verdict;
      /** It was over before, but what was seen was old: it was prolonged, once, for another look. */
      readonly looksAgain?: true;
    }
  | FinalState;

/** Slack did not show the countdown (`unseen: hold`), or the configuration did not name the environment any more. */
export type CountdownHeld = "unseen" | "not_configured";

/** The run that holds a host's lock, as the host says it, and who that is as people call it. */
export type LockHolder = { readonly host: string; readonly run: string; readonly since: Date | null; readonly who: string };

/** How it ended, why, and by whom; null: by a rule. */
export type FinalState = {
  readonly state: FinalName;
  readonly at: Date;
  readonly because: string;
  readonly by: Actor | null;
  readonly verdict: Verdict | null;
  /** Who kept it in spite of the regression that its watch saw. Absent: nobody. */
  readonly keptBy?: Actor;
  /** The number of the deployment that ended its watch before its time. Absent: none did. */
  readonly cutShortBy?: number;
};

/** States that nothing leaves. */
export const FINAL_STATES = [
  "succeeded",
  "succeeded_unverified",
  "regressed",
  "failed",
  "rejected",
  "expired",
  "superseded",
  "cancelled",
] as const;
/** The name of an end. */
export type FinalName = (typeof FINAL_STATES)[number];
/** The name of any state. */
export type StateName = DeploymentState["state"];

/** At most one of these per environment, by a partial unique index too (invariant 1). */
const OCCUPYING_STATES = ["executing", "cancelling", "needs_attention"] as const satisfies readonly StateName[];

/** Why it may not start now; who or what lifts it, and when if that is known. */
export type Blocker = { readonly rule: BlockerRule; readonly text: string; readonly owner: string | null; readonly liftsAt: Date | null };
/** The rule that holds a deployment back, for texts and tests; the sentence is in the blocker. */
export type BlockerRule =
  | "approval"
  | "later"
  | "validation"
  | "lock"
  | "freeze"
  | "requirements"
  | "order"
  | "occupied"
  | "blocked_commit"
  | "live"
  | "live_content"
  | "image"
  | "attention"
  | "configuration"
  /** Slack does not say who may approve. */
  | "people";

/** Fields beside the state that a move may set. */
export type DeploymentFields = {
  readonly startedAt?: Date | null;
  readonly liveAt?: Date;
  readonly rolledBackBy?: DeploymentId;
  readonly changes?: ChangeSet;
};

const FINAL: ReadonlySet<string> = new Set(FINAL_STATES);
const OCCUPYING: ReadonlySet<string> = new Set(OCCUPYING_STATES);

/** Is it over? */
export function isFinal(state: DeploymentState): state is FinalState {
  return FINAL.has(state.state);
}

/** Does it keep the environment to itself? */
export function isOccupying(state: DeploymentState): boolean {
  return OCCUPYING.has(state.state);
}

/** A rollback that ended before it was live took nothing back; one that is not among `known` is too old to look at, and did. */
export function wasRolledBack({ rolledBackBy }: Deployment, known: readonly Deployment[]): boolean {
  if (rolledBackBy === null) return false;
  const rollback = known.find((deployment) => deployment.id === rolledBackBy);
  return rollback === undefined || rollback.liveAt !== null;
}

/** Live on its hosts, or on the way there: what a newer deployment has to cut short. */
export function isWatched(state: DeploymentState): state is Extract<DeploymentState, { readonly state: "watching" | "countdown" }> {
  return state.state === "watching" || state.state === "countdown";
}
