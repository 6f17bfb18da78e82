import { ok } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import { releaseTerm } from "./events.ts";
import type { EventFilter } from "./events.ts";
import { failure } from "./failure.ts";
import type { SentryFailure } from "./failure.ts";
import type { Requester } from "./request.ts";
import { parsed, scopeQuery } from "./scope.ts";
import type { SentryScope, SentryWindow } from "./scope.ts";
import { SessionsShape } from "./shapes.ts";

/** Sessions that began in that hour, and how many of them crashed. */
export type SessionHour = { readonly from: Date; readonly sessions: number; readonly crashed: number };

/** Sentry counts sessions by the hour at best, of its own clock. */
const HOUR_MS = 3_600_000;
const SESSIONS = "sum(session)";
const CRASH_FREE = "crash_free_rate(session)";

/** The hours that lie in the window as a whole and have sessions, oldest first; times are ours, Sentry's skew taken out. */
export async function sessions(
  requester: Requester,
  scope: SentryScope,
  input: SentryWindow & { readonly filter: EventFilter },
): Promise<Result<readonly SessionHour[], SentryFailure>> {
  const skewMs = requester.skewMs();
  const whole = {
    from: new Date(Math.ceil((input.from.getTime() + skewMs) / HOUR_MS) * HOUR_MS),
    to: new Date(Math.floor((input.to.getTime() + skewMs) / HOUR_MS) * HOUR_MS),
  };
  if (whole.from >= whole.to) return ok([]);
  const query = {
    ...scopeQuery(scope, whole, 0),
    field: [SESSIONS, CRASH_FREE],
    interval: "1h",
    includeTotals: "0",
    query: releaseTerm(input.filter),
  };
  const answer = await requester.request({ method: "GET", path: ["organizations", scope.organization, "sessions"], query });
  if (!answer.ok) return answer;
  const told = parsed(SessionsShape, answer.value.body);
  if (told === null) return failure("nonsense", "Sentry's answer about sessions has another shape than it documents");
  // Nothing is grouped by, so there is one group, or none without a session.
  const series = told.groups[0]?.series;
  const hours = told.intervals.map((from, index) => {
    const [count, rate] = [series?.[SESSIONS][index] ?? 0, series?.[CRASH_FREE][index] ?? null];
    return { at: from.getTime(), count, rate };
  });
  return ok(
    hours.flatMap(({ at, count, rate }) => {
      const isAsked = at >= whole.from.getTime() && at < whole.to.getTime();
      // No rate is no good one: without sessions, or without its word, the hour says nothing.
      if (!isAsked || count === 0 || rate === null) return [];
      return [{ from: new Date(at - skewMs), sessions: count, crashed: Math.round(count * (1 - rate)) }];
    }),
  );
}
