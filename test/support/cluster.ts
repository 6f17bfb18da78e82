import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { startEmbedded } from "../../src/db/embedded.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Connection string of the run's own PostgreSQL; tests take a database each with `freshDatabase()`. */
    clusterUrl: string;
  }
}

/**
 * One PostgreSQL per vitest project and run, without fsync, in a folder of its own. It is tied to this process: a run that is
 * killed takes it along.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), "greenlight-test-"));
  const cluster = await startEmbedded({ folder, durable: false });
  project.provide("clusterUrl", cluster.connectionString);
  return async () => {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
