import type { Sample } from "../domain/measurement.ts";
import type { EventBucket, Stretch } from "./sentry-source.ts";

const MINUTE_SECONDS = 60;
const HOUR_MINUTES = 60;
/** The newest intervals are told one by one; what is older is put together to at most as many again: a watch may last a day. */
const MOST_SINGLE = 30;

/** Lengths in seconds: of an interval, as long as a look if that can be; and of the buckets that errors are asked in, of which each interval has whole ones. */
export function lengthsOf(since: Stretch, everyMs: number): { readonly interval: number; readonly bucket: number } {
  const minutes = (since.to.getTime() - since.from.getTime()) / 60_000;
  const look = Math.max(1, Math.round(everyMs / 1000));
  if (minutes >= HOUR_MINUTES) return { interval: Math.ceil(look / MINUTE_SECONDS) * MINUTE_SECONDS, bucket: MINUTE_SECONDS };
  // Fine enough to tell when the last event was, coarse enough for a few hundred points.
  return { interval: look, bucket: greatestCommon(look, minutes < 5 ? 1 : 10) };
}

/** Requests in whole intervals, and how many there used to be a minute. */
export type Requests = { readonly counted: readonly EventBucket[]; readonly usualPerMinute: number };

/** Traces arrive later than errors: in the newest minutes there were at least as many requests as usual. */
const LATE_MS = 120_000;

/** Errors, people and requests of each interval since it went live; `people` in whole intervals; null: not known. */
export function intervalsOf(
  since: Stretch,
  seconds: number,
  seen: { readonly errors: readonly EventBucket[]; readonly people: readonly EventBucket[] | null; readonly requests: Requests | null },
): readonly Sample[] {
  const { errors, people, requests } = seen;
  const slotOf = ({ from }: EventBucket): number => Math.floor((from.getTime() - origin) / (seconds * 1000));
  // Sentry's intervals begin at multiples of their length, of its own clock: theirs are the edges.
  const origin = people?.[0]?.from.getTime() ?? errors[0]?.from.getTime() ?? since.from.getTime();
  const events = summed(errors, slotOf);
  const asked = requests === null ? null : summed(requests.counted, slotOf);
  const hit = people === null ? null : summed(people, slotOf);
  const slots = Array.from({ length: Math.max(1, Math.ceil((since.to.getTime() - origin) / (seconds * 1000))) }, (_, slot) => slot);
  const samples = slots.map((slot) => {
    const from = Math.max(since.from.getTime(), origin + slot * seconds * 1000);
    const to = Math.min(since.to.getTime(), origin + (slot + 1) * seconds * 1000);
    const minutes = Math.max(0, to - from) / 60_000;
    const usual = since.to.getTime() - to < LATE_MS ? (requests?.usualPerMinute ?? 0) * minutes : 0;
    return {
      minutes,
      exposure: asked === null ? null : Math.max(asked.get(slot) ?? 0, usual),
      events: events.get(slot) ?? 0,
      users: hit === null ? null : (hit.get(slot) ?? 0),
    };
  });
  return together(samples);
}

function together(samples: readonly Sample[]): readonly Sample[] {
  const older = samples.slice(0, -MOST_SINGLE);
  const size = Math.ceil(older.length / MOST_SINGLE);
  const groups = Array.from({ length: size === 0 ? 0 : Math.ceil(older.length / size) }, (_, index) =>
    older.slice(index * size, (index + 1) * size).reduce((sum, sample) => ({
      minutes: sum.minutes + sample.minutes,
      exposure: plus(sum.exposure, sample.exposure),
      events: sum.events + sample.events,
      users: plus(sum.users, sample.users),
    })),
  );
  return [...groups, ...samples.slice(-MOST_SINGLE)];
}

function plus(left: number | null, right: number | null): number | null {
  return left === null || right === null ? null : left + right;
}

function summed(buckets: readonly EventBucket[], slotOf: (bucket: EventBucket) => number): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  for (const bucket of buckets) sums.set(slotOf(bucket), (sums.get(slotOf(bucket)) ?? 0) + bucket.value);
  return sums;
}

function greatestCommon(left: number, right: number): number {
  return right === 0 ? left : greatestCommon(right, left % right);
}
