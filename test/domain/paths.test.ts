import { expect, test } from "vitest";
import { filesOf, isBelow, keptFiles } from "../../src/domain/paths.ts";

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

test("of changed files those of the app's own part are kept, each once, and no more than anybody lists", () => {
  const files = ["backend/a.py", "web/a.ts", "backend/a.py", "libs/pay/b.py", `backend/${"x".repeat(300)}.py`, "backend/a\nb.py"];
  expect(keptFiles({ paths: ["backend", "libs/**"] }, files)).toEqual(["backend/a.py", "libs/pay/b.py"]);
  expect(keptFiles({}, files)).toEqual(["backend/a.py", "web/a.ts", "libs/pay/b.py"]);
  const many = Array.from({ length: 900 }, (_, at) => `${at % 2 === 0 ? "web" : "backend"}/${at}.py`);
  expect(keptFiles({}, many)).toHaveLength(300);
  expect(keptFiles({ paths: ["backend"] }, many).every((file) => file.startsWith("backend/"))).toBe(true);
});

test("a list that is not whole is none", () => {
  const commit = { added: ["a"], modified: ["b"], removed: ["a"] };
  expect(filesOf([commit], true)).toEqual(["a", "b"]);
  expect(filesOf([commit], false)).toBeNull();
  expect(filesOf([commit, { added: ["c"] }], true)).toBeNull();
  expect(filesOf([], true)).toBeNull();
});
