import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { burstDelivery, jobsOfBurst, steadyDelivery } from "../../bench/webhooks/deliveries.ts";
import { normaliseGitHub } from "../../src/github/normalise.ts";

const run = promisify(execFile);

test("the benchmark of webhooks runs to its end and names what it saw", { timeout: 300_000 }, async () => {
  const main = new URL("../../bench/webhooks/main.ts", import.meta.url).pathname;
  const { stdout } = await run(process.execPath, [main, "--rounds", "1", "--seconds", "1", "--burst", "0"], { timeout: 280_000 });
  expect(stdout).toMatch(/\| bare `node:http`(?: \| [\d.]+){3} \| 0 \|/u);
  expect(stdout).toMatch(/\| \*\*Greenlight\*\*(?: \| [\d.]+){3} \| 0 \|/u);
  expect(stdout).toMatch(/median of 1 rounds \| >= 0.5 \| [\d.]+ \| /u);
});

test("what it sends is 5 kB that the bot has a use for, and a burst ends every job of every app", () => {
  for (const made of [0, 1, 2, 3, 19].flatMap((index) => [steadyDelivery(index, "x"), burstDelivery(index * 50, 10_000)])) {
    expect(Buffer.byteLength(made.body)).toBe(5_000);
    expect(normaliseGitHub(made.event, Buffer.from(made.body)).kind).toBe("events");
  }
  const ended = Array.from({ length: 10_000 }, (_, index) => burstDelivery(index, 10_000)).filter(
    ({ event, body }) => event === "workflow_job" && body.includes('"conclusion":"success"'),
  );
  expect(ended.length).toBe(50 * jobsOfBurst(10_000));
});
