import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect } from "vitest";

/** The story takes two minutes on a quiet machine. */
export const DEADLINE_MS = 550_000;
/** A story mostly waits for its own CI and its own watch; more of them at once make each other late, which the story rightly minds. */
const AT_ONCE = 2;

export const HELD = { code: 0, output: expect.stringContaining("Every expectation held.") };

type Outcome = { readonly code: number; readonly output: string };
const playing = new Set<Promise<Outcome>>();

/** `npm run demo -- --play`, without anything of our own environment, when it is its turn. */
export async function play(...options: readonly string[]): Promise<Outcome> {
  while (playing.size >= AT_ONCE) await Promise.race(playing);
  const played = run(options);
  playing.add(played);
  return played.finally(() => playing.delete(played));
}

function run(options: readonly string[]): Promise<Outcome> {
  const argv = [join(import.meta.dirname, "../../bin/demo.js"), "--play", ...options];
  const env = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" };
  return new Promise((done) => {
    execFile(process.execPath, argv, { env, timeout: DEADLINE_MS }, (fault, stdout, stderr) => {
      done({ code: fault === null ? 0 : typeof fault.code === "number" ? fault.code : -1, output: stdout + stderr });
    });
  });
}
