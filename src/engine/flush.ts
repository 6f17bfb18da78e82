import type { Stored, StepLog } from "./step-log.ts";

/** Output reaches the database at most this often: the card and the thread are redrawn from there. */
const FLUSH_EVERY_MS = 400;

/** Writes what a step printed, one write after the other, each with all that came before it. */
export type Flusher = {
  /** Something was printed: written now, or a moment later together with what follows. Answers whether it was written. */
  due(): Promise<boolean>;
  /** Written now, and nothing later by itself. */
  now(): Promise<void>;
};

/**
 * A step that prints one line and then works silently is seen to have printed it: what is not due yet is written by a timer.
 * `write` is asked at once and keeps the order in which it was asked.
 */
export function openFlusher(log: StepLog, write: (stored: Stored) => Promise<void>): Flusher {
  let last = 0;
  let timer: NodeJS.Timeout | null = null;
  function now(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    last = Date.now();
    return write(log.stored());
  }
  return {
    now,
    async due() {
      const wait = last + FLUSH_EVERY_MS - Date.now();
      // A write that fails is met again, and told, by the next one that somebody waits for.
      if (wait > 0) timer ??= setTimeout(() => void now().catch(() => undefined), wait);
      else await now();
      return wait <= 0;
    },
  };
}
