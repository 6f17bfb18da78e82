import { expect, test } from "vitest";
import type { ErrorsSeen } from "../../src/domain/measurement.ts";
import { startFarSide } from "./far-side.ts";
import { RELEASE, WATCH, answers, look, monitorsAt } from "./sentry-answers.ts";

const traced = { "count()": 400, "failure_count()": 8, "p95(span.duration)": 812.4 };
const tracedBefore = { "count()": 500, "failure_count()": 2, "p95(span.duration)": 190 };

async function seenWith(held: Parameters<typeof answers>[0], change: Parameters<typeof look>[0] = {}) {
  await using sentry = await startFarSide(answers({ after: [[1, 6]], users: 3, ...held }));
  const seen = await monitorsAt(sentry.url).sentry(WATCH, look(change));
  if (seen.kind !== "errors") throw new Error(`expected errors, got ${seen.kind}`);
  return { seen, asked: sentry.asked.map(({ url }) => url.searchParams).filter((query) => query.get("dataset") === "spans") };
}

function exposures(seen: ErrorsSeen): readonly (number | null)[] {
  return (seen.intervals ?? []).map(({ exposure }) => exposure);
}

test("requests that the app traces are what errors are counted over, and tell how long they take and how many fail", async () => {
  const { seen, asked } = await seenWith({ traced, tracedBefore });
  expect(seen.baseline?.[0]).toMatchObject({ exposure: 500 });
  // Traces come late: the last two minutes had at least as many as usual.
  expect(exposures(seen)).toEqual([400, 400, 400, 400, 400, 500, 500]);
  expect(seen.transactions).toMatchObject({ perMinuteBefore: 500, newest: { count: 400, failed: 8, p95Ms: 812 } });
  expect(seen.transactions?.before).toHaveLength(60);
  expect(new Set(asked.map((query) => query.get("query")))).toEqual(
    new Set([`is_transaction:true !release:"${RELEASE}"`, `is_transaction:true release:"${RELEASE}"`]),
  );
  const later = await seenWith({ traced, tracedBefore }, { look: 8, earlier: seen });
  expect(later.asked.some((query) => query.get("query")?.includes("!release:") === true)).toBe(false);
  expect(later.seen.transactions).toMatchObject({ perMinuteBefore: 500, newest: { count: 400 } });
});

test("requests of this version prove that Sentry hears it, though no error came, and none proves nothing", async () => {
  const quiet = { after: [], users: 0 } as const;
  expect((await seenWith({ ...quiet, traced, tracedBefore })).seen).toMatchObject({ signal: "proven", lastEventAt: null });
  expect((await seenWith({ ...quiet, tracedBefore })).seen).toMatchObject({ signal: "unproven", lastEventAt: null });
});

test.each([
  { name: "an app that traces nothing", held: {}, known: false },
  { name: "too few to compare", held: { traced: tracedBefore, tracedBefore: { ...tracedBefore, "count()": 20 } }, known: false },
  { name: "a release that traces far less than before", held: { traced: { ...traced, "count()": 60 }, tracedBefore }, known: true },
])("errors are counted over minutes for $name", async ({ held, known }) => {
  const { seen } = await seenWith(held);
  expect(new Set(exposures(seen))).toEqual(new Set([null]));
  expect(seen.transactions !== undefined).toBe(known);
  const again = await seenWith(held, { look: 8, earlier: seen });
  expect(again.asked.length > 0).toBe(known);
});
