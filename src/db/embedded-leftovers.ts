import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { serversIn, type LivingProcess } from "./embedded-procfs.ts";
import { isHeld } from "./embedded-tether.ts";

/** What a dead bot's server is told, in this order, each after so many milliseconds: stop in order, stop at once, be killed. */
const ENDINGS = [
  { signal: "SIGINT", afterMs: 0 },
  { signal: "SIGQUIT", afterMs: 20_000 },
  { signal: "SIGKILL", afterMs: 30_000 },
] as const;
const GIVE_UP_MS = 40_000;

/**
 * Ends a server that outlived its bot and removes the pid file that would keep a new one from starting. Only to be called by the
 * holder of the folder's lock: then whatever still runs in the data folder belongs to a dead bot.
 * @throws when a server cannot be ended; two servers on one data folder would destroy it.
 */
export async function endLeftovers(dataFolder: string, onLog: (line: string) => void): Promise<void> {
  const startedAt = performance.now();
  const told = new Set<string>();
  for (let left = await serversIn(dataFolder); left.length > 0; left = await serversIn(dataFolder)) {
    const elapsedMs = performance.now() - startedAt;
    const pids = left.map(({ pid }) => pid).join(", ");
    if (elapsedMs > GIVE_UP_MS)
      throw new Error(`PostgreSQL of an earlier Greenlight (pid ${pids}) does not stop in ${dataFolder}: end it and start again.`);
    for (const { signal, afterMs } of ENDINGS) {
      if (elapsedMs < afterMs || told.has(signal)) continue;
      told.add(signal);
      onLog(`an earlier PostgreSQL (pid ${pids}) is still in ${dataFolder}: sending ${signal}`);
      // To its children SIGINT means other things (cancel a query, write the last checkpoint), so only the server gets it.
      for (const { pid } of signal === "SIGINT" ? left.filter((one) => isServer(one, left)) : left) sendSignal(pid, signal);
    }
    await pause(50);
  }
  await removeForeignPidFile(dataFolder);
}

function isServer(one: LivingProcess, all: readonly LivingProcess[]): boolean {
  return !all.some(({ pid }) => pid === one.parent);
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Already gone; one that we may not signal is reported when the time is up.
  }
}

/**
 * PostgreSQL itself copes with a pid file whose process is gone, but takes a zombie, or a stranger who got the same pid, for a
 * running server. No server works in this folder any more, so a pid file that names anything else that exists is stale.
 */
async function removeForeignPidFile(dataFolder: string): Promise<void> {
  const pidFile = path.join(dataFolder, "postmaster.pid");
  const text = await readFile(pidFile, "utf8").catch(() => null);
  if (text === null) return;
  const pid = Number.parseInt(text, 10);
  const nothingThere = Number.isInteger(pid) && (await readFile(`/proc/${pid}/stat`).catch(() => null)) === null;
  // A server in another container has pids of its own; without its pid file it would give up.
  if (!nothingThere && !(await isHeld(dataFolder))) await rm(pidFile, { force: true });
}
