import type { ErrorsSeen, Interval, Sample } from "../domain/measurement.ts";
import { ok, refuse } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { Look } from "../ports.ts";
import type { EventBucket, SentryPlace, SentrySource, Stretch } from "./sentry-source.ts";

/** What an environment was like before this release. */
export type Before = Pick<ErrorsSeen, "before" | "beforePerMinute" | "baseline" | "sameHours">;

const MINUTE_SECONDS = 60;
const DAY_MS = 86_400_000;
/** Yesterday, and the same day of last week. */
const EARLIER_DAYS = [1, 7] as const;
/** The hours of a watch of a whole day say nothing of its first ones. */
const MOST_HOURS_MS = 2 * 3_600_000;

/** Asked by the first look of a watch, and copied by the others: it does not change. All releases but this one. */
export async function readBefore(
  source: SentrySource,
  place: SentryPlace,
  look: Look,
  asked: { readonly history: Stretch; readonly release: string },
): Promise<Result<Before, string>> {
  const { history } = asked;
  if (look.earlier !== null) {
    const { before, beforePerMinute } = look.earlier;
    return ok({ before, ...(beforePerMinute === undefined ? {} : { beforePerMinute }) });
  }
  if (history.from >= history.to) return ok({ before: { ...history, events: 0, users: null } });
  const filter = { notRelease: asked.release };
  const errors = await source.series(place, { ...history, of: "errors", filter, everySeconds: MINUTE_SECONDS });
  if (!errors.ok) return refuse(errors.refusal.because);
  const before = { ...history, events: total(errors.value), users: null };
  const perMinute = errors.value.every((bucket) => bucket.to.getTime() - bucket.from.getTime() === MINUTE_SECONDS * 1000);
  if (!perMinute || errors.value.length === 0) return ok({ before });
  const [people, sameHours] = await Promise.all([
    source.series(place, { ...history, of: "people", filter, everySeconds: MINUTE_SECONDS }),
    readSameHours(source, place, look, filter),
  ]);
  return ok({
    before,
    beforePerMinute: errors.value.map((bucket) => bucket.value),
    baseline: samplesOf(errors.value, people.ok ? people.value : null),
    ...(sameHours === null ? {} : { sameHours }),
  });
}

/** The hours of the watch on earlier days; null unless Sentry told of all of them. */
async function readSameHours(
  source: SentrySource,
  place: SentryPlace,
  look: Look,
  filter: { readonly notRelease: string },
): Promise<readonly Interval[] | null> {
  const days = await Promise.all(
    EARLIER_DAYS.map(async (day) => {
      const from = new Date(look.liveAt.getTime() - day * DAY_MS);
      const hours = { from, to: new Date(from.getTime() + Math.min(look.forMs, MOST_HOURS_MS)) };
      const errors = await source.series(place, { ...hours, of: "errors", filter, everySeconds: MINUTE_SECONDS });
      return errors.ok ? { ...hours, events: total(errors.value), users: null } : null;
    }),
  );
  const told = days.filter((day) => day !== null);
  return told.length === days.length ? told : null;
}

function samplesOf(errors: readonly EventBucket[], people: readonly EventBucket[] | null): readonly Sample[] {
  const hit = people === null ? null : new Map(people.map((bucket) => [bucket.from.getTime(), bucket.value]));
  return errors.map(({ from, value }) => ({
    minutes: 1,
    exposure: null,
    events: value,
    users: hit === null ? null : (hit.get(from.getTime()) ?? 0),
  }));
}

function total(buckets: readonly EventBucket[]): number {
  return buckets.reduce((sum, bucket) => sum + bucket.value, 0);
}
