import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FUNCTIONS } from "../../../src/targets/ssh/script/common.ts";
import { printedWords, SHELLS } from "../../support/shells.ts";

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "greenlight-names-"))));
afterAll(() => rmSync(folder, { recursive: true }));

test.each(
  SHELLS.flatMap((shell) => [
    { ...shell, name: "a) Z 1 (b", told: "yes" },
    { ...shell, name: "new\nline", told: "no" },
  ]),
)("a process called $name is told from others, or at least stops no $argv.0", ({ argv, name, told }) => {
  const program = join(folder, name);
  copyFileSync("/bin/sleep", program);
  const { pid = 0, kill } = startedSleep(program);
  try {
    const start = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19];
    const script = `set -f; ${FUNCTIONS}\nif stat_of ${pid} && [ "$t" = ${start} ]; then x=yes; else x=no; fi; printf '%s\\0' "$x"`;
    expect(printedWords(script, { cwd: folder, shell: argv })).toEqual([told]);
  } finally {
    kill();
  }
});

function startedSleep(program: string) {
  const child = spawn(program, ["60"], { stdio: "ignore" });
  return { pid: child.pid, kill: () => child.kill("SIGKILL") };
}
