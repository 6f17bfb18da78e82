import { expect, test } from "vitest";
import type { Deployment } from "../../src/domain/deployment.ts";
import { figureWords } from "../../src/domain/figure-words.ts";
import type { Measurement } from "../../src/domain/measurement.ts";
import { watchFigure } from "../../src/domain/watch-figure.ts";
import { AUTOMATIC, environmentOf, live, MINUTE, modelOf } from "./model.ts";
import { watchedBy } from "./watched-shop.ts";

const model = modelOf(environmentOf([AUTOMATIC, watchedBy("site")]));
const deployment: Deployment = model.get(live(model, 1));
const liveAt = deployment.liveAt ?? new Date(Number.NaN);
const at = (minutes: number): Date => new Date(liveAt.getTime() + minutes * MINUTE);
const everyMinute = (deployment.plan.watch?.everyMs ?? 0) / MINUTE;

/** Cumulative, as Sentry tells it; an hour of one error in three minutes before. */
function errors(minute: number, events: number): Measurement {
  return {
    monitor: "sentry",
    look: Math.max(1, Math.round(minute / everyMinute)),
    at: at(minute),
    kind: "errors",
    after: { from: liveAt, to: at(minute), events, users: null },
    before: { from: at(-60), to: liveAt, events: 20, users: null },
    beforePerMinute: Array.from({ length: 60 }, (_, index) => (index % 3 === 0 ? 1 : 0)),
    newIssues: [
      {
        id: "1",
        title: "PLANTED TITLE",
        place: "planted.py",
        url: null,
        events,
        users: 1,
        unhandled: true,
        firstSeen: liveAt,
        lastSeen: null,
      },
    ],
    lastEventAt: null,
    signal: "proven",
  };
}

function site(look: number, latencyMs: number | null): Measurement {
  return {
    monitor: "http",
    look,
    at: at(look === 0 ? -1 : look),
    kind: "site",
    up: latencyMs !== null,
    latencyMs,
    detail: "PLANTED DETAIL",
  };
}

const gap = (minute: number): Measurement => ({ monitor: "sentry", look: minute, at: at(minute), kind: "gap", because: "PLANTED GAP" });

test("errors a minute around the deployment, of what each look added to the one before it", () => {
  const figure = watchFigure(
    deployment,
    { watch: [errors(1, 10), errors(2, 90), errors(3, 200), gap(4), errors(5, 400)], aftermath: [] },
    null,
  );
  const stretches = figure?.errors?.stretches ?? [];
  const [before, after] = [stretches.filter(({ from }) => from < liveAt), stretches.filter(({ from }) => from >= liveAt)];
  // Of the fourth minute nobody told apart what came in the fifth.
  expect(after.map(({ perMinute }) => perMinute)).toEqual([10, 80, 110, 100, 100]);
  expect(before.map(({ perMinute }) => perMinute)).toEqual([1, 0, 0, 1, 0, 0]);
  expect([before.at(-1)?.to, after[0]?.from]).toEqual([liveAt, liveAt]);
  expect(figure?.errors).toMatchObject({ before: 1 / 3, after: 80, peak: 110 });
});

test("a long watch is cut into so many stretches as a phone shows, and nothing is lost by it", () => {
  const watch = Array.from({ length: 180 }, (_, index) => errors(index + 1, (index + 1) * 2));
  const stretches = watchFigure(deployment, { watch, aftermath: [] }, null)?.errors?.stretches ?? [];
  const after = stretches.filter(({ from }) => from >= liveAt);
  expect(after.length).toBeLessThanOrEqual(24);
  expect(after.length).toBeGreaterThan(10);
  expect(new Set(after.map(({ perMinute }) => Math.round((perMinute ?? 0) * 1000)))).toEqual(new Set([2000]));
  expect(after.at(-1)?.to).toEqual(at(180));
});

test("looks close to each other, as webhooks ask for them, make no peak", () => {
  const figure = watchFigure(deployment, { watch: [errors(0.5, 10), errors(0.51, 30), errors(1, 60)], aftermath: [] }, null);
  expect(figure?.errors).toMatchObject({ after: 60, peak: 60 });
});

test("after a rollback the mean counts until then, and the curve goes on", () => {
  const figure = watchFigure(deployment, { watch: [errors(1, 60), errors(2, 120)], aftermath: [errors(4, 120)] }, at(2));
  expect(figure?.errors).toMatchObject({ after: 60 });
  expect(figure?.errors?.stretches.filter(({ from }) => from >= liveAt).map(({ perMinute }) => perMinute)).toEqual([60, 60, 0, 0]);
});

test("what was not measured is not drawn, and nothing measured is no picture", () => {
  expect(watchFigure(deployment, { watch: [site(0, 100), site(1, 400)], aftermath: [] }, null)).toMatchObject({ errors: null });
  expect(watchFigure(deployment, { watch: [errors(1, 4)], aftermath: [] }, null)).toMatchObject({ latency: null });
  expect(watchFigure(deployment, { watch: [gap(1), site(0, 100)], aftermath: [] }, null)).toBeNull();
});

test("its words hold every figure, and nothing that a stranger wrote is in it", () => {
  const watch = [errors(1, 10), errors(2, 152), site(0, 118), site(1, 300), site(2, null), site(3, 1500), site(4, 480)];
  const figure = watchFigure(deployment, { watch, aftermath: [] }, at(5));
  if (figure === null) throw new Error("nothing is shown");
  const words = figureWords(figure, (when) => when.toISOString().slice(11, 16));
  expect(words).toBe(
    "shop in production, #1, deployed 09:00, rolled back 09:05. Errors a minute: before 0.3, after 76, at most 142. " +
      "Answer time: before 118 ms, after 480 ms; no answer at 1 of 4 looks.",
  );
  expect(JSON.stringify(figure)).not.toContain("PLANTED");
});
