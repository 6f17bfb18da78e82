import type { Incoming, IncomingTransaction } from "./envelope.ts";
import type { IncomingSessions } from "./envelope-sessions.ts";

export type StoredEvent = Incoming & { readonly at: Date; readonly issueId: number };

export type Issue = {
  readonly id: number;
  readonly shortId: string;
  readonly type: string;
  value: string;
  readonly culprit: string;
  /** Of the newest event, in full. */
  file: string | null;
  readonly level: string;
  readonly firstRelease: string | null;
  firstSeen: Date;
  lastSeen: Date;
  status: "unresolved" | "resolved" | "ignored";
  substatus: "new" | "ongoing" | "regressed" | "escalating" | null;
  /** Release the issue was resolved in, when that was said. */
  resolvedIn: string | null;
  readonly activity: { readonly type: string; readonly at: Date; readonly version: string | null }[];
};

export type Deploy = {
  readonly id: number;
  readonly environment: string;
  readonly name: string | null;
  readonly url: string | null;
  readonly started: Date | null;
  readonly finished: Date;
};

export type Release = {
  readonly id: number;
  readonly version: string;
  readonly created: Date;
  released: Date | null;
  readonly url: string | null;
  readonly ref: string | null;
  commitCount: number;
  readonly deploys: Deploy[];
};

export type SentryStore = ReturnType<typeof createSentryStore>;

const MAX_AHEAD_MS = 60_000;
const MAX_BEHIND_MS = 30 * 86_400_000;

/** As Sentry does: what an SDK says is believed, unless it is of the future or a month old. */
function believed(happened: Date | null, now: Date): Date {
  const aheadMs = (happened ?? now).getTime() - now.getTime();
  return happened === null || aheadMs > MAX_AHEAD_MS || -aheadMs > MAX_BEHIND_MS ? now : happened;
}

/** Everything the look-alike remembers, in memory: events, the issues they make, releases and deploys. */
export function createSentryStore(options: {
  readonly project: string;
  readonly now: () => Date;
  readonly changed: (kind: "created" | "unresolved", issue: Issue) => void;
}) {
  const events: StoredEvent[] = [];
  /** The commit that Sentry's own search would suspect, by issue. */
  const suspects = new Map<number, { readonly commit: string; readonly author: string }>();
  const transactions: IncomingTransaction[] = [];
  /** By their id; those that a server counted have none. */
  const sessions = new Map<string, IncomingSessions>();
  const issues = new Map<string, Issue>();
  const releases = new Map<string, Release>();
  let lastId = 5_000_000;
  const newId = () => (lastId += 1);

  function addRelease(version: string, more: Partial<Pick<Release, "url" | "ref" | "released">> = {}): Release {
    const release: Release = {
      id: newId(),
      version,
      created: options.now(),
      released: null,
      url: null,
      ref: null,
      commitCount: 0,
      deploys: [],
      ...more,
    };
    releases.set(version, release);
    return release;
  }

  /** Groups by exception type and place, as the innermost frame says; a release first heard of in an event is made on the fly. */
  function add(event: Incoming): StoredEvent {
    const at = believed(event.happened, options.now());
    if (event.release !== null && !releases.has(event.release)) addRelease(event.release);
    const key = `${event.type} in ${event.culprit}`;
    const issue = issues.get(key) ?? newIssue(key, event, at);
    if (at < issue.firstSeen) issue.firstSeen = at;
    if (at > issue.lastSeen) issue.lastSeen = at;
    issue.value = event.value;
    issue.file = event.file;
    if (issue.status === "resolved") regress(issue, event.release, at);
    const stored = { ...event, at, issueId: issue.id };
    events.push(stored);
    return stored;
  }

  function newIssue(key: string, event: Incoming, at: Date): Issue {
    const { type, value, culprit, file, level } = event;
    const shortId = `${options.project.toUpperCase()}-${(issues.size + 1).toString(36).toUpperCase()}`;
    const about = { type, value, culprit, file, level, firstRelease: event.release, firstSeen: at, lastSeen: at };
    const issue: Issue = {
      id: newId(),
      shortId,
      ...about,
      status: "unresolved",
      substatus: "new",
      resolvedIn: null,
      activity: [{ type: "first_seen", at, version: null }],
    };
    issues.set(key, issue);
    // The issue's first event is stored a moment later; who is told reads counts then.
    queueMicrotask(() => options.changed("created", issue));
    return issue;
  }

  function regress(issue: Issue, version: string | null, at: Date): void {
    Object.assign(issue, { status: "unresolved", substatus: "regressed", resolvedIn: null });
    issue.activity.push({ type: "set_regression", at, version });
    queueMicrotask(() => options.changed("unresolved", issue));
  }

  function resolve(issue: Issue, inRelease: string | null): void {
    Object.assign(issue, { status: "resolved", substatus: null, resolvedIn: inRelease });
    issue.activity.push({ type: "set_resolved", at: options.now(), version: inRelease });
  }

  /** What Sentry's own forecast does: an issue happens far more often than it used to. */
  function escalate(issue: Issue): void {
    Object.assign(issue, { status: "unresolved", substatus: "escalating" });
    issue.activity.push({ type: "set_escalating", at: options.now(), version: null });
  }

  function addDeploy(release: Release, deploy: Omit<Deploy, "id">): Deploy {
    const made = { id: newId(), ...deploy };
    release.deploys.push(made);
    return made;
  }

  /** What is told of a session later replaces what was told before, but one that crashed stays crashed. */
  function addSessions(told: IncomingSessions): void {
    const key = told.sid ?? `counted ${sessions.size}`;
    sessions.set(key, { ...told, crashed: Math.max(told.crashed, sessions.get(key)?.crashed ?? 0) });
  }

  const eventsOfIssue = (issue: Issue) => events.filter((event) => event.issueId === issue.id);
  return {
    add,
    addRelease,
    addDeploy,
    resolve,
    escalate,
    suspects,
    events: () => events,
    addTransaction: (transaction: IncomingTransaction) => void transactions.push(transaction),
    transactions: () => transactions,
    addSessions,
    sessions: () => [...sessions.values()],
    eventsOfIssue,
    issues: () => [...issues.values()],
    releases,
    now: options.now,
  };
}
