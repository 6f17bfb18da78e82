import type { Sha, RunId } from "./ids.ts";
import type { Author } from "./people.ts";

/** A stage's status, from the least to the most advanced; `waiting` is a provider's own gate. */
export type StageStatus = "queued" | "waiting" | "running" | "passed" | "failed" | "cancelled" | "skipped";

/** What a change is for, and where that is. */
export type Ticket = { readonly key: string; readonly url: string };

/** A commit as the change list shows it. */
export type Change = {
  readonly revision: Sha;
  /** The companion whose commit it is, by its path. Absent: the app's own. */
  readonly repository?: string;
  readonly title: string;
  /** The title that a release note took the place of. Absent: none did. */
  readonly was?: string;
  /** Absent: none are named, or nobody looked. */
  readonly tickets?: readonly Ticket[];
  readonly author: Author;
  readonly url: string | null;
  readonly pullRequest: number | null;
  /** Files that it left changed, a companion's below its directory. Absent: nobody listed them. */
  readonly files?: readonly string[];
};

/** What a provider told us, in our words. Each names the repository it speaks for and nothing of another. */
export type PipelineEvent = RunEvent | DeployedEvent | ImageEvent | MergedEvent | GateAskedEvent;

/** What is folded into the run of its revision. */
export type RunEvent = PushEvent | WorkflowEvent | JobEvent | CheckEvent | TestsEvent;

/** Commits arrived on a ref. */
export type PushEvent = {
  readonly kind: "push";
  readonly repository: string;
  /** Full ref: `refs/heads/main`. A tag named main is `refs/tags/main`. */
  readonly ref: string;
  readonly before: Sha | null;
  readonly after: Sha;
  readonly changes: readonly Change[];
  readonly pusher: Author;
  readonly compareUrl: string | null;
  /** Every file that it touched; null or absent: nobody listed them all. */
  readonly files?: readonly string[] | null;
  /** It touched nothing of the app's part of the repository. Absent: it did, nobody can tell, or no app is asked about yet. */
  readonly outside?: true;
  readonly at: Date;
};

/** Which adapter read it: `ci` is the generic signed webhook. */
export type Provider = "github" | "gitlab" | "ci";

/** A workflow run was asked for, began or ended. A pipeline of GitLab or of the generic webhook is one, too. */
export type WorkflowEvent = {
  readonly kind: "workflow";
  readonly provider: Provider;
  readonly repository: string;
  /** Provider's run or pipeline id; text, since ids exceed 2^53 one day. */
  readonly workflowRun: string;
  readonly attempt: number;
  readonly name: string;
  /** The file that describes it, without a ref; null where the provider does not say. */
  readonly path: string | null;
  /** push, deployment_status, pull_request ... as the provider names it. */
  readonly trigger: string;
  readonly branch: string | null;
  /** It ran for a tag; `branch` may then be the tag's name. */
  readonly tag: boolean;
  /** Runs of a fork carry a green conclusion too. */
  readonly ownRepository: boolean;
  readonly revision: Sha;
  readonly status: StageStatus;
  /** A terminal state within the attempt is not final: the newer `updatedAt` wins, on a tie the further status. */
  readonly reopens: boolean;
  /** The run that started this one (GitLab's child pipelines); a child does not count alone. Null: nobody's child. */
  readonly parent: string | null;
  readonly url: string | null;
  /** Who set it off; null or absent: nobody says. */
  readonly by?: Author | null;
  readonly startedAt: Date | null;
  readonly updatedAt: Date;
};

/** A job of a workflow run changed. */
export type JobEvent = {
  readonly kind: "job";
  readonly repository: string;
  readonly workflowRun: string;
  readonly attempt: number;
  readonly job: string;
  readonly name: string;
  /** GitLab's stage, which is what people watch there; null elsewhere. */
  readonly stage: string | null;
  readonly workflowName: string | null;
  readonly branch: string | null;
  readonly revision: Sha;
  readonly status: StageStatus;
  /** It may fail without harm: failed, it counts as passed for `requires`, and is shown as what it is. */
  readonly allowFailure: boolean;
  /** As in the workflow. */
  readonly reopens: boolean;
  readonly url: string | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly updatedAt: Date;
};

/** Who reports a check: an app's check run, or whoever set a commit status. Null: the provider does not say. */
export type CheckSource =
  | { readonly kind: "app"; readonly slug: string; readonly id: string | null }
  | { readonly kind: "status"; readonly creator: string | null };

/** A check run of an app, or a commit status. Checks of GitHub's own Actions are jobs, and never come as this. */
export type CheckEvent = {
  readonly kind: "check";
  readonly repository: string;
  readonly revision: Sha;
  readonly name: string;
  readonly source: CheckSource;
  /** Provider's id of the check run; of a status the context. */
  readonly check: string;
  readonly status: StageStatus;
  readonly branch: string | null;
  readonly ownRepository: boolean | null;
  readonly url: string | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly updatedAt: Date;
};

/** A failed test, by name; where the report says it, with file and line. */
export type FailedTest = { readonly name: string; readonly file: string | null; readonly line: number | null; readonly flaky: boolean };

/** A test report of a job, or of a whole workflow run (`job` null). */
export type TestsEvent = {
  readonly kind: "tests";
  readonly repository: string;
  readonly revision: Sha;
  readonly workflowRun: string | null;
  readonly attempt: number;
  readonly job: string | null;
  readonly total: number;
  readonly failed: number;
  readonly skipped: number;
  /** Failed first and passed when tried again. */
  readonly flaky: number;
  /** At most five; `failed` is the whole count. */
  readonly failures: readonly FailedTest[];
  readonly url: string | null;
  readonly at: Date;
};

/** Somebody, perhaps we, deployed a revision, as the provider records it. */
export type DeployedEvent = {
  readonly kind: "deployed";
  readonly repository: string;
  readonly revision: Sha;
  /** Provider's id of the deployment. */
  readonly externalId: string;
  /** The provider's name of the environment, which need not be ours. */
  readonly environment: string;
  readonly tier: string | null;
  readonly state: "started" | "live" | "failed" | "inactive" | "stopped";
  /** It is thrown away after a while: a review environment. */
  readonly transient: boolean;
  readonly url: string | null;
  readonly log: string | null;
  readonly by: Author | null;
  /** Our deployment's id, when the provider's payload carries it. */
  readonly ours: string | null;
  readonly workflowRun: string | null;
  readonly at: Date;
};

/** An image was pushed to a registry. */
export type ImageEvent = {
  readonly kind: "image";
  readonly repository: string;
  readonly image: string;
  readonly tag: string | null;
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
  /** Null: nothing says from which commit it was built. */
  readonly revision: Sha | null;
  readonly at: Date;
};

/** A pull or merge request was merged. */
export type MergedEvent = {
  readonly kind: "merged";
  readonly repository: string;
  readonly number: number;
  readonly title: string;
  readonly body: string | null;
  readonly author: Author;
  readonly mergedBy: Author | null;
  /** The commit that it became on its base. */
  readonly revision: Sha;
  readonly url: string | null;
  readonly at: Date;
};

/** A provider's protection rule asks us whether a run may go on to an environment. */
export type GateAskedEvent = {
  readonly kind: "gate_asked";
  readonly repository: string;
  /** The provider's name of the environment. */
  readonly environment: string;
  readonly workflowRun: string;
  readonly revision: Sha;
  readonly at: Date;
};

/** Everything CI told us of one revision of one app. */
export type Run = {
  readonly id: RunId;
  readonly app: string;
  readonly revision: Sha;
  readonly branch: string | null;
  readonly push: Pick<PushEvent, "at" | "pusher" | "before" | "changes" | "compareUrl" | "outside"> | null;
  readonly workflows: readonly Workflow[];
  /** The newest of each name and source. */
  readonly checks: readonly Check[];
  /** The newest report of each job; one of an earlier attempt counts no more (`testsOf`). */
  readonly tests: readonly Tests[];
};

/** One workflow run of a revision, as its newest attempt stands. */
export type Workflow = {
  readonly workflowRun: string;
  /** Null until the workflow's own event came. */
  readonly provider: Provider | null;
  readonly attempt: number;
  readonly name: string | null;
  readonly path: string | null;
  /** Null until the workflow's own event came: a job alone proves no trigger. */
  readonly trigger: string | null;
  readonly branch: string | null;
  readonly tag: boolean;
  readonly ownRepository: boolean | null;
  readonly parent: string | null;
  readonly status: StageStatus;
  readonly url: string | null;
  readonly startedAt: Date | null;
  /** Of the newest event that was folded in; null: none of its own. */
  readonly updatedAt: Date | null;
  readonly jobs: readonly Job[];
  /** Jobs of earlier attempts: a re-run of what failed alone does not tell again of what had passed. Absent: none. */
  readonly earlier?: readonly { readonly attempt: number; readonly jobs: readonly Job[] }[];
};

/** One job of a workflow run. */
export type Job = {
  readonly job: string;
  readonly name: string;
  readonly stage: string | null;
  readonly status: StageStatus;
  readonly allowFailure: boolean;
  readonly url: string | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** Of the newest event that was folded in; null: from before this was kept. */
  readonly updatedAt: Date | null;
};

/** A check of a revision as it stands. */
export type Check = Omit<CheckEvent, "kind" | "repository" | "revision">;

/** A test report of a revision. */
export type Tests = Omit<TestsEvent, "kind" | "repository" | "revision">;

const RANK: Readonly<Record<StageStatus, number>> = { queued: 0, waiting: 1, running: 2, passed: 3, failed: 3, cancelled: 3, skipped: 3 };

/** Is it over, one way or another? */
export function isTerminal(status: StageStatus): boolean {
  return RANK[status] === 3;
}

/** How far a status is: 0 queued to 3 over. */
export function rankOf(status: StageStatus): number {
  return RANK[status];
}

/** A run of which nothing is known yet. */
export function emptyRun(id: RunId, app: string, revision: Sha): Run {
  return { id, app, revision, branch: null, push: null, workflows: [], checks: [], tests: [] };
}

/** The branch of a full ref; null for tags and everything else. */
export function branchOf(ref: string): string | null {
  return ref.startsWith("refs/heads/") ? ref.slice("refs/heads/".length) : null;
}
