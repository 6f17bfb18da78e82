import { expect, test } from "vitest";
import { expiringIn } from "../../../src/domain/verdict/certificate.ts";
import { judge } from "../../../src/domain/verdict/judge.ts";
import { WATCH, clockAt, every, minute, siteAt } from "./looks.ts";

const DAY = 1440;

test.each([
  { name: "a certificate of 90 days with 15 left", life: 90, left: 15, days: null },
  { name: "with 14 left", life: 90, left: 14, days: 14 },
  { name: "with less than a day left", life: 90, left: 0.5, days: 0 },
  { name: "one of 6 days, just renewed", life: 6, left: 6, days: null },
  { name: "one of 6 days that nobody renewed", life: 6, left: 1.9, days: 1 },
])("$name warns: $days", ({ life, left, days }) => {
  expect(expiringIn({ from: minute((left - life) * DAY), until: minute(left * DAY) }, minute(0))).toBe(days);
});

test("is said while it is watched and at the end, and is no regression", () => {
  const certificate = { from: minute(-80 * DAY), until: minute(9.5 * DAY) };
  const looks = every(1, 30, (look) => ({ ...siteAt(look, true), certificate }));
  expect(judge(WATCH, looks.slice(0, 3), clockAt(3))).toMatchObject({
    level: "none",
    why: "No problem seen so far, but the site's certificate expires in 9 days",
  });
  expect(judge(WATCH, looks, clockAt(30))).toMatchObject({
    kind: "healthy",
    why: "The site answers, but its certificate expires in 9 days",
    figures: { certificateDays: 9 },
  });
});
