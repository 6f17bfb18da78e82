import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { socketConnectionString } from "./embedded-socket.ts";
import { FOLDER_HELD } from "./embedded-tether.ts";

/** Recovery after a crash replays at most one checkpoint's log; minutes only on a very slow disk. */
const READY_DEADLINE_MS = 300_000;
/** A fast shutdown writes one checkpoint. After this long the server is told to stop at once; the next start recovers. */
const STOP_DEADLINE_MS = 30_000;

/** A running server that is our child. `ended` resolves with its last words when it is gone, for whatever reason. */
export type Server = { readonly pid: number; readonly ended: Promise<string>; readonly stop: () => Promise<void> };

/** Starts the server and waits until it takes connections. @throws with the server's own words when it ends before that. */
export async function runServer(options: {
  readonly argv: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly socketFolder: string;
  readonly onLog: (line: string) => void;
}): Promise<Server> {
  const [program = "", ...words] = options.argv;
  // In a session of its own: Ctrl-C goes to the whole foreground group, and the bot needs its database while it drains.
  const child = spawn(program, words, { env: options.environment, cwd: "/", stdio: ["ignore", "pipe", "pipe"], detached: true });
  const ended = endOf(child, options.onLog);
  const stop = () => stopServer(child, ended);
  try {
    await ready(options.socketFolder, ended);
  } catch (error) {
    await stop();
    throw error;
  }
  if (child.pid === undefined) throw new Error(`PostgreSQL could not be started: ${await ended}`);
  return { pid: child.pid, ended, stop };
}

/** Settings of the server. Nothing listens on TCP. `durable: false` may lose everything in a power cut: for tests. */
export function serverSettings(options: { readonly socketFolder: string; readonly durable: boolean }): string[] {
  const settings = [
    "listen_addresses=",
    `unix_socket_directories="${options.socketFolder.replaceAll('"', '""')}"`,
    "unix_socket_permissions=0700",
    "max_connections=200",
    "timezone=UTC",
    "log_timezone=UTC",
    "fsync=" + (options.durable ? "on" : "off"),
    "synchronous_commit=" + (options.durable ? "on" : "off"),
    "full_page_writes=" + (options.durable ? "on" : "off"),
  ];
  return settings.flatMap((setting) => ["-c", setting]);
}

function endOf(child: ChildProcessByStdio<null, Readable, Readable>, onLog: (line: string) => void): Promise<string> {
  const lastLines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lastLines.push(line);
      if (lastLines.length > 20) lastLines.shift();
      onLog(line);
    });
  }
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => {
      const fatal = lastLines.findLast((line) => /\b(FATAL|PANIC)\b/.test(line)) ?? lastLines.at(-1);
      const words = code === FOLDER_HELD ? "another PostgreSQL, perhaps in another container, holds the data folder" : fatal;
      resolve(`ended with ${signal ?? `code ${code}`}${words === undefined ? "" : `: ${words}`}`);
    });
  });
}

async function ready(socketFolder: string, ended: Promise<string>): Promise<void> {
  const deadline = performance.now() + READY_DEADLINE_MS;
  for (;;) {
    try {
      return await ensureDatabase(socketFolder);
    } catch (cause) {
      // No socket yet, or "the database system is starting up".
      const lastWords = await Promise.race([ended, pause(20, null)]);
      if (lastWords === null && performance.now() < deadline) continue;
      throw new Error(`PostgreSQL did not start: ${lastWords ?? "it takes no connections"}. Mend the cause or set DATABASE_URL.`, {
        cause,
      });
    }
  }
}

async function ensureDatabase(socketFolder: string): Promise<void> {
  const client = new Client({ connectionString: socketConnectionString(socketFolder, "postgres"), connectionTimeoutMillis: 10_000 });
  client.on("error", () => undefined); // an unheard 'error' would end the process; the query below fails by itself
  try {
    await client.connect();
    const found = await client.query("select from pg_database where datname = 'greenlight'");
    if (found.rowCount === 0) await client.query("create database greenlight");
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function stopServer(child: ChildProcessByStdio<null, Readable, Readable>, ended: Promise<string>): Promise<void> {
  if (child.pid === undefined) return;
  const running = () => child.exitCode === null && child.signalCode === null;
  const timer = setTimeout(() => running() && child.kill("SIGQUIT"), STOP_DEADLINE_MS);
  if (running()) child.kill("SIGINT");
  if (running()) await once(child, "exit");
  clearTimeout(timer);
  await ended;
}
