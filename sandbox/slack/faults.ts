import type { Clock } from "./clock.ts";
import type { Ids } from "./ids.ts";

/** A failure somebody ordered for a Web API method ("*" is all of them). */
export type FaultOrder = {
  readonly method: string;
  /** Slack error name: 200 {ok: false, error}. */
  readonly error?: string | undefined;
  /** HTTP status instead of an answer. */
  readonly status?: number | undefined;
  /** Seconds: 429 with this Retry-After. */
  readonly retryAfter?: number | undefined;
  readonly delayMs?: number | undefined;
  /** Cut the connection without an answer. */
  readonly drop?: boolean | undefined;
  /** Do the work first, then fail: the caller cannot know. */
  readonly afterwards?: boolean | undefined;
  readonly times?: number | undefined;
  readonly forMs?: number | undefined;
};

export type ActiveFault = FaultOrder & { readonly id: string; left: number; readonly until: number | null };

export type Faults = {
  order(fault: FaultOrder): string;
  clear(): void;
  /** The fault that hits this call, counted down. */
  strike(method: string): ActiveFault | undefined;
  list(): readonly ActiveFault[];
};

/** A fault with neither `times` nor `forMs` strikes once. */
export function createFaults(clock: Clock, ids: Ids): Faults {
  let active: ActiveFault[] = [];

  function live(): ActiveFault[] {
    const now = clock.now().getTime();
    active = active.filter((fault) => fault.left > 0 && (fault.until === null || fault.until > now));
    return active;
  }

  return {
    order(fault) {
      const endless = fault.times === undefined && fault.forMs !== undefined;
      const left = endless ? Number.MAX_SAFE_INTEGER : (fault.times ?? 1);
      const until = fault.forMs === undefined ? null : clock.now().getTime() + fault.forMs;
      const entry = { ...fault, id: ids.next("Ft"), left, until };
      active.push(entry);
      return entry.id;
    },
    clear() {
      active = [];
    },
    strike(method) {
      const fault = live().find((one) => one.method === method || one.method === "*");
      if (fault) fault.left -= 1;
      return fault;
    },
    list: live,
  };
}
