import { createRequire } from "node:module";
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

/** Value for SHOP_SENTRY_MODULE: a checkout on a "host" has no node_modules of its own, so it imports this file. */
export function sentryModule(): string {
  return createRequire(import.meta.url).resolve("@sentry/node");
}
