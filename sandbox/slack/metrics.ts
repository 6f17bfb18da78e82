import type { Clock } from "./clock.ts";

export type AckEntry = {
  readonly id: string;
  readonly kind: string;
  readonly at: string;
  readonly latencyMs: number;
  readonly result: string;
};
export type CallFigures = { lastMinute: number; perMinute: number | null; total: number; refused: number };

/** What the page's strip shows about calls and acks. */
export type Metrics = {
  called(method: string, perMinute: number | null, refused: boolean): void;
  /** An argument that the method does not know came with a call. */
  strange(method: string, argument: string): void;
  /** "METHOD ARGUMENT", each once. */
  strangers(): string[];
  acked(entry: AckEntry): void;
  calls(): Record<string, CallFigures>;
  refused429(): number;
  acks(): { last: number | null; slowest: number | null; unanswered: number; log: AckEntry[] };
};

const KEPT = 100;

export function createMetrics(clock: Clock): Metrics {
  const methods = new Map<string, { perMinute: number | null; total: number; refused: number; recent: number[] }>();
  const strangers = new Set<string>();
  let log: AckEntry[] = [];
  let unanswered = 0;
  let slowest: number | null = null;

  return {
    called(method, perMinute, refused) {
      const entry = methods.get(method) ?? { perMinute, total: 0, refused: 0, recent: [] };
      entry.total += 1;
      if (refused) entry.refused += 1;
      entry.recent.push(clock.now().getTime());
      methods.set(method, entry);
    },
    strange: (method, argument) => void strangers.add(`${method} ${argument}`),
    strangers: () => [...strangers],
    acked(entry) {
      log = [...log, entry].slice(-KEPT);
      if (entry.result === "ok") slowest = Math.max(slowest ?? 0, entry.latencyMs);
      else unanswered += 1;
    },
    calls() {
      const since = clock.now().getTime() - 60_000;
      return Object.fromEntries(
        [...methods].map(([method, entry]) => {
          entry.recent = entry.recent.filter((at) => at > since);
          return [method, { lastMinute: entry.recent.length, perMinute: entry.perMinute, total: entry.total, refused: entry.refused }];
        }),
      );
    },
    refused429: () => [...methods.values()].reduce((sum, entry) => sum + entry.refused, 0),
    acks: () => ({ last: log.findLast((entry) => entry.result === "ok")?.latencyMs ?? null, slowest, unanswered, log }),
  };
}
