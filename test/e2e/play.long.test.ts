import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

/** The story takes two minutes and a half on a quiet machine. */
const DEADLINE_MS = 550_000;

const held = { code: 0, output: expect.stringContaining("Every expectation held.") };

test("the story holds, with the bot killed in the middle", async () => {
  const told = await play();
  expect(told).toEqual(held);
});

test("the story holds when Slack reaches the bot by HTTP", async () => {
  const told = await play("--http");
  expect(told).toEqual(held);
});

/** What must be named when the world is broken in this way. */
const noticed = [
  { sabotage: "wrong-revision-after-restart", names: "both servers run" },
  { sabotage: "sentry-silent", names: "Sentry hears of the errors of the bad commit" },
  { sabotage: "host-2-down", names: "web-1 is at work" },
  { sabotage: "migrate-exit-1", names: "both servers run" },
];

for (const { sabotage, names } of noticed) {
  test(`the story does not hold with ${sabotage}, and names what broke`, async () => {
    const told = await play("--sabotage", sabotage);
    expect(told).toEqual({ code: 1, output: expect.stringContaining(`Broken: ${names}`) });
  });
}

for (const sabotage of ["slack-429-storm", "double-webhook"]) {
  test(`the story holds in spite of ${sabotage}`, async () => {
    const told = await play("--sabotage", sabotage);
    expect(told).toEqual(held);
  });
}

/** `npm run demo -- --play`, without anything of our own environment. */
function play(...options: string[]): Promise<{ readonly code: number; readonly output: string }> {
  const argv = [join(import.meta.dirname, "../../bin/demo.js"), "--play", ...options];
  const env = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" };
  return new Promise((done) => {
    execFile(process.execPath, argv, { env, timeout: DEADLINE_MS }, (fault, stdout, stderr) => {
      done({ code: fault === null ? 0 : typeof fault.code === "number" ? fault.code : -1, output: stdout + stderr });
    });
  });
}
