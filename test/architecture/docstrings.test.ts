import { expect, test } from "vitest";
import { readDocstrings } from "./docstrings.ts";

test("the exports of domain, engine and ports say what they mean", async () => {
  const { exports, missing } = await readDocstrings();
  expect(exports).toBeGreaterThan(200);
  expect(missing, "exports without a docstring").toEqual([]);
});
