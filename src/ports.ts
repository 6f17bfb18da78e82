import type { Acceptances } from "./domain/acceptance.ts";
import type { Environment, Host, HttpWatch, SentryWatch } from "./domain/config.ts";
import type { DeploymentId, Sha } from "./domain/ids.ts";
import type { LostDelivery } from "./domain/lost-delivery.ts";
import type { ErrorsSeen, Measurement } from "./domain/measurement.ts";
import type { ChangeSet } from "./domain/deployment.ts";
import type { Run, TestsEvent } from "./domain/pipeline.ts";
import type { FoundRefs } from "./domain/found-refs.ts";
import type { DeployedCode } from "./domain/verdict/changed-file.ts";

/** What the engine needs of the world. Adapters satisfy these structurally; only `app/` joins them. */
export type Clock = () => Date;

/** Reports a fault of the bot itself: a log line and, if configured, Sentry. Never for refusals. */
export type Report = (fault: unknown, context: Readonly<Record<string, string | number | null>>) => void;

/** A host, as a target addresses it. */
export type HostAddress = Host;

/** Who speaks to a host. The epoch is the fence: a host refuses a lower one than it has seen for that run. */
export type RunIdentity = {
  readonly installation: string;
  readonly deployment: string;
  readonly number: number;
  /** The highest number given out in the environment; `number` if absent. A host that has seen a higher one knows a future that we lost. */
  readonly highest?: number;
  readonly epoch: number;
};

/** What a host says of itself; its word counts for itself alone. Sizes in bytes. */
export type HostFacts = {
  readonly live: string | null;
  readonly freeBytes: number;
  readonly freeInodes: number;
  readonly highestNumber: number;
  readonly clean: boolean;
  readonly origin: string | null;
};

/**
 * `takeOver`: the run whose lock a person wants taken (`unknown`: a lock that nobody can read); it is taken only while that run
 * holds it and nothing of it runs, and closes that run. `commands`: what the plan will run there; sudo is asked whether it would.
 */
export type AcquireOptions = { readonly takeOver: string | null; readonly commands: readonly (readonly string[])[] };

/** Whether a host is ready and locked for this deployment; else why not. */
export type AcquireOutcome =
  | { readonly kind: "acquired"; readonly facts: HostFacts }
  /** `running`: does anything of the holder's run still run there; null: the host cannot tell. */
  | { readonly kind: "busy"; readonly holder: string; readonly since: Date | null; readonly running: boolean | null }
  | { readonly kind: "stale"; readonly seenEpoch: number }
  | { readonly kind: "closed" }
  | { readonly kind: "foreign"; readonly highestNumber: number; readonly installation: string }
  | { readonly kind: "refused"; readonly because: string }
  | { readonly kind: "unreachable"; readonly because: string };

/** One command for one host. `id` is unique per host within a deployment. */
export type TargetStep = {
  readonly id: string;
  readonly argv: readonly string[];
  readonly cwd: string | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly silentSeconds: number;
};

/** How a step ended, or why nothing is known of it. Only exit code 0 is success. */
export type StepOutcome =
  | { readonly kind: "exited"; readonly code: number; readonly bytes: number }
  | { readonly kind: "running" }
  | { readonly kind: "lost" }
  | { readonly kind: "orphan" }
  | { readonly kind: "timed_out"; readonly after: "total" | "silent" }
  /** Ended, because its log would have filled the host's disk. */
  | { readonly kind: "too_much_output"; readonly bytes: number }
  | { readonly kind: "stale"; readonly seenEpoch: number }
  | { readonly kind: "closed" }
  | { readonly kind: "not_acquired"; readonly holder: string | null }
  | { readonly kind: "mismatch" }
  | { readonly kind: "refused"; readonly because: string }
  | { readonly kind: "unreachable"; readonly because: string };

/** How a step is followed. */
export type StepFollow = {
  readonly attempt: number;
  /** Log bytes that are already stored: the follower loses none and repeats none. */
  readonly offset: number;
  /** Ends the following, never the step. */
  readonly signal: AbortSignal;
  /** The host has answered: the step runs there, or has ended. */
  onAttached?(): void;
  onOutput(chunk: Uint8Array, offsetAfter: number): Promise<void> | void;
};

/** What became of the remote process group. */
export type CancelOutcome =
  | { readonly kind: "ended" }
  | { readonly kind: "nothing_running" }
  | { readonly kind: "stale"; readonly seenEpoch: number }
  | { readonly kind: "unreachable"; readonly because: string }
  | { readonly kind: "refused"; readonly because: string };

/** Whether the run was closed and the host's lock freed. */
export type ReleaseOutcome =
  | { readonly kind: "released" }
  | { readonly kind: "stale"; readonly seenEpoch: number }
  | { readonly kind: "unreachable"; readonly because: string }
  | { readonly kind: "refused"; readonly because: string };

/** What is live on a host, asked without a lock. */
export type ReadOutcome =
  | { readonly kind: "read"; readonly facts: HostFacts }
  | { readonly kind: "unreachable"; readonly because: string }
  | { readonly kind: "refused"; readonly because: string };

/** How a host is reached: each server on the way, the host last, with the key that it showed and the key of ours that it took. */
export type WayOutcome =
  | {
      readonly kind: "reached";
      readonly hops: readonly {
        readonly address: string;
        readonly port: number;
        /** Type and `SHA256:` fingerprint. */
        readonly hostKey: { readonly type: string; readonly print: string };
        readonly ourKey: { readonly name: string; readonly print: string };
      }[];
    }
  /** `pin`: the line of known_hosts that would make the key known, if that is what is missing. */
  | { readonly kind: "unreachable"; readonly because: string; readonly pin: string | null };

/** What carries a deployment to its hosts. */
export type Target = {
  acquire(host: HostAddress, run: RunIdentity, options?: Partial<AcquireOptions>): Promise<AcquireOutcome>;
  step(host: HostAddress, run: RunIdentity, step: TargetStep, follow: StepFollow): Promise<StepOutcome>;
  cancel(host: HostAddress, run: RunIdentity, options: { readonly graceSeconds: number }): Promise<CancelOutcome>;
  /** `comesAgain`: only the lock is given back; the run is not closed, and may be acquired again with a higher epoch. */
  release(
    host: HostAddress,
    run: RunIdentity,
    options: { readonly succeeded: boolean; readonly revision: string | null; readonly comesAgain?: boolean },
  ): Promise<ReleaseOutcome>;
  read(host: HostAddress): Promise<ReadOutcome>;
  /** Connects and says by which way and keys; runs nothing. Absent where a provider carries the deployment. */
  way?(host: HostAddress): Promise<WayOutcome>;
  close(): Promise<void>;
};

/** What a monitor is asked: everything about one deployment that a look may need. */
export type Look = {
  readonly look: number;
  readonly app: string;
  readonly environment: Environment["name"];
  readonly privacy: "normal" | "strict";
  readonly revision: Sha;
  readonly liveAt: Date;
  readonly now: Date;
  readonly baselineMs: number;
  /** Time between two looks, and length of the watch. */
  readonly everyMs: number;
  readonly forMs: number;
  /** What an earlier look of this watch told: what was before the deployment is asked once. Null: this is the first one. */
  readonly earlier: ErrorsSeen | null;
  /** Names of the servers that it was deployed to: label and address of each. None: nobody knows them. */
  readonly servers: readonly string[];
  /** What it brought, to say of an issue whether that is where it broke. Null: nobody knows. */
  readonly code: DeployedCode | null;
};

/** Measures; never judges. An unreachable or nonsensical source is a `gap`, not an exception. */
export type Monitors = {
  sentry(watch: SentryWatch, look: Look): Promise<Measurement>;
  http(watch: HttpWatch, look: Look): Promise<Measurement>;
  /** Tells Sentry of the release and its deploy; idempotent. The sentence says what failed, null if nothing did. */
  announce(
    watch: SentryWatch,
    release: {
      readonly revision: Sha;
      readonly previous: Sha | null;
      readonly repository: string;
      readonly startedAt: Date;
      readonly liveAt: Date;
      readonly deployment: string;
    },
  ): Promise<string | null>;
};

/** A file that a range of commits adds; `text` null: it could not be read. */
export type AddedFile = { readonly path: string; readonly text: string | null };

/** A provider's answer about code; `unavailable` is said, never guessed. */
export type CodeHost = {
  /** What changes from `base` to `head`; base null: only the head commit. */
  compare(repository: string, base: Sha | null, head: Sha): Promise<ChangeSet>;
  /** Requests that it still grants, as its last answer said; infinite: it did not say. */
  left(): number;
  /** Did it answer what it was asked last, if only with a no? */
  answers(): boolean;
  /** Resolves a branch, tag, or short id to a full revision; null if there is none. */
  resolve(repository: string, ref: string): Promise<Sha | null>;
  /** Branches, tags and recent commits by what a person types; null when the provider cannot be asked at all. */
  search(repository: string, text: string): Promise<FoundRefs | null>;
  /** The page for people of an environment by the provider's name of it; null: nobody knows where it is. */
  environmentPage(repository: string, name: string): string | null;
  /** Is the revision reachable from `refs/heads/<branch>`? Null when the provider cannot be asked. */
  reachable(repository: string, branch: string, revision: Sha): Promise<boolean | null>;
  /** Is `ancestor` contained in `revision`? Null when the provider cannot be asked. */
  contains(repository: string, revision: Sha, ancestor: Sha): Promise<boolean | null>;
  /** Re-reads all workflows and jobs of a revision and lays them over the run; null when the provider cannot be asked. */
  reread(repository: string, run: Run): Promise<Run | null>;
  /** What the workflows of a run say of tests, of their newest attempts; null when the provider cannot be asked. */
  tests(repository: string, run: Run): Promise<readonly TestsEvent[] | null>;
  /** Python files below folders `migrations` that come with `head`; null when the provider cannot be asked, or does not list all. */
  addedMigrations(repository: string, base: Sha | null, head: Sha): Promise<readonly AddedFile[] | null>;
};

/** Tells the provider what is deployed where. Idempotent: found by our id before it is created. False: not told, the log says why. */
export type CommitStatus = {
  tell(input: {
    readonly repository: string;
    readonly deployment: DeploymentId;
    readonly environment: string;
    readonly production: boolean;
    readonly revision: Sha;
    readonly state: "queued" | "in_progress" | "success" | "failure" | "inactive";
    readonly url: string | null;
    readonly description: string;
  }): Promise<boolean>;
  /** Puts a mark at a commit: the newest of a context counts. Idempotent. `description` has at most 140 characters. False: not told. */
  mark(input: {
    readonly repository: string;
    readonly revision: Sha;
    /** `greenlight/production`. */
    readonly context: string;
    readonly state: "pending" | "success" | "failure";
    readonly description: string;
    readonly url: string | null;
  }): Promise<boolean>;
};

/** Asks the provider for webhooks that never arrived. */
export type LostDeliveries = {
  /** What failed since then, oldest first; `hooks`: the provider's ids of hooks that reached us before, empty: none did. Null: it cannot be asked. */
  failed(input: {
    readonly repositories: readonly string[];
    readonly hooks: readonly string[];
    readonly since: Date;
  }): Promise<readonly LostDelivery[] | null>;
  /** Has it delivered once more, with the same id. False: it did not take the wish. */
  again(lost: LostDelivery): Promise<boolean>;
};

/** Answers a gate of the provider's own, such as a custom deployment protection rule of GitHub. */
export type Gates = {
  /** `over`: nothing waits there any more, such as after somebody else's answer. `not answered`: try again. Idempotent. */
  answerGate(input: {
    readonly repository: string;
    readonly workflowRun: string;
    /** The environment as the provider calls it. */
    readonly environment: string;
    readonly state: "approved" | "rejected";
    readonly comment: string;
  }): Promise<"answered" | "over" | "not answered">;
};

/** All that the engine asks of the place where an app's code is. */
export type RepositoryHost = Acceptances & CodeHost & CommitStatus & LostDeliveries & Gates;

/** People and groups, asked before a transaction, never inside. */
export type Directory = {
  /** Id of our own team. Rejects while Slack does not say it; then nobody is ours. */
  team(): Promise<string>;
  /** Slack ids of all that the references name now; unreadable or empty groups mean nobody, with the reason. */
  resolve(
    refs: readonly import("./domain/config.ts").PersonRef[],
    /** Guests and people of listed teams count too, where they are named by id or e-mail. */
    allow?: Environment["allow"],
  ): Promise<{
    readonly ids: readonly string[];
    readonly unreadable: readonly string[];
    /** Slack did not answer at all: what is unreadable may be readable in a moment. */
    readonly away?: boolean;
  }>;
  /** The Slack person behind an e-mail; null if there is none in our own team. */
  byEmail(email: string): Promise<{ readonly id: string; readonly name: string } | null>;
  /**
   * Can this person read the channel in Slack: as a member, or because it is public to our whole team? `channel` as configured; one that
   * Slack does not show us is read by nobody. @throws when Slack cannot be asked
   */
  readsChannel(id: string, channel: string): Promise<boolean>;
  person(id: string): Promise<{
    readonly id: string;
    readonly name: string;
    readonly team: string;
    readonly guest: boolean;
    readonly bot: boolean;
    readonly deleted: boolean;
    readonly timezone: string;
  } | null>;
};
