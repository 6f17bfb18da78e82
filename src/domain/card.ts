import type { Undo } from "./django/back.ts";
import type { Environment } from "./config.ts";
import type { StepName } from "./config.ts";
import type { ChangeSet, Deployment } from "./deployment.ts";
import type { HostState } from "./host-states.ts";
import type { Sha } from "./ids.ts";
import type { Actor } from "./people.ts";
import type { Run } from "./pipeline.ts";

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
  /** A newer run took its place on the way; null while it is the newest. */
  readonly supersededBy: Sha | null;
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
  readonly approvals: readonly { readonly actor: Actor; readonly at: Date }[];
  readonly required: number;
  /** References as configured (`@product-owners`) and the Slack ids they mean now. */
  readonly approvers: { readonly refs: readonly string[]; readonly ids: readonly string[] };
  /** Slack ids of authors who may not approve it. */
  readonly excluded: readonly string[];
  /** Authors whom nobody could map to a Slack person. */
  readonly unmapped: readonly string[];
  readonly live: LiveRevision | null;
  readonly wayBack: WayBack | null;
  readonly undo: Undo;
  /** Milliseconds a deployment here usually takes; null when never measured. */
  readonly usualMs: number | null;
  readonly latest: { readonly errorsAt: Date | null; readonly gap: string | null };
  /** The rollback of this deployment, drawn on the same card. */
  readonly rollback: {
    readonly deployment: Deployment;
    readonly steps: readonly StepView[];
    readonly errorsStopped: boolean | null;
    readonly lastErrorAt: Date | null;
  } | null;
  readonly onIt: { readonly actor: Actor; readonly at: Date } | null;
  readonly blocked: boolean;
  /** A problem of the world that people should know of now ("web-2 does not answer, trying again"). */
  readonly trouble: string | null;
  /** What each server runs now; of the rollback, where there is one. */
  readonly hosts: readonly HostState[];
  /** The end of a pause of the roll that is going on; null: it does not pause. */
  readonly pausedUntil: Date | null;
};

/** Where a rollback goes, and how good that revision was here. */
export type WayBack = { readonly revision: Sha; readonly title: string | null; readonly healthySince: Date | null };

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
  /** Plain words; foreign text in it is escaped by the renderer. */
  readonly text: string;
  readonly preformatted: string | null;
  /** Repeats the card's own Roll back button below a regression. */
  readonly rollBackButton: boolean;
  /** Below the end of a log: the whole of it as a file, for those who may. */
  readonly logButton?: boolean;
};
