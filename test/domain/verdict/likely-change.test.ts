import { expect, test } from "vitest";
import type { Change } from "../../../src/domain/pipeline.ts";
import { likelyChange } from "../../../src/domain/verdict/likely-change.ts";
import { NOTHING, sha } from "../model.ts";
import { issue } from "./looks.ts";

const BROKEN = issue({ changedFiles: ["orders/views.py"] });

function change(title: string, files: readonly string[] | null): Change {
  const author = { name: "Ann", email: null, login: null, slackId: null };
  return { revision: sha(1), title, author, url: null, pullRequest: null, ...(files === null ? {} : { files }) };
}

test.each([
  { name: "the only change", changes: [change("one", null)], named: "one" },
  { name: "the only one that changes the file", changes: [change("one", ["a.py"]), change("two", ["orders/views.py"])], named: "two" },
  { name: "two that change it", changes: [change("one", ["orders/views.py"]), change("two", ["orders/views.py"])], named: null },
  { name: "none that does", changes: [change("one", ["a.py"]), change("two", [])], named: null },
  { name: "another whose files nobody listed", changes: [change("one", null), change("two", ["orders/views.py"])], named: null },
  { name: "one whose files nobody listed, and no other", changes: [change("one", null), change("two", ["a.py"])], named: null },
  { name: "no change at all", changes: [], named: null },
])("$name is named: $named", ({ changes, named }) => {
  expect(likelyChange({ ...NOTHING, changes, complete: true }, BROKEN)?.title ?? null).toBe(named);
  expect(likelyChange({ ...NOTHING, changes, complete: false }, BROKEN)).toBeNull();
});

test.each([
  { name: "an error in no changed file", of: issue() },
  { name: "no error", of: undefined },
])("of several changes none is named for $name", ({ of }) => {
  const changes = [change("one", ["a.py"]), change("two", ["orders/views.py"])];
  expect(likelyChange({ ...NOTHING, changes, complete: true }, of)).toBeNull();
});

test("a place that fits several files names the change only where one changes any of them", () => {
  const either = issue({ changedFiles: ["shop/orders/views.py", "mail/orders/views.py"] });
  const named = (...lists: readonly (readonly string[])[]) => {
    const changes = lists.map((files, at) => change(String(at), files));
    return likelyChange({ ...NOTHING, changes, complete: true }, either)?.title ?? null;
  };
  expect(named(["README.md"], ["mail/orders/views.py", "shop/orders/views.py"])).toBe("1");
  expect(named(["shop/orders/views.py"], ["mail/orders/views.py"])).toBeNull();
});
