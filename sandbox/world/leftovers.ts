import { readdir, readlink } from "node:fs/promises";
import { sep } from "node:path";

/**
 * Ends every process that works inside this folder (services of the shop, steps that were under way). Only Linux tells where a
 * process works; elsewhere the services have been stopped by their own command before.
 */
export async function endProcessesIn(folder: string): Promise<void> {
  for (const pid of await processesIn(folder)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
}

async function processesIn(folder: string): Promise<number[]> {
  const names = await readdir("/proc").catch(() => []);
  const found: number[] = [];
  for (const name of names.filter((candidate) => /^\d+$/.test(candidate) && Number(candidate) !== process.pid)) {
    const place = await readlink(`/proc/${name}/cwd`).catch(() => "");
    if (place === folder || place.startsWith(folder + sep)) found.push(Number(name));
  }
  return found;
}
