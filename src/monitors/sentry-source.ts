import type { Suspect } from "../domain/measurement.ts";
import type { Result } from "../domain/result.ts";
import type { SessionHour } from "../domain/verdict/crash-free.ts";

/** What the monitors need of a Sentry client; `sentry/client.ts` has this shape, and `app/` joins the two. */
export type SentrySource = {
  readonly organization: string | null;
  issuesOfRelease(
    scope: SentryPlace,
    input: Stretch & { readonly release: string },
  ): Promise<Result<readonly ReleaseIssue[], SourceFailure>>;
  /** Issues that an event of this release in the stretch brought back, or that escalate; only those of which Sentry says since when. */
  issuesAgain(
    scope: SentryPlace,
    input: Stretch & { readonly release: string; readonly how: "regressed" | "escalating" },
  ): Promise<Result<readonly ReleaseIssue[], SourceFailure>>;
  /** Whole intervals of the stretch, oldest first: of error events, the people they hit, transactions, those that failed, or their 95th percentile in milliseconds. */
  series(
    scope: SentryPlace,
    input: Stretch & { readonly of: SeriesName; readonly filter: ReleaseFilter; readonly everySeconds: number },
  ): Promise<Result<readonly EventBucket[], SourceFailure>>;
  countUsers(scope: SentryPlace, input: Stretch & { readonly filter: ReleaseFilter }): Promise<Result<number, SourceFailure>>;
  /** Events and people of a release, by server or issue; `servers`: only events that they sent. The most frequent come first, a page at most. */
  countBy(
    scope: SentryPlace,
    input: Stretch & { readonly release: string; readonly field: "server_name" | "issue.id"; readonly servers?: readonly string[] },
  ): Promise<Result<readonly CountedName[], SourceFailure>>;
  /** The commit that is suspected of an issue, by its newest event in the stretch; null: none is. */
  suspectOf(
    scope: SentryPlace,
    input: Stretch & { readonly release: string; readonly issue: string },
  ): Promise<Result<Suspect | null, SourceFailure>>;
  /** Whole hours of the stretch that have sessions, oldest first. */
  sessions(scope: SentryPlace, input: Stretch & { readonly filter: ReleaseFilter }): Promise<Result<readonly SessionHour[], SourceFailure>>;
  /** Names of the releases that sent events; null stands for events without one. */
  releasesSeen(scope: SentryPlace, stretch: Stretch): Promise<Result<readonly (string | null)[], SourceFailure>>;
  createRelease(
    scope: SentryPlace,
    announcement: {
      readonly release: string;
      readonly releasedAt: Date;
      readonly commits: { readonly repository: string; readonly commit: string; readonly previous: string | null } | null;
    },
  ): Promise<Result<void, SourceFailure>>;
  ensureDeploy(
    scope: SentryPlace,
    deploy: { readonly release: string; readonly name: string; readonly startedAt: Date; readonly finishedAt: Date },
  ): Promise<Result<"created" | "found", SourceFailure>>;
};

/** The client of a connection by its name; null when no such connection has a token. */
export type SentrySources = (connection: string) => SentrySource | null;

export type SentryPlace = { readonly organization: string; readonly project: string; readonly environment: string };
export type Stretch = { readonly from: Date; readonly to: Date };
export type ReleaseFilter = { readonly release: string } | { readonly notRelease: string };
export type SeriesName = "errors" | "people" | "transactions" | "failed" | "p95";
export type EventBucket = { readonly from: Date; readonly to: Date; readonly value: number };
/** `name` null: events that carry none. */
export type CountedName = { readonly name: string | null; readonly events: number; readonly users: number };
export type SourceFailure = { readonly kind: string; readonly because: string };

export type ReleaseIssue = {
  readonly id: string;
  readonly title: string;
  readonly exceptionClass: string | null;
  readonly culprit: string | null;
  readonly code: { readonly file: string | null; readonly function: string | null };
  readonly url: string | null;
  readonly events: number;
  readonly users: number;
  readonly unhandled: boolean;
  readonly firstSeen: Date;
  readonly lastSeen: Date | null;
  readonly again?: { readonly how: "regressed" | "escalating"; readonly at: Date };
};

/** Joins a watch's settings with its connection; the reason when that is impossible. */
export function locate(
  sources: SentrySources,
  watch: { readonly connection: string; readonly organization: string | null; readonly project: string; readonly environment: string },
): Result<{ readonly source: SentrySource; readonly place: SentryPlace }, string> {
  const source = sources(watch.connection);
  if (source === null) return { ok: false, refusal: `there is no Sentry connection "${watch.connection}" with a token` };
  const organization = watch.organization ?? source.organization;
  if (organization === null)
    return { ok: false, refusal: `no Sentry organization is set for the connection "${watch.connection}" (SENTRY_ORG)` };
  return { ok: true, value: { source, place: { organization, project: watch.project, environment: watch.environment } } };
}
