import type { Result } from "../domain/result.ts";
import { countUsers, series } from "./events.ts";
import type { Bucket, EventFilter, SeriesName } from "./events.ts";
import type { SentryFailure } from "./failure.ts";
import { issuesOfRelease } from "./issues.ts";
import type { SentryIssue } from "./issues.ts";
import { issuesAgain } from "./issues-again.ts";
import type { SentryIssueAgain } from "./issues-again.ts";
import { createRelease, ensureDeploy } from "./releases.ts";
import type { ReleaseAnnouncement } from "./releases.ts";
import { createRequester } from "./request.ts";
import type { RequesterOptions } from "./request.ts";
import type { SentryScope, SentryWindow } from "./scope.ts";
import { sessions } from "./sessions.ts";
import type { SessionHour } from "./sessions.ts";
import { suspectOf } from "./suspect.ts";
import type { SuspectCommit } from "./suspect.ts";
import { countBy, releasesSeen } from "./tables.ts";
import type { CountedName, NameField } from "./tables.ts";

/** One Sentry account, as the monitors and `doctor` use it. Nothing throws: every failure is a value with a reason. */
export type SentryClient = {
  /** Organization of scopes that name none. */
  readonly organization: string | null;
  issuesOfRelease(
    scope: SentryScope,
    input: SentryWindow & { readonly release: string },
  ): Promise<Result<readonly SentryIssue[], SentryFailure>>;
  issuesAgain(
    scope: SentryScope,
    input: SentryWindow & { readonly release: string; readonly how: SentryIssueAgain["again"]["how"] },
  ): Promise<Result<readonly SentryIssueAgain[], SentryFailure>>;
  series(
    scope: SentryScope,
    input: SentryWindow & { readonly of: SeriesName; readonly filter: EventFilter; readonly everySeconds: number },
  ): Promise<Result<readonly Bucket[], SentryFailure>>;
  countUsers(scope: SentryScope, input: SentryWindow & { readonly filter: EventFilter }): Promise<Result<number, SentryFailure>>;
  countBy(
    scope: SentryScope,
    input: SentryWindow & { readonly release: string; readonly field: NameField; readonly servers?: readonly string[] },
  ): Promise<Result<readonly CountedName[], SentryFailure>>;
  suspectOf(
    scope: SentryScope,
    input: SentryWindow & { readonly release: string; readonly issue: string },
  ): Promise<Result<SuspectCommit | null, SentryFailure>>;
  sessions(
    scope: SentryScope,
    input: SentryWindow & { readonly filter: EventFilter },
  ): Promise<Result<readonly SessionHour[], SentryFailure>>;
  releasesSeen(scope: SentryScope, window: SentryWindow): Promise<Result<readonly (string | null)[], SentryFailure>>;
  createRelease(scope: SentryScope, announcement: ReleaseAnnouncement): Promise<Result<void, SentryFailure>>;
  ensureDeploy(
    scope: SentryScope,
    deploy: { readonly release: string; readonly name: string; readonly startedAt: Date; readonly finishedAt: Date },
  ): Promise<Result<"created" | "found", SentryFailure>>;
  /** Sentry's clock minus ours in milliseconds, from its last answer. */
  skewMs(): number;
};

/** @throws when `url` is not an address: a fault of the configuration, found at the start. */
export function createSentryClient(options: RequesterOptions & { readonly organization: string | null }): SentryClient {
  const requester = createRequester(options);
  return {
    organization: options.organization,
    issuesOfRelease: (scope, input) => issuesOfRelease(requester, scope, input),
    issuesAgain: (scope, input) => issuesAgain(requester, scope, input),
    series: (scope, input) => series(requester, scope, input),
    countUsers: (scope, input) => countUsers(requester, scope, input),
    countBy: (scope, input) => countBy(requester, scope, input),
    suspectOf: (scope, input) => suspectOf(requester, scope, input),
    sessions: (scope, input) => sessions(requester, scope, input),
    releasesSeen: (scope, window) => releasesSeen(requester, scope, window),
    createRelease: (scope, announcement) => createRelease(requester, scope, announcement),
    ensureDeploy: (scope, deploy) => ensureDeploy(requester, scope, deploy),
    skewMs: () => requester.skewMs(),
  };
}
