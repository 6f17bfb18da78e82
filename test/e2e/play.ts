import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect } from "vitest";

/** The story takes two minutes on a quiet machine. */
const DEADLINE_MS = 550_000;

export const HELD = { code: 0, output: expect.stringContaining("Every expectation held.") };

/** `npm run demo -- --play`, without anything of our own environment. */
export function play(...options: string[]): Promise<{ readonly code: number; readonly output: string }> {
  const argv = [join(import.meta.dirname, "../../bin/demo.js"), "--play", ...options];
  const env = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" };
  return new Promise((done) => {
    execFile(process.execPath, argv, { env, timeout: DEADLINE_MS }, (fault, stdout, stderr) => {
      done({ code: fault === null ? 0 : typeof fault.code === "number" ? fault.code : -1, output: stdout + stderr });
    });
  });
}
