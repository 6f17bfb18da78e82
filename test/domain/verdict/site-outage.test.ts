import { expect, test } from "vitest";
import { randomFrom } from "../../../bench/verdict/draw.ts";
import type { FailingPage } from "../../../src/domain/measurement.ts";
import { judge } from "../../../src/domain/verdict/judge.ts";
import { WATCH, clockAt, every, siteAt } from "./looks.ts";

/** A look at a site of which these pages failed. */
function failing(look: number, ...pages: readonly (readonly [page: string, failed: number, probes: number])[]) {
  const bad: readonly FailingPage[] = pages.map(([page, failed, probes]) => ({ page, failed, probes }));
  const partly = bad.map(({ page, failed, probes }) => `${page}: HTTP 502, ${failed} of ${probes} times`).join(", ");
  return bad.length === 0 ? siteAt(look, true) : { ...siteAt(look, true), failing: bad, partly };
}

const before = siteAt(0, true);

test.each([
  { name: "one of five probes", looks: every(1, 10, (look) => failing(look, ["/", 1, 5])), level: "none" },
  { name: "two of five", looks: every(1, 3, (look) => failing(look, ["/", 2, 5])), level: "propose" },
  { name: "the only probe of a slow page", looks: every(1, 3, (look) => failing(look, ["/", 1, 1])), level: "propose" },
  { name: "one of two probes of a slow page", looks: every(1, 3, (look) => failing(look, ["/", 1, 2])), level: "none" },
  {
    name: "two of five, and none at the second look",
    looks: [failing(1, ["/", 2, 5]), failing(2), failing(3, ["/", 2, 5])],
    level: "none",
  },
  {
    name: "two of five, all at the next look, two again",
    looks: [failing(1, ["/", 2, 5]), { ...siteAt(2, false), failing: [{ page: "/", failed: 5, probes: 5 }] }, failing(3, ["/", 2, 5])],
    level: "propose",
  },
])("$name failing: $level", ({ looks, level }) => {
  expect(judge(WATCH, [before, ...looks], clockAt(10)).level).toBe(level);
});

test.each([
  { name: "as often as before", was: ["/", 8, 20], now: ["/", 2, 5], level: "none" },
  { name: "always, as before", was: ["/cart", 20, 20], now: ["/cart", 5, 5], level: "none" },
  { name: "far more often than before", was: ["/", 1, 20], now: ["/", 4, 5], level: "propose" },
  { name: "on another page than before", was: ["/cart", 20, 20], now: ["/", 5, 5], level: "propose" },
] as const)("what fails $name: $level", ({ was, now, level }) => {
  expect(judge(WATCH, [failing(0, was), ...every(1, 5, (look) => failing(look, now))], clockAt(5)).level).toBe(level);
});

test("is told with how often, and told as over when it is", () => {
  const looks = every(1, 4, (look) => failing(look, ["/", 3, 5]));
  expect(judge(WATCH, [before, ...looks], clockAt(4)).why).toBe(
    "The site fails now and then at 4 looks in a row (/: HTTP 502, 3 of 5 times)",
  );
  expect(judge(WATCH, [before, ...looks, siteAt(5, true)], clockAt(5))).toMatchObject({
    ongoing: false,
    why: "The site failed (/: HTTP 502, 3 of 5 times), now it answers again",
  });
});

test("a site that always failed one of twenty requests is hardly ever proposed, one whose every second server broke is", () => {
  const random = randomFrom(5);
  const failures = (share: number, probes: number) =>
    Array.from({ length: probes }, () => random()).filter((drawn) => drawn < share).length;
  const proposed = (share: number) =>
    Array.from({ length: 500 }, () => {
      const looks = every(1, 30, (look) => failing(look, ["/", failures(share, 5), 5]));
      return judge(WATCH, [failing(0, ["/", failures(0.05, 20), 20]), ...looks], clockAt(20)).level !== "none";
    }).filter((found) => found).length / 500;
  expect(proposed(0.05)).toBeLessThanOrEqual(0.02);
  expect(proposed(0.5)).toBeGreaterThanOrEqual(0.95);
});
