import { expect, test } from "vitest";
import type { ErrorsSeen } from "../../src/domain/measurement.ts";
import { startFarSide } from "./far-side.ts";
import type { FarSide } from "./far-side.ts";
import { LIVE, WATCH, answers, look, monitorsAt } from "./sentry-answers.ts";

const DAY_MINUTES = 24 * 60;

async function seenAt(sentry: FarSide, change: Parameters<typeof look>[0] = {}): Promise<ErrorsSeen> {
  const seen = await monitorsAt(sentry.url).sentry(WATCH, look(change));
  if (seen.kind !== "errors") throw new Error(`expected errors, got ${seen.kind}`);
  return seen;
}

function questionsBefore(sentry: FarSide) {
  return sentry.asked.filter(({ url }) => url.searchParams.get("query")?.startsWith("!release:") === true);
}

test("asks once for what was before: the last hour with its people, and the hours of the watch yesterday and a week ago", async () => {
  await using sentry = await startFarSide(
    answers({
      after: [[1, 6]],
      before: [
        [-50, 4],
        [5 - DAY_MINUTES, 30],
        [40 - DAY_MINUTES, 99],
        [5 - 7 * DAY_MINUTES, 24],
      ],
    }),
  );
  const first = await seenAt(sentry);
  expect(first.baseline).toHaveLength(60);
  expect(first.baseline?.[10]).toEqual({ minutes: 1, exposure: null, events: 4, users: 0 });
  expect(first.sameHours?.map(({ events }) => events)).toEqual([30, 24]);
  expect(questionsBefore(sentry)).toHaveLength(4);
  const second = await seenAt(sentry, { look: 8, earlier: first });
  expect(questionsBefore(sentry)).toHaveLength(4);
  expect(second).toMatchObject({ before: first.before, beforePerMinute: first.beforePerMinute });
  expect([second.baseline, second.sameHours]).toEqual([undefined, undefined]);
});

test("one day that Sentry does not tell of makes no rhythm", async () => {
  const lastWeek = new Date(LIVE.getTime() - 7 * DAY_MINUTES * 60_000).toISOString();
  await using sentry = await startFarSide((asked) =>
    asked.url.searchParams.get("start") === lastWeek ? { status: 400, body: {} } : answers({ after: [[1, 6]] })(asked),
  );
  expect((await seenAt(sentry)).sameHours).toBeUndefined();
});

test("tells each interval since it went live anew, with its people", async () => {
  await using sentry = await startFarSide(
    answers({
      after: [
        [0.5, 2],
        [3.2, 4],
        [3.9, 1],
      ],
      users: 2,
    }),
  );
  const { intervals } = await seenAt(sentry);
  expect(intervals?.map(({ minutes, events, users }) => [minutes, events, users])).toEqual([
    [1, 2, 2],
    [1, 0, 0],
    [1, 0, 0],
    [1, 5, 0],
    [1, 0, 0],
    [1, 0, 0],
    [1, 0, 0],
  ]);
});

test("of a long watch the newest intervals are told one by one, the older ones together", async () => {
  await using sentry = await startFarSide(
    answers({
      after: [
        [1, 5],
        [12 * 60, 7],
      ],
    }),
  );
  const { intervals = [] } = await seenAt(sentry, { now: new Date(LIVE.getTime() + DAY_MINUTES * 60_000), forMs: DAY_MINUTES * 60_000 });
  expect(intervals.length).toBeLessThanOrEqual(61);
  expect(intervals.reduce((sum, { minutes }) => sum + minutes, 0)).toBe(DAY_MINUTES);
  expect(intervals.reduce((sum, { events }) => sum + events, 0)).toBe(12);
  expect(intervals.slice(-30).every(({ minutes }) => minutes === 1)).toBe(true);
});
