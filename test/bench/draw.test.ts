import { expect, test } from "vitest";
import { draw, poisson, randomFrom } from "../../bench/verdict/draw.ts";

const DRAWS = 40_000;

test.each([
  { mean: 0, ratio: 1 },
  { mean: 1e-20, ratio: 1 },
  { mean: 0.05, ratio: 1 },
  { mean: 0.05, ratio: 5 },
  { mean: 2, ratio: 2 },
  { mean: 20, ratio: 5 },
])("counts of mean $mean and $ratio times its variance are whole, not negative, and spread like that", ({ mean, ratio }) => {
  const random = randomFrom(7);
  const counts = Array.from({ length: DRAWS }, () => draw(mean, ratio, random));
  expect(counts.every((count) => Number.isInteger(count) && count >= 0)).toBe(true);
  const found = counts.reduce((sum, count) => sum + count, 0) / DRAWS;
  const variance = counts.reduce((sum, count) => sum + (count - found) ** 2, 0) / DRAWS;
  // Five standard errors of the mean; a variance of counts that clump is known less well.
  expect(Math.abs(found - mean)).toBeLessThanOrEqual(5 * Math.sqrt((mean * ratio) / DRAWS) + 1e-12);
  const spread = found === 0 ? ratio : variance / found;
  expect(spread).toBeGreaterThan(0.8 * ratio);
  expect(spread).toBeLessThan(1.25 * ratio);
});

test("nothing comes of a mean of nothing", () => {
  expect(poisson(0, randomFrom(1))).toBe(0);
});
