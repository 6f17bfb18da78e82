import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmod, chown, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import type { Account } from "./embedded-account.ts";

const run = promisify(execFile);
const DRAFT_MARK = ".new-";

/**
 * Makes sure that there is a data folder, owned by the account the server will run as. A new one is made beside its place and moved
 * there when it is complete, so that a kill in the middle leaves nothing that looks like a database.
 */
export async function prepareData(options: {
  readonly dataFolder: string;
  readonly initdb: string;
  readonly account: Account;
  readonly environment: NodeJS.ProcessEnv;
  readonly durable: boolean;
}): Promise<void> {
  const { dataFolder, account } = options;
  const existing = await stat(dataFolder).catch(() => null);
  if (existing !== null) return await giveTo(account, dataFolder, existing.uid);
  await removeDrafts(dataFolder);
  const draft = `${dataFolder}${DRAFT_MARK}${randomUUID()}`;
  await mkdir(draft);
  await chmod(draft, 0o700);
  await chown(draft, account.uid, account.gid);
  await initialise(draft, options);
  await rename(draft, dataFolder);
  await using parent = await open(path.dirname(dataFolder)); // its new name must survive a power cut, too
  await parent.sync();
}

/** What killed starts left. Each has a name of its own, as the initdb of a killed bot may still be writing to its. */
async function removeDrafts(dataFolder: string): Promise<void> {
  const parent = path.dirname(dataFolder);
  for (const name of await readdir(parent)) {
    if (!name.startsWith(`${path.basename(dataFolder)}${DRAFT_MARK}`)) continue;
    await rm(path.join(parent, name), { recursive: true, force: true }).catch(() => undefined); // still written to: the next cold start's
  }
}

/** The account may differ from the last start's (a container that forbids user namespaces); PostgreSQL wants to own its files. */
async function giveTo(account: Account, dataFolder: string, ownerUid: number): Promise<void> {
  if (ownerUid === account.uid) return;
  if (process.geteuid?.() !== 0) {
    throw new Error(
      `${dataFolder} belongs to uid ${ownerUid}, not to uid ${account.uid}: start Greenlight as its owner, or give it to this user with chown -R.`,
    );
  }
  await run("chown", ["-R", `${account.uid}:${account.gid}`, dataFolder]);
}

async function initialise(
  folder: string,
  options: { readonly initdb: string; readonly account: Account; readonly environment: NodeJS.ProcessEnv; readonly durable: boolean },
): Promise<void> {
  const argv = [...options.account.prefix, options.initdb, "-D", folder, "--username=greenlight", "--encoding=UTF8"];
  // The builtin provider sorts the same on every machine, so indexes survive a change of the operating system's libraries.
  argv.push("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8");
  // Whoever reaches the socket in its 0700 folder is the owner; there is no TCP port, and no password would be asked there.
  argv.push("--auth-local=trust", "--auth-host=reject");
  if (!options.durable) argv.push("--no-sync");
  const [program = "", ...words] = argv;
  try {
    await run(program, words, { env: options.environment, cwd: "/", timeout: 300_000 });
  } catch (cause) {
    const stderr = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : String(cause);
    throw new Error(
      `PostgreSQL could not create its data folder ${folder}: ${stderr}. Free the disk or choose another folder, then start again.`,
      { cause },
    );
  }
}
