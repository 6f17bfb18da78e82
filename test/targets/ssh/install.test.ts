import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Install } from "../../../src/domain/config.ts";
import { installCommand } from "../../../src/domain/recipe/install.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "greenlight-install-"));
  mkdirSync(join(folder, "bin"));
  mkdirSync(join(folder, "app"));
  // Stand in for python and uv: each writes down how it was called, and makes what it would make.
  program("python3.12", 'echo "python3.12 $*" >>"$CALLS"; [ "$2" != venv ] || { mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; }');
  program("uv", 'echo "uv $* env=$UV_PROJECT_ENVIRONMENT" >>"$CALLS"; [ "$1" != venv ] || { mkdir -p "$4/bin"; cp "$0" "$4/bin/python"; }');
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(name: string, script: string): void {
  writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, "bin", name), 0o755);
}

/** Runs it in the app's folder and answers what was called. */
function run(kind: Install["kind"], anew: boolean): readonly string[] {
  const [shell = "", ...words] = installCommand({ kind, requirements: "r e/p.txt", venv: "the venv", python: "python3.12" }, anew);
  const calls = join(folder, "calls");
  rmSync(calls, { force: true });
  const env = { PATH: `${join(folder, "bin")}:${process.env["PATH"]}`, CALLS: calls };
  expect(spawnSync(shell, words, { cwd: join(folder, "app"), env, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  return readFileSync(calls, "utf8").trim().split("\n");
}

const PIP = "python3.12 -m pip install --disable-pip-version-check --no-input -r r e/p.txt";
const UV = "uv pip install --python the venv/bin/python -r r e/p.txt env=";

test("pip fills a virtual environment that is made once in a checkout, and anew in each release", () => {
  expect(run("pip", false)).toEqual(["python3.12 -m venv the venv", PIP]);
  expect(run("pip", false)).toEqual([PIP]);
  writeFileSync(join(folder, "app/the venv/half"), "");
  expect(run("pip", true)).toEqual(["python3.12 -m venv the venv", PIP]);
  expect(existsSync(join(folder, "app/the venv/half"))).toBe(false);
});

test("uv does the same, and takes the lock file of the repository where there is one", () => {
  expect(run("uv", false)).toEqual(["uv venv --python python3.12 the venv env=", UV]);
  expect(run("uv", false)).toEqual([UV]);
  expect(run("uv", true)).toHaveLength(2);
  writeFileSync(join(folder, "app/uv.lock"), "");
  expect(run("uv", true)).toEqual(["uv sync --frozen --no-dev --python python3.12 env=the venv"]);
});
