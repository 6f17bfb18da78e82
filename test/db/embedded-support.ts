import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { startEmbedded } from "../../src/db/embedded.ts";

const run = promisify(execFile);

/** A 0700 folder that is removed at the end of the test. */
export async function temporaryFolder(parent = tmpdir()): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(path.join(parent, "greenlight-embedded-"));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/** An empty database that was stopped in order; tests that are not about the cold start copy it, which is much quicker. */
export async function stoppedDatabase() {
  const folder = await temporaryFolder();
  await (await startEmbedded({ folder: folder.path, durable: false })).stop();
  const copy = async () => {
    const copied = await temporaryFolder();
    await run("cp", ["-r", path.join(folder.path, "postgres"), copied.path]);
    return copied;
  };
  return { copy, remove: () => folder[Symbol.asyncDispose]() };
}

/** Waits until the condition holds. @throws after the deadline, naming what was waited for. */
export async function until(what: string, condition: () => Promise<boolean> | boolean, deadlineMs = 30_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms in vain for ${what}`);
    await pause(20);
  }
}
