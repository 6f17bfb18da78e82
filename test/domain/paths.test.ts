import { expect, test } from "vitest";
import type { Change } from "../../src/domain/pipeline.ts";
import { sha } from "./model.ts";
import { filesLeft, filesOf, isBelow, keptFiles, withKeptFiles } from "../../src/domain/paths.ts";

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

test("a change keeps all of its files in the app's own part, or none does where they are too many in all", () => {
  const author = { name: "Ann", email: null, login: null, slackId: null };
  const change: Change = { revision: sha(1), title: "x", author, url: null, pullRequest: null };
  const files = Array.from({ length: 600 }, (_, at) => `backend/${at}.py`);
  const kept = withKeptFiles({ paths: ["backend"] }, [{ ...change, files: [...files, "web/a.ts"] }, change]);
  expect(kept.map((one) => one.files?.length)).toEqual([600, undefined]);
  const many = withKeptFiles({}, [
    { ...change, files },
    { ...change, files },
  ]);
  expect(many.map((one) => "files" in one)).toEqual([false, false]);
});

test("a commit leaves what it added and modified, not what it removed", () => {
  expect(filesLeft({ added: ["a"], modified: ["b"], removed: ["c"] })).toEqual({ files: ["a", "b"] });
  expect(filesLeft({ added: ["a"] })).toEqual({});
});

test("a list that is not whole is none", () => {
  const commit = { added: ["a"], modified: ["b"], removed: ["a"] };
  expect(filesOf([commit], true)).toEqual(["a", "b"]);
  expect(filesOf([commit], false)).toBeNull();
  expect(filesOf([commit, { added: ["c"] }], true)).toBeNull();
  expect(filesOf([], true)).toBeNull();
});
