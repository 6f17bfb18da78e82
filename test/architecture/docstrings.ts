import { parseSync } from "oxc-parser";
import { textFiles } from "./tracked-files.ts";
import type { TextFile } from "./tracked-files.ts";

/** Where an export without a docstring is a question left open for whoever calls it. */
const ROOMS = /^src\/(?:domain|engine)\/.+\.ts$|^src\/ports\.ts$/;

/** How many exports there are in `domain`, `engine` and `ports.ts`, and `path:line  name` of each without a docstring. */
export async function readDocstrings(): Promise<{ readonly exports: number; readonly missing: readonly string[] }> {
  const files = (await textFiles()).filter(({ path }) => ROOMS.test(path));
  const found = files.flatMap((file) => exportsOf(file));
  return { exports: found.length, missing: found.filter(({ told }) => !told).map(({ at }) => at) };
}

function exportsOf({ path, text }: TextFile): readonly { readonly at: string; readonly told: boolean }[] {
  const { program, comments } = parseSync(path, text);
  const docs = comments.filter(({ type, value }) => type === "Block" && value.startsWith("*"));
  return program.body.flatMap((statement) => {
    // What is passed on from elsewhere is explained there.
    if (statement.type !== "ExportNamedDeclaration" || statement.declaration === null) return [];
    const told = docs.some(({ end }) => end < statement.start && text.slice(end, statement.start).trim() === "");
    const [words = ""] = text.slice(statement.start).split("\n", 1);
    return [{ at: `${path}:${text.slice(0, statement.start).split("\n").length}  ${words}`, told }];
  });
}
