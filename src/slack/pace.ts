import type { StoredCard } from "./deps.ts";

/** How often the painter may call Slack: per workspace, per method, per channel and per message. Milliseconds throughout. */

/** chat.update allows 50 a minute for the whole workspace; 45 and a burst of 5 stay below it in any minute. */
const REFILL_PER_MS = 45 / 60_000;
const BURST = 5;
/** What is left for those who matter more: a tick never takes the last tokens from an end or a question. */
const RESERVE: Readonly<Record<StoredCard["priority"], number>> = { terminal: 0, ask: 0, change: 1, tick: 2 };
/** chat.postMessage allows about one message a second and channel. */
const POST_GAP_MS = 1_100;
const ORDER: Readonly<Record<StoredCard["priority"], number>> = { terminal: 0, ask: 1, change: 2, tick: 3 };

export type Pace = {
  /** Takes a token for this priority, or says no. */
  take(priority: StoredCard["priority"]): boolean;
  /** A token that was taken and not needed. */
  give(): void;
  /** A call that cannot wait for a token: the next ones wait for it. */
  owe(): void;
  pause(method: string, ms: number): void;
  open(method: string): boolean;
  mayPost(channel: string): boolean;
  posted(channel: string): void;
  /** A call for this key failed; wait longer each time. */
  failed(key: string): void;
  succeeded(key: string): void;
  rested(key: string): boolean;
  /** Whatever failed is tried again at once. */
  forgive(): void;
};

export function createPace(now: () => number): Pace {
  let tokens = BURST;
  let filledAt = now();
  const paused = new Map<string, number>();
  const posts = new Map<string, number>();
  const failures = new Map<string, { count: number; until: number }>();
  function filled(): number {
    const at = now();
    tokens = Math.min(BURST, tokens + Math.max(0, at - filledAt) * REFILL_PER_MS);
    filledAt = at;
    return tokens;
  }

  return {
    take(priority) {
      if (filled() < 1 + RESERVE[priority]) return false;
      tokens -= 1;
      return true;
    },
    give() {
      tokens = Math.min(BURST, filled() + 1);
    },
    owe() {
      tokens = filled() - 1;
    },
    pause: (method, ms) => void paused.set(method, now() + ms),
    open: (method) => now() >= (paused.get(method) ?? 0),
    mayPost: (channel) => now() >= (posts.get(channel) ?? 0),
    posted: (channel) => void posts.set(channel, now() + POST_GAP_MS),
    failed(key) {
      const count = (failures.get(key)?.count ?? 0) + 1;
      failures.set(key, { count, until: now() + Math.min(30_000, 500 * 2 ** count) });
    },
    succeeded: (key) => void failures.delete(key),
    rested: (key) => now() >= (failures.get(key)?.until ?? 0),
    forgive: () => failures.clear(),
  };
}

/** Only ticks wait for their turn: what changed is shown as soon as there is a token. */
export function isDue(card: StoredCard, now: number, liveCards: number): boolean {
  if (card.priority !== "tick" || card.firstPaintedAt === null || card.lastPaintedAt === null) return true;
  const age = now - card.firstPaintedAt.getTime();
  const alone = age < 60_000 ? 1_500 : age < 300_000 ? 3_000 : 10_000;
  const shared = liveCards * (60_000 / 45);
  return now - card.lastPaintedAt.getTime() >= Math.max(alone, shared);
}

/** Ends first, then questions, then changes, then ticks; among equals who has waited longest. */
export function byUrgency(left: StoredCard, right: StoredCard): number {
  return ORDER[left.priority] - ORDER[right.priority] || (left.lastPaintedAt?.getTime() ?? 0) - (right.lastPaintedAt?.getTime() ?? 0);
}
