import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { holderOf } from "../../src/db/embedded-lock.ts";
import { startEmbedded } from "../../src/db/embedded.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Connection string of the run's own PostgreSQL; tests take a database each with `freshDatabase()`. */
    clusterUrl: string;
  }
}

const PREFIX = "greenlight-test-";
/** Far longer than the moment between making a folder and locking it. */
const ABANDONED_AFTER_MS = 600_000;

/**
 * One PostgreSQL per vitest project and run, without fsync, in a folder of its own. It is tied to this process: a run that is
 * killed takes it along.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeAbandoned();
  const folder = await mkdtemp(path.join(tmpdir(), PREFIX));
  const cluster = await startEmbedded({ folder, durable: false });
  project.provide("clusterUrl", cluster.connectionString);
  return async () => {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

/** Clears away what killed runs left: 40 MB each. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = path.join(tmpdir(), name);
    const found = await stat(folder).catch(() => null);
    if (found === null || Date.now() - found.mtimeMs < ABANDONED_AFTER_MS || (await holderOf(folder).catch(() => null)) !== null) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}
