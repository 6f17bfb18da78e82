import { describe, expect, test } from "vitest";
import { betaShare, logGamma } from "../../../src/domain/verdict/beta.ts";

describe("the binomial tail, as a share of the beta function", () => {
  // Exact values: sums of C(n, k) p^k (1-p)^(n-k) in rational arithmetic.
  test.each([
    { successes: 1, trials: 1, chance: 0.25, probability: 0.25 },
    { successes: 5, trials: 10, chance: 0.5, probability: 638 / 1024 },
    { successes: 10, trials: 10, chance: 0.5, probability: 1 / 1024 },
    { successes: 3, trials: 4, chance: 1 / 3, probability: 1 / 9 },
    { successes: 4, trials: 4, chance: 1 / 61, probability: (1 / 61) ** 4 },
    { successes: 60, trials: 100, chance: 0.5, probability: 0.02844396682049039 },
  ])("of $successes or more in $trials at $chance is exact", ({ probability, ...input }) => {
    expect(binomialTail(input)).toBeCloseTo(probability, 12);
  });

  test("is the sum of its terms for every count", () => {
    for (const chance of [0.01, 0.2, 0.7]) {
      for (let successes = 1; successes <= 25; successes += 1) {
        expect(binomialTail({ successes, trials: 25, chance })).toBeCloseTo(summedTail(successes, 25, chance), 11);
      }
    }
  });

  test("stays a probability for counts of a loud service and falls with each error", () => {
    const tails = [10_000, 10_100, 10_500, 20_000].map((successes) => binomialTail({ successes, trials: 30_000, chance: 1 / 3 }));
    expect(tails.every((tail) => tail >= 0 && tail <= 1)).toBe(true);
    expect(tails).toEqual(tails.toSorted((left, right) => right - left));
    expect(tails[0]).toBeCloseTo(0.5, 1);
  });

  test("lies between its neighbours for counts divided by a dispersion", () => {
    const [four, between, five] = [4, 4.5, 5].map((successes) => binomialTail({ successes, trials: 12, chance: 0.3 }));
    expect(between).toBeLessThan(four ?? 0);
    expect(between).toBeGreaterThan(five ?? 1);
  });
});

describe("the negative binomial tail", () => {
  test.each([
    { count: 1, shape: 0.5, theta: 0.8 },
    { count: 6, shape: 0.05, theta: 0.8 },
    { count: 12, shape: 3.7, theta: 0.3 },
    { count: 40, shape: 20, theta: 0.6 },
  ])("of $count or more with shape $shape is one less the sum of the terms below", ({ count, shape, theta }) => {
    let below = 0;
    let term = (1 - theta) ** shape;
    for (let k = 0; k < count; k += 1) {
      below += term;
      term *= (theta * (shape + k)) / (k + 1);
    }
    expect(betaShare(theta, count, shape)).toBeCloseTo(1 - below, 11);
  });

  test("with next to no clumping is that of Poisson", () => {
    // P(X >= 5) for a mean of 2, from the series.
    const poisson = 1 - Math.exp(-2) * (1 + 2 + 2 + 4 / 3 + 2 / 3);
    expect(betaShare(1e-6 / (1 + 1e-6), 5, 2 / 1e-6)).toBeCloseTo(poisson, 5);
  });
});

function binomialTail({ successes, trials, chance }: { readonly successes: number; readonly trials: number; readonly chance: number }) {
  return betaShare(chance, successes, trials - successes + 1);
}

test("the logarithm of the gamma function is that of the factorials", () => {
  expect(logGamma(1)).toBeCloseTo(0, 13);
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 13);
  expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 12);
  expect(logGamma(0.01)).toBeCloseTo(4.599479878042022, 12);
  expect(logGamma(171)).toBeCloseTo(706.5730622457874, 9);
});

function summedTail(successes: number, trials: number, chance: number): number {
  let total = 0;
  for (let k = successes; k <= trials; k += 1) total += choose(trials, k) * chance ** k * (1 - chance) ** (trials - k);
  return total;
}

function choose(n: number, k: number): number {
  let result = 1;
  for (let index = 1; index <= k; index += 1) result = (result * (n - k + index)) / index;
  return result;
}
