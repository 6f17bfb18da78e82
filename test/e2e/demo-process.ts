import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { anyFreePort } from "../../sandbox/world/port.ts";
import { until } from "../support/until.ts";

const REPOSITORY = join(import.meta.dirname, "../..");
/** Three servers, a database and a page, on a machine that may do much else. */
const START_MS = 180_000;
const END_MS = 60_000;

/** The sandbox as a process of its own, started as `npm run demo` starts it. */
export type Demo = {
  /** Of the page, as it stands on the terminal. */
  readonly address: string;
  [Symbol.asyncDispose](): Promise<void>;
};

/** @throws with what it said when it does not print an address */
export async function startDemo(...options: readonly string[]): Promise<Demo> {
  const port = await anyFreePort();
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: process.env["HOME"] ?? "/" };
  const child = spawn(process.execPath, ["bin/demo.js", "--port", String(port), ...options], {
    cwd: REPOSITORY,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  try {
    await until(
      () => addressIn(said) !== null || hasEnded(child),
      () => `the demo printed no address: ${said}`,
      START_MS,
    );
    const address = addressIn(said);
    if (address === null) throw new Error(`the demo ended at once: ${said}`);
    return { address, [Symbol.asyncDispose]: () => end(child) };
  } catch (error) {
    await end(child);
    throw error;
  }
}

function addressIn(said: string): string | null {
  return /Open {2}(http:\/\/\S+)/u.exec(said)?.[1] ?? null;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** As Ctrl-C does it. @throws when it is still there long after: it would hold a port and a database */
async function end(child: ChildProcess): Promise<void> {
  child.kill("SIGINT");
  try {
    await until(
      () => hasEnded(child),
      () => "the demo did not end",
      END_MS,
    );
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}
