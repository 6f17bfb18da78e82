import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const PAGES = globSync(["*.md", "docs/**/*.md"], { cwd: ROOT });

/** `test/{one,other}.test.ts` is two paths; a command is none, and neither is an example such as `src/cart.ts`. */
function pathsIn(code: string): readonly string[] {
  const [, before = code, names = "", after = ""] = /^([^{]*)\{([^}]*)\}(.*)$/u.exec(code) ?? [];
  const all = names === "" ? [code] : names.split(",").map((name) => `${before}${name}${after}`);
  return all.filter((path) => /^(?:test|bench|sandbox|docs|src\/[\w-]+)\/[\w./-]+$/u.test(path));
}

test.each(PAGES)("what %s names and links to is there", (page) => {
  const text = readFileSync(join(ROOT, page), "utf8");
  const named = Array.from(text.matchAll(/`([^`\n]+)`/gu), ([, code = ""]) => pathsIn(code)).flat();
  const linked = Array.from(text.matchAll(/\]\((?!https?:|#)([^)#]+)/gu), ([, target = ""]) => join(dirname(page), target));
  expect([...named, ...linked].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test("the pages are found, and a path in braces is as many as it has names", () => {
  expect(PAGES.length).toBeGreaterThan(15);
  expect(pathsIn("test/domain/{gate,queue}.test.ts")).toEqual(["test/domain/gate.test.ts", "test/domain/queue.test.ts"]);
});
