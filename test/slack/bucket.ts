import { PER_MINUTE } from "../../src/slack/rate.ts";

/** Turns as the database counts them, in memory. */
export function createBucket(): (person: string) => boolean {
  const buckets = new Map<string, { left: number; at: number }>();
  return (person) => {
    const at = Date.now();
    const known = buckets.get(person);
    const left = known === undefined ? PER_MINUTE : Math.min(PER_MINUTE, known.left + ((at - known.at) / 60_000) * PER_MINUTE);
    if (left >= 1) buckets.set(person, { left: left - 1, at });
    return left >= 1;
  };
}
