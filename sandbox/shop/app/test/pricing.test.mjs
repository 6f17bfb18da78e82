import assert from "node:assert/strict";
import { test } from "node:test";
import { total } from "../pricing.mjs";

test("a loyalty card takes its percents off", () => {
  assert.equal(total({ lines: [{ cents: 1000, count: 2 }], card: { percent: 5 } }), 1900);
});
