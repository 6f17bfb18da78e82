import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Exit code of `flock` when another process holds the data folder (EX_TEMPFAIL of sysexits.h; PostgreSQL itself ends with 0, 1 or 2). */
export const FOLDER_HELD = 75;

/** Words put before the server's command; empty where util-linux is missing, and then the next start cleans up instead. */
export type Tether = {
  /** Holds a kernel lock on the data folder for as long as any process of the server lives; other containers see it, too. */
  readonly lock: readonly string[];
  /** Has the kernel ask the server to stop when the bot is gone, however it went. Cleared by a change of user, so it stands last. */
  readonly deathSignal: readonly string[];
};

/** Ties the server's life to ours, and its data folder to one server. */
export async function tetherOf(dataFolder: string): Promise<Tether> {
  const lock = lockWords(dataFolder);
  const deathSignal = ["setpriv", "--pdeathsig", "INT"];
  return {
    lock: (await exitCodeOf(lock)) === null ? [] : lock,
    deathSignal: (await exitCodeOf(deathSignal)) === 0 ? deathSignal : [],
  };
}

/** True when a living server holds the data folder, even one in another container, whose processes we cannot see. */
export async function isHeld(dataFolder: string): Promise<boolean> {
  return (await exitCodeOf(lockWords(dataFolder))) === FOLDER_HELD;
}

function lockWords(dataFolder: string): string[] {
  return ["flock", "--nonblock", "--no-fork", "--conflict-exit-code", String(FOLDER_HELD), dataFolder];
}

/** Exit code of the words around `true`; null when their program is missing or does not know them. */
async function exitCodeOf(words: readonly string[]): Promise<number | null> {
  const [program = "", ...rest] = words;
  try {
    await run(program, [...rest, "true"]);
    return 0;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === FOLDER_HELD ? FOLDER_HELD : null;
  }
}
