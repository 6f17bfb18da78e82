import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { commandOf, livingProcess, processTable } from "./embedded-procfs.ts";
import { isHeld } from "./embedded-tether.ts";

/** Content of the lock file. `folder` is device and inode: a copied folder brings a copied lock that holds nothing. */
const Holder = z.object({ pid: z.number().int(), startTicks: z.string(), processTable: z.string(), folder: z.string() });
type Holder = z.infer<typeof Holder>;

const LOCK_NAME = "postgres.lock";

/** Attempts to take a dead holder's lock; more than one only when several processes start in the same instant. */
const MAX_ATTEMPTS = 20;

/**
 * Takes the folder for this process; returns the function that gives it back. A lock whose holder is dead is taken over.
 * @throws when a living process (this one included) holds it; the message names its pid and command.
 */
export async function lockFolder(folder: string, dataFolder: string): Promise<() => Promise<void>> {
  const lockFile = path.join(folder, LOCK_NAME);
  const mine = JSON.stringify(await describeSelf(folder));
  const draft = `${lockFile}.${randomUUID()}`;
  await writeFile(draft, mine, { mode: 0o600 });
  try {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      // A link appears whole or not at all, so nobody ever reads half a lock.
      if (await linked(draft, lockFile)) return () => unlock(lockFile, mine);
      await removeIfDead(lockFile, folder, dataFolder);
    }
  } finally {
    await rm(draft, { force: true });
  }
  throw new Error(`${lockFile} could not be taken because other processes keep taking it: start one Greenlight per folder.`);
}

/** Pid of the living process that holds the folder, or null. */
export async function holderOf(folder: string): Promise<number | null> {
  const holder = parseHolder(await readFile(path.join(folder, LOCK_NAME), "utf8").catch(() => ""));
  return holder !== null && (await isAlive(holder, folder)) ? holder.pid : null;
}

async function describeSelf(folder: string): Promise<Holder> {
  const self = await livingProcess(process.pid);
  return { pid: process.pid, startTicks: self?.startTicks ?? "", processTable: await processTable(), folder: await folderId(folder) };
}

async function folderId(folder: string): Promise<string> {
  const { dev, ino } = await stat(folder);
  return `${dev}:${ino}`;
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function removeIfDead(lockFile: string, folder: string, dataFolder: string): Promise<void> {
  const text = await readFile(lockFile, "utf8").catch(() => null);
  if (text === null) return;
  const holder = parseHolder(text);
  const way = "stop that process, or start this one with another folder or with DATABASE_URL.";
  if (holder !== null && (await isAlive(holder, folder))) {
    throw new Error(`The database folder ${folder} is in use by process ${holder.pid} (${await commandOf(holder.pid)}): ${way}`);
  }
  if (holder !== null && holder.processTable !== (await processTable()) && (await isHeld(dataFolder))) {
    throw new Error(`The database folder ${folder} is in use by process ${holder.pid} of another container: ${way}`);
  }
  // Moved aside before it is deleted: between our reading and now somebody quicker may have put a living lock there.
  const aside = `${lockFile}.${randomUUID()}`;
  try {
    await rename(lockFile, aside);
  } catch {
    return; // somebody quicker has moved it
  }
  if ((await readFile(aside, "utf8")) !== text) await linked(aside, lockFile);
  await rm(aside, { force: true });
}

function parseHolder(text: string): Holder | null {
  try {
    return Holder.parse(JSON.parse(text));
  } catch {
    return null; // a disk that was full, or somebody's editor: it names no process, so nobody holds it
  }
}

async function isAlive(holder: Holder, folder: string): Promise<boolean> {
  if (holder.folder !== (await folderId(folder)) || holder.processTable !== (await processTable())) return false;
  return (await livingProcess(holder.pid))?.startTicks === holder.startTicks;
}

async function unlock(lockFile: string, mine: string): Promise<void> {
  const text = await readFile(lockFile, "utf8").catch(() => null);
  if (text === mine) await rm(lockFile, { force: true });
}
