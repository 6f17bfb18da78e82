import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

export type BotState = {
  readonly state: "starting" | "up" | "down";
  readonly since: Date;
  /** Why it is not up: it was killed, or the last line it wrote. */
  readonly note: string | null;
};

/** The real bot in a process of its own, started as `npm start` does it. */
export type Bot = {
  readonly port: number;
  readonly logFile: string;
  state(): BotState;
  /** Does nothing while it runs. */
  start(): void;
  /** Kill -9, as a power cut would. */
  kill(): Promise<void>;
  /** Asks it to end, and insists after a while. */
  stop(): Promise<void>;
  /** @throws when it is not up in time, with what it said last */
  ready(deadlineMs?: number): Promise<void>;
};

const PROGRAM = join(import.meta.dirname, "../../bin/greenlight.js");
const LOOK_MS = 250;
/** A bot that was told to end has this long for its last words. */
const DRAIN_MS = 15_000;

export function createBot(options: {
  readonly folder: string;
  readonly port: number;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly changed: (state: BotState) => void;
}): Bot {
  const logFile = join(options.folder, "bot.log");
  let child: ChildProcess | null = null;
  let current: BotState = { state: "down", since: new Date(), note: "not started yet" };
  let looking: AbortController | null = null;
  /** What the end of the process means, if we asked for it. */
  let expected: string | null = null;

  function become(state: BotState["state"], note: string | null): void {
    if (current.state === state && current.note === note) return;
    current = { state, since: current.state === state ? current.since : new Date(), note };
    options.changed(current);
  }

  function start(): void {
    if (child !== null) return;
    expected = null;
    const log = openSync(logFile, "a");
    const started = spawn(process.execPath, [PROGRAM, "start"], { cwd: options.folder, env: options.env, stdio: ["ignore", log, log] });
    closeSync(log);
    child = started;
    started.once("error", (fault) => ended(started, fault.message));
    started.once("exit", (code, signal) => ended(started, `it ended by itself with ${signal ?? `code ${code}`}: ${lastLine(logFile)}`));
    become("starting", null);
    looking = new AbortController();
    void look(looking.signal);
  }

  function ended(which: ChildProcess, because: string): void {
    if (child !== which) return;
    child = null;
    looking?.abort();
    become("down", expected ?? because);
  }

  async function look(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const ready = await isReady(options.port);
      if (signal.aborted) return;
      become(ready ? "up" : "starting", null);
      await pause(LOOK_MS, null, { signal }).catch(() => null);
    }
  }

  async function end(signal: NodeJS.Signals, note: string): Promise<void> {
    const ending = child;
    if (ending === null) return;
    expected = note;
    const gone = new Promise<void>((done) => ending.once("exit", () => done()));
    ending.kill(signal);
    const insist = setTimeout(() => ending.kill("SIGKILL"), DRAIN_MS);
    await gone;
    clearTimeout(insist);
  }

  return {
    port: options.port,
    logFile,
    state: () => current,
    start,
    kill: () => end("SIGKILL", "killed"),
    stop: () => end("SIGTERM", "stopped"),
    async ready(deadlineMs = 120_000) {
      for (const until = Date.now() + deadlineMs; current.state !== "up"; await pause(50)) {
        if (child === null) throw new Error(`the bot does not run: ${current.note ?? ""} (its log: ${logFile})`);
        if (Date.now() > until)
          throw new Error(`the bot is not ready after ${deadlineMs / 1000} s: ${lastLine(logFile)} (its log: ${logFile})`);
      }
    },
  };
}

async function isReady(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** The newest line of the log that says something: log lines are JSON, a crash is plain text with the error above its stack. */
function lastLine(path: string): string {
  const lines = readFileSync(path, "utf8").trim().split("\n").slice(-40).toReversed();
  for (const line of lines) {
    const said = messageOf(line);
    if (said !== null) return said.slice(0, 300);
  }
  return "its log says nothing";
}

function messageOf(line: string): string | null {
  if (!line.startsWith("{")) return /^\S*Error\b.*:|^[A-Z].*[.:]/.test(line) && !line.startsWith("Node.js v") ? line : null;
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === "object" && parsed !== null && "msg" in parsed ? String(parsed.msg) : null;
  } catch {
    return null;
  }
}
