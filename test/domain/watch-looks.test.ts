import { expect, test } from "vitest";
import { nextLook } from "../../src/domain/watch-looks.ts";
import { LIVE, WATCH, minute } from "./verdict/looks.ts";

test.each([
  { name: "after one in time comes the next", done: 3, now: 3, next: 4, at: 4 },
  { name: "after one that took half a minute comes the next", done: 3, now: 3.5, next: 4, at: 4 },
  { name: "after an early start comes the next", done: 3, now: 2.99, next: 4, at: 4 },
  { name: "after ten minutes away what was missed is not made up for", done: 3, now: 13.2, next: 14, at: 14 },
  { name: "the last one is at the end", done: 29, now: 29.4, next: 30, at: 29.5 },
  { name: "after the end one is due at once", done: 30, now: 31, next: 32, at: 29.5 },
])("$name", ({ done, now, next, at }) => {
  expect(nextLook(WATCH, { liveAt: LIVE, done, end: minute(29.5), now: minute(now) })).toEqual({ look: next, at: minute(at) });
});
