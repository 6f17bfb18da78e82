import { describe, expect, test } from "vitest";
import { randomFrom } from "../../../bench/verdict/draw.ts";
import type { Random } from "../../../bench/verdict/draw.ts";
import { chanceOfHigher, judgeLatency, quantile } from "../../../src/domain/verdict/latency.ts";
import type { LatencyLook } from "../../../src/domain/verdict/latency.ts";
import { judge } from "../../../src/domain/verdict/judge.ts";
import { WATCH, clockAt, every, minute, siteAt } from "./looks.ts";

const LOOKS = 30;
const PROBES = 5;
/** Before it: the looks of an earlier watch, and what was probed just before the deployment. */
const USUAL = { moments: 28, justBefore: 10 };
const FIRST_EVER = { moments: 0, justBefore: 20 };

/** Log-normal times with this spread; `outliers` of them take ten times as long, and each look has a mood of its own. */
type Times = { readonly spread: number; readonly outliers: number; readonly mood: number };

const EVEN = { spread: 0.5, outliers: 0.02, mood: 0 };
const MOODY = { spread: 0.5, outliers: 0.05, mood: 0.3 };
const HEAVY = { spread: 1, outliers: 0.02, mood: 0 };
const HEAVY_AND_MOODY = { spread: 1, outliers: 0.05, mood: 0.3 };

describe("whether the site has become slower", () => {
  test.each([
    { name: "even", times: EVEN, known: USUAL },
    { name: "moody", times: MOODY, known: USUAL },
    { name: "heavy-tailed", times: HEAVY, known: USUAL },
    { name: "heavy-tailed and moody", times: HEAVY_AND_MOODY, known: USUAL },
    { name: "heavy-tailed and moody, on its first deployment,", times: HEAVY_AND_MOODY, known: FIRST_EVER },
  ])("an unchanged, $name site is proposed in at most 2 % of watches", ({ times, known }) => {
    expect(proposed({ times, known, change: 1, within: LOOKS, runs: 1000, seed: 7 })).toBeLessThanOrEqual(0.02);
  });

  test.each([
    { name: "known", known: USUAL, share: 0.99, within: 10 },
    { name: "new", known: FIRST_EVER, share: 0.95, within: 15 },
  ])("four times as slow is proposed within a few looks on a $name site", ({ known, share, within }) => {
    expect(proposed({ times: EVEN, known, change: 4, within, runs: 500, seed: 11 })).toBeGreaterThanOrEqual(share);
  });

  const before = Array.from({ length: 20 }, (_, index) => 180 + index);
  const usual = Array.from({ length: 10 }, () => before);
  const slowOf = (looks: readonly LatencyLook[], moments: readonly (readonly number[])[] = usual) =>
    judgeLatency({ before: moments, looks, tests: LOOKS });

  test("three looks in a row after the warm-up are", () => {
    expect(slowOf(from(1, 4, 820))).toBeNull();
    expect(slowOf(from(1, 5, 820))).toEqual({ since: minute(3), endedAt: null, nowMs: 820, beforeMs: 190 });
  });

  test("where nothing but the moment before is known, five looks must agree", () => {
    expect(slowOf(from(1, 6, 820), [before])).toBeNull();
    expect(slowOf(from(1, 7, 820), [before])).toMatchObject({ since: minute(3), nowMs: 820 });
  });

  test.each([
    { name: "a cold start", looks: [...from(1, 3, 2000), ...from(4, 30, 190)] },
    { name: "one slow look in three", looks: from(1, 30, 190).map((look) => (look.look % 3 === 0 ? at(look.look, 5000) : look)) },
    { name: "one slow probe in every look", looks: from(1, 30, 190).map((look) => ({ ...look, samplesMs: [...look.samplesMs, 20_000] })) },
    { name: "a little slower", looks: from(1, 30, 300) },
  ])("$name is not", ({ looks }) => {
    expect(slowOf(looks)).toBeNull();
  });

  test("many times as slow, and yet so fast that nobody notices, is not", () => {
    expect(
      slowOf(
        from(1, 30, 60),
        usual.map((samplesMs) => samplesMs.map((ms) => ms / 20)),
      ),
    ).toBeNull();
  });

  test("what was slow just before the deployment already is not its fault", () => {
    const moments = Array.from({ length: 20 }, () => [190, 191, 192, 193, 194]);
    expect(slowOf(from(1, 30, 820), moments)).not.toBeNull();
    expect(slowOf(from(1, 30, 820), [...moments, [800, 810, 820, 830, 840]])).toBeNull();
  });

  test("two fast looks in a row end it, and it may begin again", () => {
    const looks = [...from(1, 6, 820), ...from(7, 8, 190)];
    expect(slowOf(looks)).toMatchObject({ since: minute(3), endedAt: minute(7) });
    expect(slowOf([...looks, ...from(9, 11, 900)])).toMatchObject({ since: minute(9), endedAt: null, nowMs: 900 });
  });

  test("one figure a look, such as a 95th percentile, is judged the same way once there are enough of them", () => {
    const moments = Array.from({ length: 60 }, (_, index) => [400 + index]);
    expect(slowOf(oneFigureEach(from(1, 30, 430)), moments)).toBeNull();
    expect(slowOf(oneFigureEach(from(1, 12, 1700)), moments)).toMatchObject({ nowMs: 1700 });
  });

  test("nothing before is nothing to compare with", () => {
    expect(slowOf(from(1, 30, 5000), [])).toBeNull();
  });
});

describe("what the judge says of it", () => {
  test("a slow site is proposed with its comparison, and never acts", () => {
    const verdict = judge(WATCH, [timed(0, 180), ...every(1, 20, (look) => timed(look, 818))], clockAt(20));
    expect(verdict).toMatchObject({ kind: "regressed", level: "propose", ongoing: true, why: "The site answers in 820 ms, before 190 ms" });
    expect(verdict.figures).toMatchObject({ siteUp: true, latencyMs: 820, latencyP95Ms: 822, latencyBeforeMs: 190, since: minute(3) });
  });

  test("one that is fast again has recovered", () => {
    const looks = [timed(0, 180), ...every(1, 8, (look) => timed(look, 818)), ...every(9, 30, (look) => timed(look, 190))];
    expect(judge(WATCH, looks, clockAt(30))).toMatchObject({
      kind: "regressed",
      ongoing: false,
      why: "The site was slow for 6 min (820 ms, before 190 ms), now it answers as before",
    });
  });

  test("a slow page beside a fast one is judged by itself, and named", () => {
    const verdict = judge(WATCH, [two(0, 500), ...every(1, 10, (look) => two(look, 2400))], clockAt(10));
    expect(verdict.why).toBe("/cart answers in 2.4 s, before 510 ms");
    const swapped = judge(WATCH, [two(0, 500), ...every(1, 10, (look) => two(look, 520))], clockAt(10));
    expect(swapped.level).toBe("none");
  });

  test("a site that was slower in the watch before is compared with that", () => {
    const earlier = Array.from({ length: 20 }, () => timed(1, 600).samples);
    const looks = (ms: number) => [{ ...timed(0, 180), earlier }, ...every(1, 12, (look) => timed(look, ms))];
    expect(judge(WATCH, looks(818), clockAt(12)).level).toBe("none");
    expect(judge(WATCH, looks(1600), clockAt(12)).why).toMatch(/^The site answers in 1.6 s, before 6\d\d ms$/u);
  });

  test("a healthy site is told with its comparison", () => {
    const looks = [timed(0, 180), ...every(1, 30, (look) => timed(look, 200))];
    expect(judge(WATCH, looks, clockAt(30))).toMatchObject({ kind: "healthy", why: "The site answers in 202 ms, before 190 ms" });
  });
});

describe("the chance of ranks as high", () => {
  test.each([
    // Exact: 1 of the C(25, 10) orders has all of them on top; of two equal groups half are as high.
    {
      name: "all above",
      after: Array.from({ length: 15 }, (_, k) => 100 + k),
      before: Array.from({ length: 10 }, (_, k) => k),
      below: 1e-5,
    },
    { name: "three above three, one order of twenty", after: [4, 5, 6], before: [1, 2, 3], below: 0.05 },
  ])("$name is small", ({ after, before, below }) => {
    expect(chanceOfHigher(after, before)).toBeLessThanOrEqual(below);
  });

  test("is even for the same, and certain for lower or equal ones", () => {
    const odd = Array.from({ length: 50 }, (_, k) => 2 * k + 1);
    expect(
      chanceOfHigher(
        odd,
        odd.map((value) => value - 1),
      ),
    ).toBeCloseTo(0.48, 1);
    expect(chanceOfHigher([1, 2, 3], [4, 5, 6])).toBe(1);
    expect(chanceOfHigher([5, 5, 5], [5, 5, 5])).toBe(1);
  });

  test("holds for samples from one source: no more small ones than there should be", () => {
    const random = randomFrom(3);
    const chances = Array.from({ length: 2000 }, () => chanceOfHigher(drawn(15, random), drawn(10, random)));
    // 2,000 tries at 1 %: 20 expected, 99.9 % of the time at most 35.
    expect(chances.filter((chance) => chance <= 0.01).length).toBeLessThanOrEqual(35);
  });
});

test("a quantile lies on the line between its neighbours", () => {
  expect(quantile([], 0.5)).toBeNull();
  expect([quantile([7], 0.95), quantile([1, 2, 3, 4], 0.5), quantile([0, 100], 0.95)]).toEqual([7, 3, 95]);
});

/** Share of simulated watches that are proposed within so many looks. */
function proposed(cell: {
  readonly times: Times;
  readonly known: typeof USUAL;
  readonly change: number;
  readonly within: number;
  readonly runs: number;
  readonly seed: number;
}): number {
  const { times, known } = cell;
  const random = randomFrom(cell.seed);
  const runs = Array.from({ length: cell.runs }, () => {
    const before = Array.from({ length: known.moments }, () => moment(times, { probes: PROBES, ms: 190 }, random));
    const justBefore = moment(times, { probes: known.justBefore, ms: 190 }, random);
    const looks = Array.from({ length: cell.within }, (_, index) => {
      const samplesMs = moment(times, { probes: PROBES, ms: 190 * cell.change }, random);
      return { look: index + 1, at: minute(index + 1), samplesMs };
    });
    // Once proposed it stays told: the last look knows of all before it.
    return judgeLatency({ before: [...before, justBefore], looks, tests: LOOKS }) !== null;
  });
  return runs.filter((found) => found).length / runs.length;
}

function moment(times: Times, { probes, ms }: { readonly probes: number; readonly ms: number }, random: Random): readonly number[] {
  const mood = ms * Math.exp(times.mood * normal(random));
  return Array.from({ length: probes }, () => mood * Math.exp(times.spread * normal(random)) * (random() < times.outliers ? 10 : 1));
}

/** Box and Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function drawn(count: number, random: Random): readonly number[] {
  return Array.from({ length: count }, () => random());
}

/** A look at a site of one page. */
function timed(look: number, ms: number) {
  const samplesMs = Array.from({ length: look === 0 ? 20 : PROBES }, (_, probe) => ms + probe);
  return { ...siteAt(look, true), latencyMs: ms, samples: [{ page: "/health", samplesMs }] };
}

/** A look at a site whose front page is fast. */
function two(look: number, cartMs: number) {
  const cart = timed(look, cartMs);
  const samples = [...timed(look, 20).samples, ...cart.samples.map((one) => ({ ...one, page: "/cart" }))];
  return { ...cart, samples };
}

function at(look: number, ms: number): LatencyLook {
  return { look, at: minute(look), samplesMs: [ms - 4, ms - 2, ms, ms + 2, ms + 4] };
}

function from(first: number, last: number, ms: number): readonly LatencyLook[] {
  return Array.from({ length: last - first + 1 }, (_, index) => at(first + index, ms));
}

function oneFigureEach(looks: readonly LatencyLook[]): readonly LatencyLook[] {
  return looks.map((look) => ({ ...look, samplesMs: look.samplesMs.slice(2, 3) }));
}
