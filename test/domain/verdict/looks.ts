import type { ErrorsSeen, Measurement, NewIssue } from "../../../src/domain/measurement.ts";

export const MINUTE = 60_000;
export const LIVE = new Date("2026-03-02T09:33:00Z");
export const WATCH = { forMs: 30 * MINUTE, everyMs: MINUTE } as const;

export function minute(minutes: number): Date {
  return new Date(LIVE.getTime() + minutes * MINUTE);
}

export function clockAt(minutes: number) {
  return { liveAt: LIVE, until: minute(30), now: minute(minutes) };
}

type Seen = Partial<Omit<ErrorsSeen, "kind" | "after" | "before">> & {
  readonly before?: number;
  readonly beforeMinutes?: number;
  readonly users?: number | null;
};

/** What Sentry held at a look: `events` of the release since it is live; before: an hour with 18 errors (0.3 a minute). */
export function errorsAt(look: number, events: number, seen: Seen = {}): Extract<Measurement, { kind: "errors" }> {
  const { before = 18, beforeMinutes = 60, users = null, ...rest } = seen;
  return {
    monitor: "sentry",
    look,
    at: minute(look),
    kind: "errors",
    after: { from: LIVE, to: minute(look), events, users },
    before: { from: minute(-beforeMinutes), to: LIVE, events: before, users: null },
    newIssues: [],
    lastEventAt: events > 0 ? minute(look) : null,
    signal: "proven",
    ...rest,
  };
}

export function gapAt(look: number, monitor: "sentry" | "http" = "sentry", because = "Sentry did not answer within 10 s"): Measurement {
  return { monitor, look, at: minute(look), kind: "gap", because };
}

export function siteAt(look: number, up: boolean): Extract<Measurement, { kind: "site" }> {
  const detail = up ? "HTTP 200" : "HTTP 502";
  return { monitor: "http", look, at: minute(look), kind: "site", up, latencyMs: 80, detail };
}

export function issue(change: Partial<NewIssue> = {}): NewIssue {
  return {
    id: "1",
    title: "KeyError",
    place: "shop.cart",
    url: null,
    events: 1,
    users: 1,
    unhandled: true,
    firstSeen: minute(2),
    lastSeen: minute(3),
    ...change,
  };
}

/** One measurement per minute, from the first to the last given. */
export function every(from: number, to: number, of: (look: number) => Measurement): readonly Measurement[] {
  return Array.from({ length: to - from + 1 }, (_, index) => of(from + index));
}
