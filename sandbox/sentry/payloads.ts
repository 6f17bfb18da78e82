import type { JsonObject } from "../loopback.ts";
import type { Deploy, Issue, Release, SentryStore, StoredEvent } from "./store.ts";

export type SentrySite = {
  webUrl: string;
  readonly org: string;
  readonly project: { readonly id: number; readonly slug: string; readonly name: string };
};

const HOUR_MS = 3_600_000;

/** Events of an issue in the asked scope, from which counts are made; `fitting`: of those, the ones that the search is about. */
type Counted = { readonly events: readonly StoredEvent[]; readonly fitting?: readonly StoredEvent[] };

export function issuePayload(site: SentrySite, issue: Issue, { events, fitting = events }: Counted, now: Date): JsonObject {
  const counts = {
    count: String(events.length),
    userCount: usersOf(events),
    firstSeen: issue.firstSeen.toISOString(),
    // Of the environments that were asked for: one may be quiet while another still errs.
    lastSeen: newestOf(events, issue).toISOString(),
  };
  const stats = { "24h": hourly(events, now) };
  return {
    id: String(issue.id),
    shareId: null,
    shortId: issue.shortId,
    title: `${issue.type}: ${issue.value}`,
    culprit: issue.culprit,
    permalink: issuePage(site, issue),
    logger: null,
    level: issue.level,
    status: issue.status,
    statusDetails: issue.resolvedIn === null ? {} : { inRelease: issue.resolvedIn },
    substatus: issue.substatus,
    isPublic: false,
    platform: "node",
    priority: events.some((event) => !event.isHandled) ? "high" : "medium",
    priorityLockedAt: null,
    seerFixabilityScore: null,
    seerAutofixLastTriggered: null,
    seerExplorerAutofixLastTriggered: null,
    project: projectName(site),
    type: "error",
    issueType: "error",
    issueCategory: "error",
    metadata: {
      type: issue.type,
      value: issue.value,
      ...(issue.file === null ? {} : { filename: issue.file }),
      function: issue.culprit.split(" ")[0],
    },
    numComments: 0,
    assignedTo: null,
    isBookmarked: false,
    isSubscribed: false,
    subscriptionDetails: null,
    hasSeen: false,
    annotations: [],
    isUnhandled: events.some((event) => !event.isHandled),
    ...counts,
    stats,
    lifetime: { ...counts, stats: null },
    filtered: { ...counts, count: String(fitting.length), userCount: usersOf(fitting), stats },
  };
}

function newestOf(events: readonly StoredEvent[], issue: Issue): Date {
  return events.length === 0 ? issue.lastSeen : new Date(Math.max(...events.map((event) => event.at.getTime())));
}

/** An issue with what the list adds when it is asked to `expand`. */
export function expandedIssuePayload(site: SentrySite, issue: Issue, counted: Counted, now: Date): JsonObject {
  const seen = issue.firstSeen.toISOString();
  const autofix = { hasOpenFixPr: false, hasRootCause: false, lastCompletedAutofixStep: "none", lastProgressedAt: null };
  return {
    ...issuePayload(site, issue, counted, now),
    derivedData: { blocker: "none", progress: "none", status: "open", viewCount: 0, isAssigned: false, ...autofix },
    inbox: { reason: 0, reason_details: null, date_added: seen },
    owners: { type: "suspectCommit", owner: "user:1", date_added: seen },
    integrationIssues: [],
    sentryAppIssues: [],
    latestEventHasAttachments: false,
    matchingEventEnvironment: null,
    matchingEventId: null,
    sessionCount: 0,
  };
}

/** Beside what the list says: first and last release, and what happened to the issue. */
export function issueDetailPayload(site: SentrySite, store: SentryStore, issue: Issue, events: readonly StoredEvent[]): JsonObject {
  const release = (version: string | null | undefined) => {
    const found = version === null || version === undefined ? undefined : store.releases.get(version);
    return found === undefined ? null : shortRelease(found);
  };
  const releases = new Set(events.map((event) => event.release));
  return {
    ...issuePayload(site, issue, { events }, store.now()),
    activity: issue.activity.toReversed().map((one, index) => ({
      id: String(index),
      type: one.type,
      data: one.version === null ? {} : { version: one.version },
      dateCreated: one.at.toISOString(),
      user: null,
    })),
    seenBy: [],
    userReportCount: 0,
    participants: [],
    firstRelease: release(issue.firstRelease),
    lastRelease: release(events.at(-1)?.release),
    tags: [{ key: "release", name: "Release", totalValues: releases.size }],
  };
}

export function releasePayload(site: SentrySite, store: SentryStore, release: Release): JsonObject {
  const events = store.events().filter((event) => event.release === release.version);
  const newGroups = store.issues().filter((issue) => issue.firstRelease === release.version).length;
  const last = release.deploys.at(-1);
  return {
    id: release.id,
    ...shortRelease(release),
    status: "open",
    versionInfo: {
      package: null,
      version: { raw: release.version },
      description: release.version.slice(0, 12),
      buildHash: release.version,
    },
    data: {},
    newGroups,
    owner: null,
    commitCount: release.commitCount,
    lastCommit: null,
    deployCount: release.deploys.length,
    lastDeploy: last === undefined ? null : { ...deployPayload(last), name: last.name ?? "" },
    authors: [],
    projects: [{ ...projectName(site), id: site.project.id, platforms: ["node"], hasHealthData: false, newGroups }],
    firstEvent: events[0]?.at.toISOString() ?? null,
    lastEvent: events.at(-1)?.at.toISOString() ?? null,
    currentProjectMeta: {},
    userAgent: null,
  };
}

export function deployPayload(deploy: Deploy): JsonObject {
  return {
    id: String(deploy.id),
    environment: deploy.environment,
    dateStarted: deploy.started?.toISOString() ?? null,
    dateFinished: deploy.finished.toISOString(),
    name: deploy.name,
    url: deploy.url,
  };
}

/** A project of the organization's list; most of the fields are constants nobody here turns on. */
export function projectPayload(site: SentrySite, store: SentryStore): JsonObject {
  const team = { id: "3", name: "Shop", slug: "shop" };
  const latest = [...store.releases.keys()].at(-1);
  const off = ["isBookmarked", "firstTransactionEvent", ...FEATURES.map((name) => `has${name}`)];
  return {
    ...projectName(site),
    dateCreated: "2024-03-04T08:00:00Z",
    isMember: true,
    hasAccess: true,
    features: ["releases"],
    access: ["project:read", "event:read", "project:releases"],
    firstEvent: store.events()[0]?.at.toISOString() ?? null,
    ...Object.fromEntries(off.map((name) => [name, false])),
    team,
    teams: [team],
    platforms: ["node"],
    environments: [...new Set(store.events().map((event) => event.environment))],
    latestRelease: latest === undefined ? null : { version: latest },
  };
}

export function issuePage(site: SentrySite, issue: Issue): string {
  return `${site.webUrl}/organizations/${site.org}/issues/${issue.id}/`;
}

export function usersOf(events: readonly StoredEvent[]): number {
  return new Set(events.flatMap((event) => (event.user === null ? [] : [event.user]))).size;
}

function shortRelease(release: Release): JsonObject {
  return {
    version: release.version,
    shortVersion: release.version.slice(0, 12),
    ref: release.ref,
    url: release.url,
    dateReleased: release.released?.toISOString() ?? null,
    dateCreated: release.created.toISOString(),
  };
}

function projectName(site: SentrySite): JsonObject {
  return { id: String(site.project.id), name: site.project.name, slug: site.project.slug, platform: "node" };
}

/** Events per hour of the last day, as [epoch seconds, count]. */
function hourly(events: readonly StoredEvent[], now: Date): [number, number][] {
  const first = Math.floor(now.getTime() / HOUR_MS) - 23;
  const counts = new Map<number, number>();
  for (const event of events) {
    const hour = Math.floor(event.at.getTime() / HOUR_MS);
    counts.set(hour, (counts.get(hour) ?? 0) + 1);
  }
  return Array.from({ length: 24 }, (_, index) => [(first + index) * 3600, counts.get(first + index) ?? 0]);
}

const FEATURES =
  "Feedbacks Flags MinifiedStackTrace Monitors NewFeedbacks Profiles Replays Sessions InsightsHttp InsightsDb InsightsAssets InsightsAppStart InsightsScreenLoad InsightsVitals InsightsCaches InsightsQueues InsightsAgentMonitoring InsightsMCP Logs TraceMetrics UserReports".split(
    " ",
  );
