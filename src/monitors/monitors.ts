import type { LateIssues, LateSessions } from "../domain/late.ts";
import type { Monitors } from "../ports.ts";
import { announce } from "./announce.ts";
import { createHttpMonitor } from "./http.ts";
import { lateIssues } from "./late.ts";
import { createSentryMonitor } from "./sentry.ts";
import { readSessions } from "./sessions.ts";

/** All monitors as the engine asks them. `sources` gives the Sentry client of a connection by its name. */
export function createMonitors(deps: Parameters<typeof createSentryMonitor>[0]): Monitors & LateIssues & LateSessions {
  const sentry = createSentryMonitor(deps);
  const http = createHttpMonitor(deps);
  return {
    sentry: (watch, look) => sentry.measure(watch, look),
    http: (watch, look) => http.measure(watch, look),
    late: (watch, look) => lateIssues(deps, watch, look),
    sessions: (watch, look) => readSessions(deps, watch, look),
    announce: (watch, release) => announce(deps.sources, watch, release),
  };
}
