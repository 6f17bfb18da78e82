import { chmod, mkdir, realpath } from "node:fs/promises";
import path from "node:path";
import { chooseAccount } from "./embedded-account.ts";
import { findBinaries, linkLibraries } from "./embedded-binaries.ts";
import { prepareData } from "./embedded-data.ts";
import { endLeftovers } from "./embedded-leftovers.ts";
import { holderOf, lockFolder } from "./embedded-lock.ts";
import { runServer, serverSettings, type Server } from "./embedded-server.ts";
import { makeSocketFolder, removeSocketFolder, socketConnectionString } from "./embedded-socket.ts";
import { tetherOf } from "./embedded-tether.ts";

/** Our own PostgreSQL. `stop` ends it in order and may be called more than once. */
export type EmbeddedDatabase = { readonly connectionString: string; readonly pid: number; readonly stop: () => Promise<void> };

export type EmbeddedOptions = {
  /** Keeps everything of the database: data under `postgres`, the lock, the socket. `./.greenlight/` by default of the start command. */
  readonly folder: string;
  /** False only in tests: no fsync, so a power cut may destroy the data. */
  readonly durable?: boolean;
  /** Each line the server writes, and what we do about leftovers. */
  readonly onLog?: (line: string) => void;
  /** Called once when the server ends without `stop`, with its last words. */
  readonly onUnexpectedEnd?: (lastWords: string) => void;
};

/**
 * Starts our own PostgreSQL on a unix socket only its owner reaches, and creates the database on the first start.
 * It ends when this process ends, however that ends; the next start recovers whatever was committed. Call it on the main thread:
 * the kernel takes the end of the calling thread for ours.
 * @throws when another living process holds the folder, when the platform package is absent, when no account may run it.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const binaries = findBinaries();
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const folder = await realpath(options.folder);
  const unlock = await lockFolder(folder, path.join(folder, "postgres"));
  try {
    const { server, socketFolder } = await startIn(folder, binaries, options);
    return {
      connectionString: socketConnectionString(socketFolder, "greenlight"),
      pid: server.pid,
      stop: stopOnce(server, folder, unlock, options),
    };
  } catch (error) {
    await removeSocketFolder(folder).catch(() => undefined);
    await unlock();
    throw error;
  }
}

/**
 * Connection string of the database that another living process runs in this folder, for commands beside the bot; null when none does.
 * It works for as long as that process lives.
 */
export async function findRunning(folder: string): Promise<string | null> {
  const home = await realpath(folder).catch(() => null);
  if (home === null || (await holderOf(home)) === null) return null;
  const socketFolder = await realpath(path.join(home, "postgres-socket")).catch(() => null);
  return socketFolder === null ? null : socketConnectionString(socketFolder, "greenlight");
}

async function startIn(
  folder: string,
  binaries: ReturnType<typeof findBinaries>,
  options: EmbeddedOptions,
): Promise<{ server: Server; socketFolder: string }> {
  const onLog = options.onLog ?? (() => undefined);
  const durable = options.durable ?? true;
  const dataFolder = path.join(folder, "postgres");
  const libraryPath = await linkLibraries(binaries, path.join(folder, "postgres-libraries"));
  // Nothing else of our environment: the bot's tokens are no business of the server.
  const environment = {
    PATH: process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin",
    LD_LIBRARY_PATH: libraryPath,
    LC_ALL: "C",
    TZ: "UTC",
  };
  const account = await chooseAccount({ folder, postgres: binaries.postgres, environment });
  await prepareData({ dataFolder, initdb: binaries.initdb, account, environment, durable });
  await chmod(dataFolder, 0o700);
  await endLeftovers(dataFolder, onLog);
  const socketFolder = await makeSocketFolder(folder, account);
  const tether = await tetherOf(dataFolder);
  const server = await runServer({
    argv: [
      ...tether.lock,
      ...account.prefix,
      ...tether.deathSignal,
      binaries.postgres,
      "-D",
      dataFolder,
      ...serverSettings({ socketFolder, durable }),
    ],
    environment,
    socketFolder,
    onLog,
  });
  return { server, socketFolder };
}

function stopOnce(server: Server, folder: string, unlock: () => Promise<void>, options: EmbeddedOptions): () => Promise<void> {
  let stopped: Promise<void> | null = null;
  const reportEnd = async () => {
    const lastWords = await server.ended;
    if (stopped === null) options.onUnexpectedEnd?.(lastWords);
  };
  const stop = async () => {
    await server.stop();
    await removeSocketFolder(folder);
    await unlock();
  };
  void reportEnd();
  return () => (stopped ??= stop());
}
