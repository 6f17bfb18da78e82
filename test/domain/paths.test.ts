import { expect, test } from "vitest";
import { filesOf, isBelow } from "../../src/domain/paths.ts";

test.each([
  ["backend/app/models.py", "backend", true],
  ["backend/app/models.py", "backend/", true],
  ["backend/app/models.py", "backend/**", true],
  ["backend/app/models.py", "backend/*.py", false],
  ["backend/models.py", "backend/*.py", true],
  ["backend/app/models.py", "**/*.py", true],
  ["models.py", "**/*.py", true],
  ["backend/app/models.py", "**/app", true],
  ["backendless/x.py", "backend", false],
  ["libs/pay/v2/card.py", "libs/*/v2", true],
  ["libs/pay/v1/card.py", "libs/*/v2", false],
  ["package.json", "package.json", true],
  ["web/package.json", "package.json", false],
  ["a/b.test.ts", "a/*.t*t.ts", true],
  ["a/bt.ts", "a/*.t*t.ts", false],
])("%s is below %s: %s", (file, pattern, below) => {
  expect(isBelow(file, pattern)).toBe(below);
});

test("a pattern of many stars does not take long", () => {
  expect(isBelow(`${"a".repeat(50_000)}b`, `${"*a".repeat(90)}*c`)).toBe(false);
});

test("a list that is not whole is none", () => {
  const commit = { added: ["a"], modified: ["b"], removed: ["a"] };
  expect(filesOf([commit], true)).toEqual(["a", "b"]);
  expect(filesOf([commit], false)).toBeNull();
  expect(filesOf([commit, { added: ["c"] }], true)).toBeNull();
  expect(filesOf([], true)).toBeNull();
});
