import { readdir, readFile, stat } from "node:fs/promises";
import { readlinkSync } from "node:fs";

/** One living process as Linux shows it. A pid alone is reused; pid and start time together are not, within one boot. */
export type LivingProcess = { readonly pid: number; readonly name: string; readonly parent: number; readonly startTicks: string };

/** The process with this pid, or null when it is gone or a zombie (dead, only not yet reaped by its parent). */
export async function livingProcess(pid: number): Promise<LivingProcess | null> {
  const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  if (line === null) return null;
  // proc(5): `pid (name) state ppid ...`, start time is field 22; the name may itself hold spaces and brackets.
  const nameEnd = line.lastIndexOf(")");
  const [state, parent, ...rest] = line.slice(nameEnd + 2).split(" ");
  if (state === "Z" || state === "X") return null;
  return { pid, name: line.slice(line.indexOf("(") + 1, nameEnd), parent: Number(parent), startTicks: rest[17] ?? "" };
}

/** The command line of a process for people to read, cut at 200 characters; empty when it is gone. */
export async function commandOf(pid: number): Promise<string> {
  const words = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return words.replaceAll("\0", " ").trim().slice(0, 200);
}

/** Every living postgres process that works in this data folder: the server and its backends change into it. */
export async function serversIn(dataFolder: string): Promise<LivingProcess[]> {
  const data = await stat(dataFolder);
  const found: LivingProcess[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    // Through the link, not by its text: a folder that was moved while the server runs is still the same folder.
    const workingFolder = await stat(`/proc/${entry}/cwd`).catch(() => null);
    if (workingFolder === null || workingFolder.ino !== data.ino || workingFolder.dev !== data.dev) continue;
    const living = await livingProcess(Number(entry));
    if (living?.name.startsWith("postgres") === true) found.push(living);
  }
  return found;
}

/** Which process table we see: pids of two boots, or of two containers, cannot be compared. */
export async function processTable(): Promise<string> {
  const bootId = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
  return `${bootId.trim()} ${readlinkSync("/proc/self/ns/pid")}`;
}
