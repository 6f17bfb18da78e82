import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const PAGE = new URL("../docs/benchmarks.md", import.meta.url);

/** Puts what `npm run bench:NAME -- --write` found between its marks. @throws when the page has lost them */
export function writeSection(name: string, text: string): void {
  const begin = `<!-- bench:${name} begins: written by \`npm run bench:${name} -- --write\` -->`;
  const end = `<!-- bench:${name} ends -->`;
  const [before, rest] = readFileSync(PAGE, "utf8").split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error("docs/benchmarks.md has lost the marks between which this table stands");
  writeFileSync(PAGE, `${before}${begin}\n\n${text}\n\n${end}${after}`);
  // Tables are aligned as everywhere in the repository.
  execFileSync(new URL("../node_modules/.bin/oxfmt", import.meta.url).pathname, ["--write", PAGE.pathname], { stdio: "ignore" });
}
