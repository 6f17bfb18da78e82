import { spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { commandLine, newNonce } from "../../../src/targets/ssh/ask.ts";
import { commandOf } from "../../../src/targets/ssh/command.ts";
import { END } from "../../../src/targets/ssh/script/end.ts";
import { ACQUIRE, RELEASE } from "../../../src/targets/ssh/script/run.ts";
import { STEP } from "../../../src/targets/ssh/script/step.ts";
import { newRun, shellStep } from "../../support/ssh-places.ts";
import { until } from "../../support/until.ts";

/** Somebody who may send no signal to root. */
const DEPLOYER = 65_534;
const AS_DEPLOYER = ["setpriv", `--reuid=${DEPLOYER}`, `--regid=${DEPLOYER}`, "--clear-groups"] as const;

test("a step that sudo runs as another user takes no signal of ours, and is never said to have ended", async (context) => {
  const root = mkdtempSync(join(tmpdir(), "greenlight-other-user-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  chmodSync(root, 0o755);
  const skip = whyNot(root);
  if (skip !== null) context.skip(skip);
  const directory = join(root, "shop");
  mkdirSync(directory);
  chownSync(directory, DEPLOYER, DEPLOYER);
  const host = { name: "web-1", address: "127.0.0.1", port: 22, user: "deploy", directory };
  const run = newRun();
  const words = (script: string, own: readonly (string | number)[]): string[] => [
    ...AS_DEPLOYER.slice(1),
    "sh",
    "-c",
    commandLine(script, newNonce(), host, run, own),
  ];
  const ask = (script: string, own: readonly (string | number)[]): string =>
    spawnSync(AS_DEPLOYER[0], words(script, own), { encoding: "utf8" }).stderr.trim().split(" ").slice(2).join(" ");
  expect(ask(ACQUIRE, ["in_place", 0, 0, "none", 1, 300])).toMatch(/^acquired /);
  const { text, digest } = commandOf({ ...shellStep(""), argv: [join(root, "as-root"), "--reuid=0", "sleep", "100"] });
  const follower = spawn(AS_DEPLOYER[0], words(STEP, ["step", 1, digest, text, 0, "600 600 1000000"]), {
    stdio: ["pipe", "ignore", "ignore"],
  });
  const child = join(directory, ".greenlight/runs", run.deployment, "step.1/child");
  const pid = (): number => (existsSync(child) ? Number(readFileSync(child, "utf8").split(" ")[0]) : 0);
  try {
    await until(() => pid() > 1 && /^Uid:\t0\t0\t0/m.test(readFileSync(`/proc/${pid()}/status`, "utf8")));
    expect(ask(END, [0, "-", "cancel"])).toBe("refused group_survives");
    expect(ask(RELEASE, ["failed", "-", 20, 1024, 1000])).toBe("refused step_running");
  } finally {
    follower.kill();
    if (pid() > 1) process.kill(pid(), "SIGKILL");
  }
  expect(ask(RELEASE, ["failed", "-", 20, 1024, 1000])).toBe("released");
});

/** Makes what sudo is: a program that becomes root for whoever runs it. */
function whyNot(root: string): string | null {
  if (process.getuid?.() !== 0) return "only root can make a program that another user's signals do not reach";
  const setpriv = "/usr/bin/setpriv";
  if (!existsSync(setpriv)) return "setpriv is not installed";
  copyFileSync(setpriv, join(root, "as-root"));
  chmodSync(join(root, "as-root"), 0o4755);
  const [program, ...words] = [...AS_DEPLOYER, join(root, "as-root"), "--reuid=0", "id", "-ru"];
  return spawnSync(program, words, { encoding: "utf8" }).stdout === "0\n" ? null : "set-uid programs do nothing here";
}
