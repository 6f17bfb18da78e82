import type { SentryWatch } from "../domain/config.ts";
import type { ErrorsSeen, Measurement } from "../domain/measurement.ts";
import { ok, refuse } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { Look, Report } from "../ports.ts";
import { readBefore } from "./baseline.ts";
import { hurried } from "./hurried.ts";
import { intervalsOf, lengthsOf } from "./intervals.ts";
import { toNewIssue } from "./issue-privacy.ts";
import { askOrigin } from "./origin.ts";
import { locate } from "./sentry-source.ts";
import type { EventBucket, ReleaseIssue, SentryPlace, SentrySource, SentrySources, Stretch } from "./sentry-source.ts";
import { proveSignal } from "./signal.ts";
import { withSuspect } from "./suspect.ts";
import { readTransactions, requestsOf, withRequests } from "./transactions.ts";

export type SentryMonitor = { measure(watch: SentryWatch, look: Look): Promise<Measurement> };

/** Hosts are switched one by one: new issues can be older than the moment the release is live on all. */
const ROLLING_RESTART_MS = 10 * 60_000;
const MINUTE_SECONDS = 60;

/** Measures, never judges and never throws: whatever keeps Sentry from answering is a gap with its reason. */
export function createSentryMonitor(deps: {
  readonly sources: SentrySources;
  readonly report: Report;
  /** Milliseconds; never goes back. */
  readonly elapsed?: () => number;
}): SentryMonitor {
  const elapsed = deps.elapsed ?? (() => performance.now());
  const sources: SentrySources = (connection) => {
    const source = deps.sources(connection);
    return source === null ? null : hurried(source, elapsed);
  };
  async function measure(watch: SentryWatch, look: Look): Promise<Measurement> {
    const head = { monitor: "sentry", look: look.look, at: look.now } as const;
    try {
      const seen = await readErrors(sources, watch, look);
      return seen.ok ? { ...head, ...seen.value } : { ...head, kind: "gap", because: seen.refusal };
    } catch (fault) {
      deps.report(fault, { monitor: "sentry", app: look.app, environment: look.environment, look: look.look });
      return { ...head, kind: "gap", because: "the Sentry monitor itself failed; the bot's log says why" };
    }
  }
  return { measure };
}

/** Where errors come from is always said here: only recordings leave it out. */
type LiveErrors = ErrorsSeen & Required<Pick<ErrorsSeen, "origin">>;

async function readErrors(sources: SentrySources, watch: SentryWatch, look: Look): Promise<Result<LiveErrors, string>> {
  const located = locate(sources, watch);
  if (!located.ok) return located;
  const { source, place } = located.value;
  if (look.now <= look.liveAt) return refuse("the release is not live yet");
  const release = `${watch.releasePrefix}${look.revision}`;
  const since = { from: look.liveAt, to: look.now };
  const history = { from: new Date(look.liveAt.getTime() - look.baselineMs), to: look.liveAt };
  // Issues come first: their answer also tells how far Sentry's clock is from ours, which moves the other windows.
  const from = new Date(look.liveAt.getTime() - ROLLING_RESTART_MS);
  const issues = await source.issuesOfRelease(place, { release, from, to: look.now });
  if (!issues.ok) return refuse(issues.refusal.because);
  const lengths = lengthsOf(since, look.everyMs);
  const filter = { release };
  // What does not need another's answer is asked side by side, and refused in this order.
  const [again, after, before, users, people, traced] = await Promise.all([
    readAgain(source, place, { ...since, release }, from),
    source.series(place, { ...since, of: "errors", filter, everySeconds: lengths.bucket }),
    readBefore(source, place, look, { history, release }),
    source.countUsers(place, { ...since, filter }),
    source.series(place, { ...since, of: "people", filter, everySeconds: lengths.interval }),
    readTransactions(source, place, look, { since, history, release, intervalSeconds: lengths.interval }),
  ]);
  if (!again.ok) return again;
  if (!after.ok) return refuse(after.refusal.because);
  if (!before.ok) return before;
  const counted = { errors: after.value, people: people.ok ? people.value : null, requests: requestsOf(traced, since) };
  const intervals = intervalsOf(since, lengths.interval, counted);
  const early = await readRollOut(source, place, { from, to: look.liveAt }, { release, after: after.value });
  if (!early.ok) return early;
  const fresh = new Set(issues.value.map(({ id }) => id));
  const known = again.value.filter(({ id }) => !fresh.has(id));
  const seen = { issues: [...issues.value, ...known], after: after.value, early: early.value };
  const heardBefore = before.value.before.events > 0;
  const heard = { ...seen, requests: traced?.perInterval ?? [], heardBefore };
  const errors = errorsSeen(look, since, seen, users.ok ? users.value : null);
  const sent = { ...since, release, servers: look.servers, events: errors.after.events, issues: errors.newIssues.length };
  const [signal, origin, newIssues] = await Promise.all([
    proveSignal(source, place, { ...heard, release, prefix: watch.releasePrefix, history, now: look.now }),
    watch.serverSide === true ? ({ kind: "server_side" } as const) : askOrigin(source, place, sent),
    withSuspect(source, place, look, { issues: errors.newIssues, since: { from, to: look.now }, release }),
  ]);
  if (!signal.ok) return signal;
  const { baseline } = before.value;
  return ok({
    ...errors,
    newIssues,
    ...before.value,
    ...(baseline === undefined ? {} : { baseline: withRequests(baseline, traced?.seen.before) }),
    intervals,
    ...(traced === null ? {} : { transactions: traced.seen }),
    ...signal.value,
    origin,
  });
}

/** What was resolved and came back, and what escalates, by an event since it is live; not what did so before. */
async function readAgain(
  source: SentrySource,
  place: SentryPlace,
  asked: Stretch & { readonly release: string },
  earliest: Date,
): Promise<Result<readonly ReleaseIssue[], string>> {
  const found: ReleaseIssue[] = [];
  const ways = ["regressed", "escalating"] as const;
  for (const issues of await Promise.all(ways.map((how) => source.issuesAgain(place, { ...asked, how })))) {
    // A server that does not know the word cannot say it either.
    if (!issues.ok && issues.refusal.kind !== "rejected") return refuse(issues.refusal.because);
    if (issues.ok) found.push(...issues.value.filter(({ again }) => again !== undefined && again.at >= earliest));
  }
  return ok(found);
}

/**
 * Events of this release from before it was live on all hosts. They count for nothing, but prove that Sentry hears this version: the
 * first host's may be the only ones there are. Asked only while nothing came since.
 */
async function readRollOut(
  source: SentrySource,
  place: SentryPlace,
  rollOut: Stretch,
  known: { readonly release: string; readonly after: readonly EventBucket[] },
): Promise<Result<readonly EventBucket[], string>> {
  if (known.after.some((bucket) => bucket.value > 0)) return ok([]);
  const early = await source.series(place, { ...rollOut, of: "errors", filter: { release: known.release }, everySeconds: MINUTE_SECONDS });
  if (!early.ok) return refuse(early.refusal.because);
  // Whole minutes are counted: the last one must not reach into the time after.
  return ok(early.value.map((bucket) => ({ ...bucket, to: bucket.to < rollOut.to ? bucket.to : rollOut.to })));
}

type Seen = {
  readonly issues: readonly ReleaseIssue[];
  readonly after: readonly EventBucket[];
  readonly early: readonly EventBucket[];
};

function errorsSeen(look: Look, since: Stretch, seen: Seen, users: number | null): Omit<ErrorsSeen, "signal" | "before"> {
  const last = [...seen.early, ...seen.after].findLast((bucket) => bucket.value > 0);
  return {
    kind: "errors",
    after: { ...since, events: total(seen.after), users },
    newIssues: seen.issues.map((issue) => toNewIssue(issue, look)),
    lastEventAt: last === undefined ? null : new Date(Math.min(last.to.getTime(), look.now.getTime())),
    ...(last === undefined ? {} : { lastEventFrom: last.from }),
  };
}

function total(buckets: readonly EventBucket[]): number {
  return buckets.reduce((sum, bucket) => sum + bucket.value, 0);
}
