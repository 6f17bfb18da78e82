import { randomBytes } from "node:crypto";
import { createOutage } from "../fault.ts";
import type { Answer, Route, Visit } from "../loopback.ts";
import { json, startLoopback } from "../loopback.ts";
import { eventsOf, transactionsOf, unpack } from "./envelope.ts";
import { sessionsOf } from "./envelope-sessions.ts";
import type { SentryHook } from "./hook.ts";
import { sendIssueHook } from "./hook.ts";
import { pageRoutes } from "./pages.ts";
import type { SentrySite } from "./payloads.ts";
import { issuePayload, usersOf } from "./payloads.ts";
import { eventRoutes } from "./routes-events.ts";
import { issueRoutes } from "./routes-issues.ts";
import { releaseRoutes } from "./routes-releases.ts";
import { sessionRoutes } from "./routes-sessions.ts";
import type { SentryStore } from "./store.ts";
import { createSentryStore } from "./store.ts";

export type SandboxSentry = Awaited<ReturnType<typeof startSandboxSentry>>;

const PROJECT_ID = 4501;
const RATE_LIMIT = 40;

/**
 * A Sentry look-alike on 127.0.0.1: takes real SDK envelopes at `dsn`, makes issues of them, and answers the web API at `apiUrl`.
 * With `webhook` it tells of new and regressed issues as an internal integration does.
 */
export async function startSandboxSentry(options: {
  readonly port?: number;
  readonly org: string;
  readonly project: string;
  readonly token: string;
  readonly now?: () => Date;
  readonly webhook?: SentryHook;
  readonly log?: (line: string) => void;
}) {
  const log = options.log ?? (() => {});
  const name = options.project.charAt(0).toUpperCase() + options.project.slice(1);
  const site: SentrySite = { webUrl: "", org: options.org, project: { id: PROJECT_ID, slug: options.project, name } };
  const publicKey = randomBytes(16).toString("hex");
  const store: SentryStore = createSentryStore({
    project: options.project,
    now: options.now ?? (() => new Date()),
    changed: (kind, issue) => {
      if (options.webhook !== undefined)
        void sendIssueHook(options.webhook, kind, issuePayload(site, issue, { events: store.eventsOfIssue(issue) }, store.now()), log);
    },
  });
  const state = { isSilent: false };
  const outage = createOutage();
  const server = await startLoopback({
    port: options.port ?? 0,
    log,
    before: (visit) => (visit.path.startsWith("/api/0/") ? (outage.answer() ?? refuse(visit, options.token)) : null),
    after: (visit, answer) => (visit.path.startsWith("/api/0/") ? withLimits(answer, store.now()) : answer),
    routes: [
      { method: "POST", path: "/api/:project/envelope", answer: (visit) => takeEnvelope(store, visit, { publicKey, state }) },
      ...releaseRoutes(site, store),
      ...issueRoutes(site, store),
      ...eventRoutes(site, store),
      ...sessionRoutes(site, store),
      ...pageRoutes(site, store),
    ] satisfies Route[],
  });
  site.webUrl = server.url;
  return {
    /** Base of the web API; clients add `/api/0/...`. */
    apiUrl: server.url,
    webUrl: `${server.url}/organizations/${options.org}/issues/`,
    dsn: `http://${publicKey}@127.0.0.1:${server.port}/${PROJECT_ID}`,
    projectId: PROJECT_ID,
    /** Envelopes are accepted but nothing is kept: what a broken ingestion looks like from outside. */
    silence: (on: boolean) => void (state.isSilent = on),
    /** The web API answers this for so long; `forMs: 0` ends it. */
    fail: outage.fail,
    /** What is stored, for assertions; all of it, or of one release and environment. */
    counts: (only: { release?: string; environment?: string } = {}) => countsOf(store, only),
    /** Somebody resolves the issue: its next event brings it back. */
    resolve: (id: number) =>
      store
        .issues()
        .filter((issue) => issue.id === id)
        .forEach((issue) => store.resolve(issue, null)),
    /** Sentry suspects that commit of the issue. */
    suspect: (id: number, suspected: { readonly commit: string; readonly author: string }) => void store.suspects.set(id, suspected),
    /** Sentry's forecast finds that the issue escalates. */
    escalate: (id: number) =>
      store
        .issues()
        .filter((issue) => issue.id === id)
        .forEach((issue) => store.escalate(issue)),
    issues: () => store.issues().map((issue) => ({ ...issue, events: store.eventsOfIssue(issue).length })),
    releases: () => [...store.releases.values()].map((release) => ({ version: release.version, deploys: release.deploys })),
    close: server.close,
  };
}

function takeEnvelope(store: SentryStore, visit: Visit, order: { publicKey: string; state: { isSilent: boolean } }): Answer {
  const header = String(visit.headers["x-sentry-auth"] ?? "");
  const key = visit.query.get("sentry_key") ?? /sentry_key=(\w+)/.exec(header)?.[1];
  if (visit.params["project"] !== String(PROJECT_ID) || key !== order.publicKey) return json(403, { detail: "bad sentry DSN public key" });
  const envelope = unpack(visit.body, visit.headers["content-encoding"]);
  const events = eventsOf(envelope);
  if (!order.state.isSilent) {
    events.forEach(store.add);
    transactionsOf(envelope).forEach(store.addTransaction);
    sessionsOf(envelope).forEach(store.addSessions);
  }
  return json(200, events[0] === undefined ? {} : { id: events[0].eventId });
}

function countsOf(store: SentryStore, only: { release?: string; environment?: string }) {
  const { release, environment } = only;
  const events = store
    .events()
    .filter((event) => (release ?? event.release) === event.release && (environment ?? event.environment) === event.environment);
  const unhandled = events.filter((event) => !event.isHandled).length;
  return { events: events.length, unhandled, users: usersOf(events), issues: new Set(events.map((event) => event.issueId)).size };
}

function refuse(visit: Visit, token: string): Answer | null {
  const given = visit.headers.authorization;
  if (given === `Bearer ${token}`) return null;
  return json(401, { detail: given === undefined ? "Authentication credentials were not provided." : "Invalid token" });
}

/** With the time as it is told here: a client takes the difference to its own from it. */
function withLimits(answer: Answer, now: Date): Answer {
  const limits = {
    date: now.toUTCString(),
    "x-sentry-rate-limit-limit": String(RATE_LIMIT),
    "x-sentry-rate-limit-remaining": String(RATE_LIMIT - 1),
    "x-sentry-rate-limit-reset": String(Math.floor(now.getTime() / 1000) + 1),
    "x-sentry-rate-limit-concurrentlimit": "25",
    "x-sentry-rate-limit-concurrentremaining": "24",
  };
  return { ...answer, headers: { ...limits, ...answer.headers } };
}
