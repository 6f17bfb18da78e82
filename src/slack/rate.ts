/** One press a second for a whole minute: more than anybody needs, far less than a script or a stuck key sends. */
export const PER_MINUTE = 60;
const MINUTE_MS = 60_000;
/** More people than press within a minute; beyond that those who have been quiet are forgotten. */
const MOST_PEOPLE = 10_000;

/** A bucket for each person, of this replica: it fills as time goes on. */
export type Rate = { take(person: string): boolean };

/** `now` in milliseconds, never going back. */
export function createRate(now: () => number): Rate {
  const buckets = new Map<string, { left: number; at: number }>();
  return {
    take(person) {
      const at = now();
      const known = buckets.get(person);
      const left = known === undefined ? PER_MINUTE : Math.min(PER_MINUTE, known.left + ((at - known.at) / MINUTE_MS) * PER_MINUTE);
      // The longest quiet one is first.
      buckets.delete(person);
      buckets.set(person, { left: left < 1 ? left : left - 1, at });
      const [oldest] = buckets.keys();
      if (buckets.size > MOST_PEOPLE && oldest !== undefined) buckets.delete(oldest);
      return left >= 1;
    },
  };
}
