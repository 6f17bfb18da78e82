import { expect, test } from "vitest";
import { textFiles } from "./tracked-files.ts";

/** Beyond this a file holds more than one idea. */
const MAX_LINES = 300;

/** Longer ones, each with its reason. */
const ALLOWED: Readonly<Record<string, string>> = {
  "src/db/schema.ts": "all tables side by side, so that a key and what it points to are read together",
};

const lengths = (await textFiles())
  .filter(({ path }) => /^src\/.+\.ts$/.test(path))
  .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }));

test(`no file of src is longer than ${MAX_LINES} lines`, () => {
  expect(lengths.length).toBeGreaterThan(100);
  expect(lengths.filter(({ path, lines }) => lines > MAX_LINES && !(path in ALLOWED))).toEqual([]);
});

test("no exception has outlived its reason", () => {
  const long = new Set(lengths.filter(({ lines }) => lines > MAX_LINES).map(({ path }) => path));
  expect(Object.keys(ALLOWED).filter((path) => !long.has(path))).toEqual([]);
});
