import type { SentryWatch } from "../domain/config.ts";
import type { SessionsLook } from "../domain/late.ts";
import { MIN_SESSIONS, SESSION_DAYS_BEFORE } from "../domain/verdict/crash-free.ts";
import type { SessionsSeen } from "../domain/verdict/crash-free.ts";
import type { Report } from "../ports.ts";
import { locate, type SentrySources } from "./sentry-source.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Servers are switched one by one: what is new runs on the first of them before it is live on all. */
const ROLLING_RESTART_MS = 10 * 60_000;
/** A session is told when it ends, and by some programs once a minute: the newest hour is asked for when they have. */
const TOLD_AFTER_MS = 10 * 60_000;

/**
 * Sessions of a revision in the last day, and of all others in the week before it was live and since. The hour in which it went live is
 * nobody's. The second question is left out where the first one found too few. Null: too few, or Sentry cannot say.
 */
export async function readSessions(
  deps: { readonly sources: SentrySources; readonly report: Report },
  watch: SentryWatch,
  { revision, liveAt, now }: SessionsLook,
): Promise<SessionsSeen | null> {
  try {
    const located = locate(deps.sources, watch);
    if (!located.ok) return null;
    const { source, place } = located.value;
    const release = `${watch.releasePrefix}${revision}`;
    const to = new Date(now.getTime() - TOLD_AFTER_MS);
    const from = new Date(Math.max(liveAt.getTime(), to.getTime() - DAY_MS - HOUR_MS));
    const ours = await source.sessions(place, { from, to, filter: { release } });
    if (!ours.ok || ours.value.reduce((sum, hour) => sum + hour.sessions, 0) < MIN_SESSIONS) return null;
    const before = new Date(liveAt.getTime() - SESSION_DAYS_BEFORE * DAY_MS - HOUR_MS);
    const others = await source.sessions(place, { from: before, to, filter: { notRelease: release } });
    if (!others.ok) return null;
    const isRollOut = (at: Date): boolean =>
      at.getTime() < liveAt.getTime() && at.getTime() + HOUR_MS > liveAt.getTime() - ROLLING_RESTART_MS;
    return { ours: ours.value, others: others.value.filter((hour) => !isRollOut(hour.from)) };
  } catch (fault) {
    deps.report(fault, { monitor: "sentry", project: watch.project });
    return null;
  }
}
