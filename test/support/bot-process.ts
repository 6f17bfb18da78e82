import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { anyFreePort } from "../../sandbox/world/port.ts";
import { until } from "./until.ts";

const PROGRAM = join(import.meta.dirname, "../../bin/greenlight.js");

export type Environment = Readonly<Record<string, string>>;
export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** The real bot in a process of its own, as `npm start` starts it. */
export type BotProcess = {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly url: string;
  /** Everything it wrote to both streams. */
  said(): string;
  ended(): Ended | null;
  /** Waits for /readyz. @throws with what it said when it ends before. */
  ready(): Promise<void>;
  /** Signals it and waits for its end; answers how it ended and after how many milliseconds. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<Ended & { readonly tookMs: number }>;
  /** Status and body of a path of its own port; status 0 when nobody answers. */
  get(path: string): Promise<{ readonly status: number; readonly body: string }>;
};

export async function spawnBot(folder: string, env: Environment, port?: number): Promise<BotProcess> {
  const at = port ?? (await anyFreePort());
  const { child, said, ended } = run(folder, { ...env, PORT: String(at) }, ["start"]);
  const url = `http://127.0.0.1:${at}`;
  const get = (path: string) => read(`${url}${path}`);
  return {
    child,
    pid: child.pid ?? 0,
    url,
    said,
    ended,
    get,
    async ready() {
      await until(
        async () => ended() !== null || (await get("/readyz")).status === 200,
        () => `the bot is not ready: ${said()}`,
        120_000,
      );
      if (ended() !== null) throw new Error(`the bot ended while it started: ${said()}`);
    },
    async end(signal) {
      const began = performance.now();
      child.kill(signal);
      await until(
        () => ended() !== null,
        () => `the bot does not end: ${said()}`,
        60_000,
      );
      return { ...(ended() ?? { code: null, signal: null }), tookMs: performance.now() - began };
    },
  };
}

/** One command line to its end. */
export async function greenlight(
  folder: string,
  env: Environment,
  words: readonly string[],
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const { child, ended } = run(folder, env, words);
  let out = "";
  let err = "";
  child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (err += chunk.toString()));
  await until(
    () => ended() !== null,
    () => `greenlight ${words.join(" ")} does not end: ${out}${err}`,
    120_000,
  );
  return { code: ended()?.code ?? null, out, err };
}

function run(folder: string, env: Environment, words: readonly string[]) {
  const child = spawn(process.execPath, [PROGRAM, ...words], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  let ended: Ended | null = null;
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.once("close", (code, signal) => (ended = { code, signal }));
  return { child, said: () => said, ended: (): Ended | null => ended };
}

async function read(url: string): Promise<{ readonly status: number; readonly body: string }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return { status: response.status, body: await response.text() };
  } catch {
    return { status: 0, body: "" };
  }
}
