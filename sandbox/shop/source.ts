import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const APP_FOLDER = join(import.meta.dirname, "app");

/** The shop's files as they are in its first commit: path inside the repository to text. */
export async function shopFiles(): Promise<Record<string, string>> {
  const entries = await readdir(APP_FOLDER, { recursive: true, withFileTypes: true });
  const files: Record<string, string> = {};
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files[path.slice(APP_FOLDER.length + 1)] = await readFile(path, "utf8");
  }
  return files;
}
