import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { quantile } from "../../bench/statistics.ts";

const run = promisify(execFile);

test("the benchmark of presses runs to its end and names what it saw", { timeout: 300_000 }, async () => {
  const main = new URL("../../bench/slack/main.ts", import.meta.url).pathname;
  const { stdout } = await run(process.execPath, [main, "--rounds", "1", "--seconds", "1", "--modes", "socket"], { timeout: 280_000 });
  expect(stdout).toMatch(/\| bare Bolt app, Socket Mode(?: \| [\d.]+){4} \| 50 \| 0 \|/u);
  expect(stdout).toMatch(/\| \*\*Greenlight\*\*, Socket Mode(?: \| [\d.]+){4} \| 50 \| \d+ \|/u);
  expect(stdout).toMatch(/\| p99, ms, Socket Mode \| 300 \| [\d.]+ \| (?:yes|no) \|/u);
});

test("the p99 of a hundred is the ninety-ninth, and of one the one", () => {
  expect(
    quantile(
      Array.from({ length: 100 }, (_, index) => 100 - index),
      0.99,
    ),
  ).toBe(99);
  expect(quantile([7], 0.99)).toBe(7);
  expect(quantile([], 0.5)).toBeNaN();
});
