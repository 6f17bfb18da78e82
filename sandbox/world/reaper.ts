import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { endProcessesIn } from "./leftovers.ts";

/**
 * A process beside the world that ends what runs in its folder when the world is gone without having closed (kill -9, a crash):
 * services and the bot would stay for ever. It notices by the end of its stdin, which only the world holds.
 * @returns what dismisses it, after an orderly end
 */
export function startReaper(folder: string, removes: boolean): () => void {
  const reaper = spawn(process.execPath, [import.meta.filename, folder, ...(removes ? ["remove"] : [])], {
    detached: true, // Ctrl-C in the terminal is not meant for it.
    stdio: ["pipe", "ignore", "ignore"],
    cwd: "/",
  });
  reaper.on("error", () => undefined);
  reaper.unref();
  return () => void reaper.kill("SIGKILL");
}

async function reap(folder: string, removes: boolean): Promise<void> {
  for await (const _ of process.stdin);
  // Twice: a process may have started another one meanwhile.
  for (let round = 0; round < 2; round += 1) await endProcessesIn(folder);
  if (removes) await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

const [, program, folder, how] = process.argv;
if (program === import.meta.filename && folder !== undefined) await reap(folder, how === "remove");
