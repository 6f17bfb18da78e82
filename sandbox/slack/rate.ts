import { BURST, PER_MINUTE, POST_BURST } from "./limits.ts";

export type Tier = keyof typeof PER_MINUTE;

export type RateLimiter = {
  /** @returns seconds to wait, or 0 when the call may pass */
  take(method: string, tier: Tier, channel: string | undefined): number;
};

type Bucket = { tokens: number; at: number };

/** One token bucket a method; chat.postMessage has one a channel, 1/s with bursts of 3. */
export function createRateLimiter(now: () => Date): RateLimiter {
  const buckets = new Map<string, Bucket>();

  function take(key: string, capacity: number, perSecond: number): number {
    const at = now().getTime();
    const bucket = buckets.get(key) ?? { tokens: capacity, at };
    bucket.tokens = Math.min(capacity, bucket.tokens + (Math.max(0, at - bucket.at) / 1000) * perSecond);
    bucket.at = at;
    buckets.set(key, bucket);
    if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
    bucket.tokens -= 1;
    return 0;
  }

  return {
    take(method, tier, channel) {
      if (method === "chat.postMessage") return take(`${method} ${channel ?? ""}`, POST_BURST, 1);
      const perMinute = PER_MINUTE[tier];
      return perMinute === null ? 0 : take(method, Math.max(1, Math.floor(perMinute * BURST)), perMinute / 60);
    },
  };
}
