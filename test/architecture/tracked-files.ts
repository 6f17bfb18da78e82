import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const BINARY = /\.(?:png|jpg|gif|ico|woff2?|ttf|gz|zip|bundle)$/;

/** One text file of the repository. */
export type TextFile = { readonly path: string; readonly text: string };

/** Every text file that is, or by `.gitignore` could be, in the repository. Files deleted but not committed are left out. */
export async function textFiles(): Promise<readonly TextFile[]> {
  const { stdout } = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { maxBuffer: 16 * 1024 * 1024 });
  const paths = [...new Set(stdout.split("\0"))].filter((path) => path !== "" && !BINARY.test(path));
  const files = await Promise.all(paths.map(async (path) => ({ path, text: await readFile(path, "utf8").catch(() => null) })));
  return files.flatMap(({ path, text }) => (text === null ? [] : [{ path, text }]));
}

/** `path:line` of every line that a pattern fits. */
export function linesWith(files: readonly TextFile[], pattern: RegExp): readonly string[] {
  return files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}  ${line.trim().slice(0, 120)}`] : [])),
  );
}
