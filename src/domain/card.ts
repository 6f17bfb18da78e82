import type { Aftermath } from "./aftermath.ts";
import type { Alarm } from "./alarm.ts";
import type { WhyReason } from "./answers.ts";
import type { Undo } from "./django/back.ts";
import type { Environment } from "./config.ts";
import type { StepName } from "./config.ts";
import type { ChangeSet, Deployment } from "./deployment.ts";
import type { Validation } from "./standing.ts";
import type { HostState } from "./host-states.ts";
import type { DutyCall } from "./duty.ts";
import type { CompanionRevision } from "./companion.ts";
import type { DeploymentId, Sha } from "./ids.ts";
import type { LatestLooks } from "./latest-looks.ts";
import type { Actor } from "./people.ts";
import type { Run } from "./pipeline.ts";
import type { QueuePlace } from "./queue.ts";
import type { Quiet } from "./quiet.ts";

/** Everything a card is drawn from, read from stored state alone: no renderer asks anybody anything. */
export type CardModel = RunCard | DeploymentCard;

/** The card of a commit in the pipeline, before anybody is asked. */
export type RunCard = {
  readonly kind: "run";
  readonly app: string;
  readonly run: Run;
  /** Against what is live in the last environment that wants an approval. */
  readonly changes: ChangeSet;
  /** The app's environments in order, each with what this revision is doing there. */
  readonly path: readonly PathEntry[];
  /** Milliseconds a stage usually takes, by stage name; absent when never measured. */
  readonly usualMs: Readonly<Record<string, number>>;
  readonly live: LiveRevision | null;
  /** Names of the stages that are listed, beside each that failed; absent: all. */
  readonly listed?: readonly string[];
  /** A newer run took its place on the way; null while it is the newest. */
  readonly supersededBy: Sha | null;
  /** CI has not been heard of for long, though something is still to come; absent: it was. */
  readonly quiet?: Quiet;
  /** What people say of it where they have to look; null: no environment asks for that. */
  readonly validation: ValidationView | null;
};

/** People's words on one revision, on the environment that another one follows with `needs: validation`. */
export type ValidationView = {
  readonly revision: Sha;
  /** Where people look. */
  readonly environment: string;
  readonly url: string | null;
  /** What waits for their word. */
  readonly next: string;
  /** Since when it is what all servers there run; null: they run something else now. */
  readonly liveSince: Date | null;
  /** It has all else that the next one requires, so people are asked now. */
  readonly due: boolean;
  /** Everybody's latest word, oldest first: the last one counts. */
  readonly said: readonly Validation[];
  /** Somebody holds the place meanwhile; null: nobody does. */
  readonly lock: { readonly owner: Actor; readonly reason: string; readonly until: Date } | null;
};

/** One environment on the way of a revision, and what happens there. */
export type PathEntry = {
  readonly environment: string;
  /** Stages that must pass before it, that the configuration names. */
  readonly requires: readonly string[];
  readonly mode: Environment["release"]["mode"];
  /** Who is asked, as the configuration names them, for example `@product-owners`. */
  readonly approvers: readonly string[];
  readonly deployment: {
    readonly id: string;
    readonly number: number;
    readonly state: Deployment["state"]["state"];
    readonly startedAt: Date | null;
    readonly liveAt: Date | null;
    readonly because: string | null;
  } | null;
  /** It has all that this environment requires; absent: not, or nobody looked. */
  readonly ready?: boolean;
  /** What was tested is not what counts here, or could not be tested: why, in one sentence. Absent: nothing of that. */
  readonly doubt?: string;
  /** What CI did with it there, where CI deploys; null or absent: nothing that was told. */
  readonly observed?: ObservedHere | null;
};

/** What CI did with one revision in an environment that it deploys to. */
export type ObservedHere = {
  readonly state: "started" | "live" | "was live" | "failed";
  /** Since when, or when it was so. */
  readonly at: Date;
  /** The provider's page of it; null: there is none. */
  readonly url: string | null;
};

/** What is live in an environment. `title` null: its commit was never told to us. */
export type LiveRevision = { readonly revision: Sha; readonly since: Date; readonly title: string | null };

/** The card of one deployment, from the question to the end of the watch and beyond. */
export type DeploymentCard = {
  readonly kind: "deployment";
  readonly app: string;
  readonly environment: Environment;
  readonly deployment: Deployment;
  readonly run: Run | null;
  readonly steps: readonly StepView[];
  /** Yeses that count. `override`: the reason, where the glass was broken; `notBefore`: the start that was chosen. */
  readonly approvals: readonly {
    readonly actor: Actor;
    readonly at: Date;
    readonly override?: string | null;
    readonly notBefore?: Date | null;
  }[];
  readonly required: number;
  /** It has all that its environment requires, by what is stored; absent: not. */
  readonly ready?: boolean;
  readonly approvers: ApproversView;
  /** Slack ids of authors who may not approve it. */
  readonly excluded: readonly string[];
  /** It was rejected, and that can be taken back still. */
  readonly offerable: boolean;
  /** Authors whom nobody could map to a Slack person. */
  readonly unmapped: readonly string[];
  readonly live: LiveRevision | null;
  readonly wayBack: WayBack | null;
  readonly undo: Undo;
  /** The number of the rollback that Greenlight started by itself here so lately that it starts no other; absent: none. */
  readonly spent?: number;
  /** Milliseconds a deployment here usually takes; null when never measured. */
  readonly usualMs: number | null;
  readonly latest: LatestLooks;
  /** The rollback of this deployment, drawn on the same card. */
  readonly rollback: {
    readonly deployment: Deployment;
    readonly steps: readonly StepView[];
    /** Whether it helped; null: it is not live yet. */
    readonly aftermath: Aftermath | null;
  } | null;
  readonly onIt: { readonly actor: Actor; readonly at: Date } | null;
  /** The regression that its watch saw; null or absent: none. */
  readonly alarm?: Alarm | null;
  readonly blocked: boolean;
  /** A problem of the world that people should know of now ("web-2 does not answer, trying again"). */
  readonly trouble: string | null;
  /** What each server runs now; of the rollback, where there is one. */
  readonly hosts: readonly HostState[];
  /** The end of a pause of the roll that is going on; null: it does not pause. */
  readonly pausedUntil: Date | null;
  /** Its place while it is queued; null: it is not. */
  readonly queue: (Omit<QueuePlace, "deployment" | "blockers"> & Closing) | null;
  /** What would hold it though people say yes; null: nothing, or it does not wait for a yes. */
  readonly closing: Closing | null;
  /** Before it is live: people's words that this environment needs. After: those that the next one needs. Null: none are needed. */
  readonly validation: ValidationView | null;
  /** Where people can look at it before: the environment that comes first, at its address. Null: nowhere that is known. */
  readonly look: { readonly environment: string; readonly url: string } | null;
  /** A newer one for the same environment, which does not take this one's place; null: there is none. */
  readonly newer: NewerCandidate | null;
};

/** What else could be deployed here, newer than this, and what it waits for. */
export type NewerCandidate = {
  readonly revision: Sha;
  readonly title: string | null;
  readonly waitsFor:
    | { readonly kind: "validation"; readonly environment: string; readonly heldBy: Actor | null }
    | { readonly kind: "approval" | "start"; readonly number: number };
};

/** What holds a deployment back, and when all that ends by the clock is over; null: it never is, or nothing of it does. */
export type Closing = { readonly blockers: readonly WhyReason[]; readonly opensAt: Date | null };

/** Whose yes it may be. */
export type ApproversView = {
  /** As configured (`@product-owners`). */
  readonly refs: readonly string[];
  /** The Slack ids they mean now. */
  readonly ids: readonly string[];
  /** Of these, who may still say yes: none of its authors, not whoever asked, and not those who said it. */
  readonly left: readonly string[];
  /** What of the configured list means nobody now, one sentence each. */
  readonly unreadable: readonly string[];
  /** Who says yes for whom, and until when. */
  readonly standIns: readonly { readonly name: string; readonly for: string; readonly until: Date }[];
  /** Authors who are nobody in Slack, where that forbids every yes. */
  readonly unknown: readonly string[];
};

/** Where a rollback goes, and how good that revision was here. */
export type WayBack = {
  readonly revision: Sha;
  /** What was live with it; absent: no companions. */
  readonly companions?: readonly CompanionRevision[];
  readonly title: string | null;
  readonly healthySince: Date | null;
};

export type { Undo };

/** `unknown`: its outcome was lost; nobody may call that done or failed. */
export type StepStatus = "waiting" | "running" | "done" | "failed" | "unknown";

/** One planned step with what is recorded of its latest attempt. */
export type StepView = {
  readonly name: StepName;
  readonly host: string;
  readonly phase: number;
  readonly status: StepStatus;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly exitCode: number | null;
  /** Last lines of the log, redacted and stripped of control sequences. */
  readonly tail: string;
  readonly note: string | null;
};

/** A message in a card's thread. `key` is unique per card: written once however often it is asked for. */
export type Reply = {
  readonly key: string;
  readonly kind: "log" | "note" | "ping";
  /** Pings mention people: approval needed, failed, regression, rolled back. */
  readonly ping: "approval" | "failed" | "regression" | "rolled_back" | null;
  readonly broadcast: boolean;
  /** Slack ids or `@handle` references to mention first. */
  readonly mention: readonly string[];
  /** Whoever is on duty by these rosters is mentioned too. Absent: no roster is asked. */
  readonly duty?: DutyCall;
  /** Slack ids of authors, mentioned too unless they muted the app. Absent: nobody. */
  readonly authors?: readonly string[];
  /** Plain words; foreign text in it is escaped by the renderer. */
  readonly text: string;
  readonly preformatted: string | null;
  /** Until when an answer counts, said after the text: in each reader's own time, in a notification in the team's. */
  readonly deadline?: Date;
  /** Repeats the card's own Roll back button below a regression. */
  readonly rollBackButton: boolean;
  /** Below the word that it starts soon: stops it, as long as it has not begun. */
  readonly stopButton?: boolean;
  /** Below the end of a log: the whole of it as a file, for those who may. */
  readonly logButton?: boolean;
  /** A picture of what the watch measured, drawn when it is posted; `text` is empty. */
  readonly picture?: "seen" | "ended";
  /** It tells in the channel itself what could not be told in time; `text` and `mention` are empty. */
  readonly late?: LatePings;
};

/** What was to be said while nothing could be said: one message instead of many. */
export type LatePings = {
  /** Slack was away, or the channel could not be used. */
  readonly why: "slack" | "channel";
  readonly since: Date;
  readonly lines: readonly {
    readonly text: string;
    /** What is said instead when it is over by now. */
    readonly over: string;
    /** Who is called while it still waits for somebody. Empty: it was only to be known. */
    readonly mention: readonly string[];
    /** Called with them: whoever is on duty by then. */
    readonly duty?: DutyCall;
    /** Called with them, unless they muted the app. */
    readonly authors: readonly string[];
    readonly app: string;
    readonly deployment: DeploymentId | null;
  }[];
};
