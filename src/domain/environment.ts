import type { Absence } from "./absence.ts";
import type { Alarm, AlarmWord } from "./alarm.ts";
import type { Reply } from "./card.ts";
import type { PassedRevision } from "./companion.ts";
import type { Environment } from "./config.ts";
import type { BackTo, Blocker, Deployment, DeploymentFields, DeploymentState } from "./deployment.ts";
import type { Incident, KnownIncident } from "./escalation.ts";
import type { DeploymentId, RunId, Sha } from "./ids.ts";
import type { KnownImage } from "./image.ts";
import type { AttentionWay, Later, Refusal } from "./intent.ts";
import type { Lacking } from "./live-content.ts";
import type { Observed, ObservedSign } from "./observed.ts";
import type { FoundRevision, StepsOutcome } from "./steps-outcome.ts";
import type { Undo } from "./card.ts";
import type { NewIssue, Verdict } from "./measurement.ts";
import type { PagerCall } from "./page.ts";
import type { Actor } from "./people.ts";
import type { Notice } from "./notice.ts";
import type { Plan } from "./plan.ts";
import type { Prepared } from "./prepared.ts";
import type { AfterRecord, BlockedCommit, Candidate, LiveHost } from "./recorded.ts";
import type { Approval, Delegation, Lock, LookedAt, SetFreeze, StandIn, Standing, Validation } from "./standing.ts";
import type { CrashFreeFall } from "./verdict/crash-free.ts";

/** Everything one environment's decision may know, read under its row lock as one snapshot. */
export type Snapshot = {
  readonly environment: Environment;
  readonly configHash: string;
  /** The slash command as people type it here, with its `/`. */
  readonly command: string;
  readonly nextNumber: number;
  readonly mixed: boolean;
  readonly heldBecause: string | null;
  readonly lock: Lock | null;
  readonly freeze: SetFreeze | null;
  readonly live: readonly LiveHost[];
  /** All non-final ones, oldest first. */
  readonly open: readonly Deployment[];
  /** Final ones, newest first, as far back as a way back may lie. */
  readonly past: readonly Deployment[];
  readonly approvals: readonly Approval[];
  /** People's words on the environment that this one follows; where it follows none, on this one. */
  readonly validations: readonly Validation[];
  /** People's words on this one, where `validations` are another one's. Absent: they are the same. */
  readonly words?: readonly Validation[];
  readonly blocked: readonly BlockedCommit[];
  readonly candidates: readonly Candidate[];
  /** Which images were built from which revisions; absent: it runs none. */
  readonly images?: readonly KnownImage[];
  /** Revisions of its companions that have passed; absent: it has no companions. */
  readonly passed?: readonly PassedRevision[];
  /** What the `after:` environment recorded of revisions; read unlocked. Null: the environment follows none. */
  readonly after: readonly AfterRecord[] | null;
  /** Where CI deploys: what it deployed, newest first. Absent: Greenlight deploys here. */
  readonly observed?: readonly Observed[];
  /** As of when Slack last showed the card of what is counted down. Null: never. Absent: nothing is counted down. */
  readonly shownAt?: Date | null;
  /** Times in which Slack was away: what lapses does not lapse by them. Absent: none. */
  readonly absences?: readonly Absence[];
  /** Trouble for which somebody may be woken. Absent: the environment calls no pager. */
  readonly incidents?: readonly KnownIncident[];
};

export type { AfterRecord, BlockedCommit, Candidate, LiveHost };

/** What the presser of a button was shown: the counter of decisions when it was drawn, and the digest of revision, environment and plan. */
export type Shown = { readonly counter: number; readonly digest: string };

/** Everything that concerns a deployment is one of these, on one environment. `shown` absent: nothing was, as when a rule acts. */
export type Command = Order & { readonly shown?: Shown };

type Order =
  | (Prepared & {
      readonly kind: "offer";
      /** CI asks to go on with it: the answer is the id of what people are asked on, or were before. */
      readonly byGate?: true;
      readonly candidate: Candidate;
      readonly id: DeploymentId;
    })
  | (Prepared & {
      readonly kind: "request";
      readonly standing: Standing;
      readonly revision: Sha;
      readonly runId: RunId | null;
      readonly missing: readonly Blocker[];
      /** Why, if whoever asked said it. */
      readonly reason?: string;
      readonly id: DeploymentId;
    })
  | {
      readonly kind: "approve";
      readonly standing: Standing;
      readonly deployment: DeploymentId;
      readonly digest: string;
      readonly override: string | null;
      readonly later?: Later | null;
      readonly approverNames: readonly string[];
    }
  | {
      readonly kind: "start_now";
      readonly standing: Standing;
      readonly deployment: DeploymentId;
      readonly approverNames: readonly string[];
    }
  /** Compared anew: the code host may know more by now. */
  | (Prepared & {
      readonly kind: "offer_again";
      readonly standing: Standing;
      readonly deployment: DeploymentId;
      readonly missing: readonly Blocker[];
      readonly id: DeploymentId;
    })
  /** Decided in one environment of the app; the right itself is the whole app's. */
  | { readonly kind: "delegate"; readonly standing: Standing; readonly to: StandIn; readonly until: Date }
  | { readonly kind: "undelegate"; readonly standing: Standing; readonly to: StandIn }
  | { readonly kind: "reject"; readonly standing: Standing; readonly deployment: DeploymentId; readonly reason: string }
  | {
      readonly kind: "cancel";
      readonly standing: Standing;
      readonly deployment: DeploymentId;
      readonly thenRollBack: boolean;
      readonly reason?: string;
    }
  /** What the presser chose instead of the default is only what was live here and is not blocked. */
  | (BackTo & {
      readonly kind: "roll_back";
      readonly standing: Standing;
      readonly deployment: DeploymentId;
      readonly reason: string | null;
      /** The schema goes back too; without it the rollback is code only. */
      readonly schema?: boolean;
      readonly id: DeploymentId;
    })
  | { readonly kind: "stop_countdown"; readonly standing: Standing; readonly deployment: DeploymentId }
  | { readonly kind: "keep_watching"; readonly standing: Standing; readonly deployment: DeploymentId }
  | { readonly kind: "on_it"; readonly standing: Standing; readonly deployment: DeploymentId }
  /** `alarm`: what the watch had seen of it when this was asked; null: nothing. */
  | {
      readonly kind: "mark_alarm";
      readonly standing: Standing;
      readonly deployment: DeploymentId;
      readonly isReal: boolean;
      readonly alarm: Alarm | null;
    }
  | { readonly kind: "allow_again"; readonly standing: Standing; readonly deployment: DeploymentId; readonly reason: string }
  | {
      readonly kind: "resolve";
      readonly standing: Standing;
      readonly deployment: DeploymentId;
      readonly way: AttentionWay;
      readonly reason: string;
      readonly id: DeploymentId;
    }
  | { readonly kind: "lock"; readonly standing: Standing; readonly reason: string; readonly until: Date }
  | { readonly kind: "unlock"; readonly standing: Standing; readonly reason?: string }
  /** `asked`: this person asked for this lock before, and its owner knows. */
  | { readonly kind: "ask_unlock"; readonly standing: Standing; readonly asked: boolean }
  | { readonly kind: "freeze"; readonly standing: Standing; readonly reason: string; readonly until: Date }
  | { readonly kind: "unfreeze"; readonly standing: Standing; readonly reason?: string }
  | { readonly kind: "validate"; readonly standing: Standing; readonly lookedAt?: LookedAt }
  | { readonly kind: "not_yet"; readonly standing: Standing; readonly reason: string; readonly lookedAt?: LookedAt }
  | {
      readonly kind: "recheck";
      /** Slack ids that may approve now; null: the environment asks nobody. */
      readonly entitled: readonly string[] | null;
      /** Whose delegation counts still, and the approver whose it is; absent: nobody's. */
      readonly standIns?: readonly { readonly from: string; readonly to: string }[];
      /** Slack ids that may override now; absent: nobody. */
      readonly overriders?: readonly string[];
      /** Deployments whose people and provider were asked for this: what was queued meanwhile waits for its own recheck. */
      readonly asked: readonly DeploymentId[];
      /** Slack could not be asked who may approve. Absent: it was, or nobody has to. */
      readonly silent?: boolean;
      readonly unfit: Readonly<Record<string, string>>;
      /** What CI does once more of revisions, each as a sentence: they wait for it. Absent: nothing. */
      readonly again?: Readonly<Record<string, string>>;
      /** Of which CI was not asked, since something else holds them for long: none of them starts by this. Absent: none. */
      readonly unasked?: readonly DeploymentId[];
      /** What revisions lack of what is live now, by revision; absent: nobody could be asked. */
      readonly lacking?: Readonly<Record<string, Lacking>>;
      /** What changes with the companions that its proof was asked for, by deployment; absent: they are those of its plan. */
      readonly anew?: Readonly<Record<string, Prepared>>;
      /** Of the rollback, if a countdown is over. */
      readonly id: DeploymentId;
    }
  | { readonly kind: "steps_ended"; readonly deployment: DeploymentId; readonly outcome: StepsOutcome; readonly id: DeploymentId }
  | {
      readonly kind: "cancel_ended";
      readonly deployment: DeploymentId;
      readonly unreachable: readonly string[];
      readonly switched: readonly string[];
      readonly found?: readonly FoundRevision[];
      readonly id: DeploymentId;
    }
  | {
      readonly kind: "measured";
      readonly deployment: DeploymentId;
      readonly verdict: Verdict;
      readonly undo: Undo;
      /** Another monitor has yet to look at the end: the watch waits for it, and is not over. */
      readonly awaited?: true;
      readonly id: DeploymentId;
    }
  /** After the watch of what is live still: a crash that it did not see. */
  | { readonly kind: "late_regression"; readonly deployment: DeploymentId; readonly issue: NewIssue; readonly undo: Undo }
  | { readonly kind: "crash_free_fell"; readonly deployment: DeploymentId; readonly fall: CrashFreeFall; readonly undo: Undo }
  /** CI does again what had proven this candidate. `because`: a whole sentence. */
  | { readonly kind: "withdraw"; readonly revision: Sha; readonly because: string }
  /** Something was said of a deployment that CI made here. */
  | { readonly kind: "observed"; readonly sign: ObservedSign }
  | { readonly kind: "found_live"; readonly hosts: readonly FoundRevision[] }
  /** Before its first step: hosts run something else than what is recorded, and what it was planned from. */
  | { readonly kind: "drifted"; readonly deployment: DeploymentId; readonly hosts: readonly FoundRevision[] }
  | { readonly kind: "restored"; readonly because: string }
  /** The environment is not in the configuration any more. */
  | { readonly kind: "gone" };

/** The command of one kind. */
export type CommandOf<Kind extends Command["kind"]> = Extract<Command, { readonly kind: Kind }>;

export type { FoundRevision, Notice, Refusal, StepsOutcome };

/** One change that a decision writes, in the order in which it must be written. */
export type Change =
  | { readonly kind: "insert"; readonly deployment: Deployment }
  | { readonly kind: "move"; readonly id: DeploymentId; readonly state: DeploymentState; readonly set: DeploymentFields }
  | { readonly kind: "replan"; readonly id: DeploymentId; readonly plan: Plan; readonly planHash: string }
  /** Its steps were undone: when it comes again, each begins anew. */
  | { readonly kind: "start_over"; readonly id: DeploymentId }
  | { readonly kind: "approve"; readonly approval: Approval }
  | { readonly kind: "delegate"; readonly delegation: Delegation }
  | { readonly kind: "undelegate"; readonly delegation: Pick<Delegation, "app" | "from" | "to"> }
  /** Nothing of it changed, but what its card offers did. */
  | { readonly kind: "redraw"; readonly id: DeploymentId }
  | { readonly kind: "candidate"; readonly candidate: Candidate }
  /** It is a candidate no more. */
  | { readonly kind: "withdraw"; readonly revision: Sha }
  | { readonly kind: "validate"; readonly validation: Validation }
  | { readonly kind: "lock"; readonly lock: Lock | null }
  | { readonly kind: "freeze"; readonly freeze: SetFreeze | null }
  | { readonly kind: "live"; readonly hosts: readonly LiveHost[] }
  | { readonly kind: "observe"; readonly record: Observed }
  | { readonly kind: "mixed"; readonly mixed: boolean }
  | { readonly kind: "hold"; readonly because: string | null }
  | { readonly kind: "block"; readonly revision: Sha; readonly deploymentId: DeploymentId }
  | { readonly kind: "allow"; readonly revision: Sha; readonly by: Actor; readonly because: string }
  | { readonly kind: "on_it"; readonly id: DeploymentId; readonly by: Actor }
  /** A look saw a regression; written down once, with the first moment at which a rollback by itself would have begun. */
  | { readonly kind: "alarm"; readonly id: DeploymentId; readonly wouldActAt: Date | null }
  | { readonly kind: "alarm_word"; readonly id: DeploymentId; readonly word: AlarmWord }
  | { readonly kind: "incident"; readonly incident: Incident }
  | { readonly kind: "page"; readonly call: PagerCall };

/** Carried out after the commit, at least once: each is idempotent or guarded by a claim. */
export type Effect =
  | { readonly kind: "drive"; readonly deployment: DeploymentId }
  | { readonly kind: "recheck"; readonly at: Date | null }
  | {
      readonly kind: "look";
      readonly deployment: DeploymentId;
      readonly monitor: "sentry" | "http";
      readonly look: number;
      readonly at: Date;
    }
  /** Each of its monitors looks at once, not at the next look. */
  | { readonly kind: "look_now"; readonly deployment: DeploymentId }
  | { readonly kind: "aftermath"; readonly deployment: DeploymentId; readonly look: number; readonly at: Date }
  | { readonly kind: "announce"; readonly deployment: DeploymentId }
  /** That call is made, after those before it. */
  | { readonly kind: "page"; readonly deployment: DeploymentId; readonly sequence: number }
  /** Something about it that is told at the code host changed, though it did not itself. */
  | { readonly kind: "tell"; readonly deployment: DeploymentId }
  /** What is live here changed: environments that come `after:` this one look again. */
  | { readonly kind: "reconsider" }
  | { readonly kind: "reply"; readonly deployment: DeploymentId; readonly reply: Reply }
  | Notice;

/** One line of the append-only history. */
export type HistoryEntry = {
  readonly kind: string;
  readonly deployment: DeploymentId | null;
  readonly actor: Actor;
  readonly body: Readonly<Record<string, unknown>>;
};

/** What is written and carried out for one command, and what its giver is told. */
export type Decision = {
  readonly changes: readonly Change[];
  readonly effects: readonly Effect[];
  readonly history: readonly HistoryEntry[];
  readonly answer: string;
};

/** The revision that people would call live: one all hosts agree on, else the first host's. Null: never read, never deployed. */
export function liveRevision(snapshot: Snapshot): LiveHost | null {
  return snapshot.live.find((host) => host.host === snapshot.environment.target.hosts[0]?.name) ?? snapshot.live[0] ?? null;
}
