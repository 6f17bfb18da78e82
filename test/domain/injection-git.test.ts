import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseConfig } from "../../src/config/load.ts";
import { parseSha, type Sha } from "../../src/domain/ids.ts";
import { planOf } from "../../src/domain/plan.ts";
import { commandOf } from "../../src/targets/ssh/command.ts";
import { attackWords, fitsArgv, traces } from "../support/attack-words.ts";

/** What a repository of a stranger is full of, and the host that fetches it: only the approved commit may come out. */

const root = mkdtempSync(join(tmpdir(), "greenlight-injection-"));
const origin = join(root, "origin.git");
const work = join(root, "work");
let approved: Sha;
let other: Sha;
let names: readonly string[];

beforeAll(() => {
  git(root, "init", "-q", "--bare", "-b", "main", origin);
  git(root, "init", "-q", "-b", "main", work);
  git(work, "remote", "add", "origin", origin);
  approved = commit("one");
  other = commit("two");
  git(work, "push", "-q", "origin", "main");
  names = attackWords(31, 80)
    .filter((word) => fitsArgv(word) && isBranch(word))
    .map((word) => word.slice(0, 200))
    .concat("--upload-pack=touch${IFS}PWNED", "-oProxyCommand=touch${IFS}PWNED", "$(touch${IFS}PWNED)", "`touch${IFS}PWNED`", "a'b\"c");
  // A branch called like the approved commit, tags called like the branch and like the commit: all of them are another commit.
  const refs = [
    ...new Set(names.filter(isBranch).flatMap((name) => [`refs/heads/x/${name}`, `refs/tags/${name}`])),
    ...["--upload-pack=touch${IFS}PWNED", "-b", approved].map((name) => `refs/heads/${name}`),
    `refs/tags/${approved}`,
    "refs/tags/main",
    "refs/tags/origin/main",
  ];
  for (const ref of refs) spawnSync("git", ["update-ref", ref, other], { cwd: origin });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function git(cwd: string, ...words: readonly string[]): string {
  const who = { GIT_AUTHOR_NAME: "Ann", GIT_AUTHOR_EMAIL: "a@b.test", GIT_COMMITTER_NAME: "Ann", GIT_COMMITTER_EMAIL: "a@b.test" };
  const env = { PATH: process.env["PATH"], HOME: root, ...who };
  return execFileSync("git", ["-c", "core.hooksPath=/dev/null", ...words], {
    cwd,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

function isBranch(name: string): boolean {
  return spawnSync("git", ["check-ref-format", `refs/heads/${name}`]).status === 0;
}

/** Its message and its files are a stranger's too. */
function commit(name: string): Sha {
  appendFileSync(join(work, "version"), `${name}\n`);
  for (const file of attackWords(32, 60).filter((word) => fitsArgv(word) && !word.includes("/") && Buffer.byteLength(word) < 200))
    if (!["", ".", "..", ".git"].includes(file)) writeFileSync(join(work, file), name);
  git(work, "add", "-A");
  git(
    work,
    "commit",
    "-q",
    "--cleanup=verbatim",
    "-m",
    `$(touch PWNED) \`touch PWNED\`\n\n--upload-pack=touch PWNED ${name}\n\u001b]0;x\u0007`,
  );
  const revision = parseSha(git(work, "rev-parse", "HEAD"));
  if (revision === null) throw new Error("git made a commit without an id");
  return revision;
}

function clone(name: string): string {
  const directory = join(root, name);
  git(root, "clone", "-q", origin, directory);
  git(directory, "checkout", "-q", "--detach", "refs/remotes/origin/main");
  plantHooks(join(directory, ".git", "hooks"));
  return directory;
}

/** A hook is code that nobody approved; it must not run. */
function plantHooks(hooks: string): void {
  mkdirSync(hooks, { recursive: true });
  for (const hook of ["post-checkout", "post-merge", "pre-auto-gc", "reference-transaction", "post-index-change"]) {
    writeFileSync(join(hooks, hook), `#!/bin/sh\ntouch "${root}/PWNED-by-${hook}"\n`);
    chmodSync(join(hooks, hook), 0o755);
  }
}

type Ran = { readonly status: number | null; readonly said: string };

/** Runs the named steps of a plan for the approved revision, as the host would; stops at the first that fails. */
function deploy(directory: string, target: Readonly<Record<string, unknown>> = {}, wanted: readonly string[] = ["pull"]): Ran {
  const whole = { type: "ssh", hosts: ["deploy@web-1.test"], directory, recipe: "django", ...target };
  const environments = { production: { deploy: "automatically", target: whole } };
  const text = JSON.stringify({ apps: { shop: { repository: "github:acme/shop", channel: "#shop", environments } } });
  const parsed = parseConfig(text, "greenlight.yml");
  const environment = parsed.ok ? parsed.value.apps[0]?.environments[0] : undefined;
  if (environment === undefined) throw new Error(JSON.stringify(parsed));
  const { steps } = planOf(environment, { kind: "deploy", from: null, revision: approved });
  let ran: Ran = { status: null, said: "" };
  for (const step of steps.filter(({ name }) => wanted.includes(name))) {
    const env = { PATH: process.env["PATH"], HOME: root };
    const { status, stdout, stderr } = spawnSync("sh", ["-c", commandOf(step).text], { cwd: directory, env, encoding: "utf8" });
    ran = { status, said: ran.said + stdout + stderr };
    if (status !== 0) break;
  }
  return ran;
}

test("the names are many, and git takes them", () => {
  expect(names.length).toBeGreaterThan(40);
  expect(git(origin, "for-each-ref", "--format=%(refname)").split("\n").length).toBeGreaterThan(60);
});

test("pull brings exactly the approved commit, whatever branches, tags and files are called", () => {
  const directory = clone("plain");
  expect(deploy(directory)).toMatchObject({ status: 0 });
  expect(git(directory, "rev-parse", "HEAD")).toBe(approved);
  expect(traces(root)).toEqual([]);
});

test("a pull of the user's own that takes the branch's tip is refused before anything of it runs", () => {
  const directory = clone("own");
  // What the user's own words do is theirs; a hook that runs for them says nothing of us.
  rmSync(join(directory, ".git", "hooks"), { recursive: true });
  const { status, said } = deploy(directory, { commands: { pull: ["git", "checkout", "-q", other] } });
  expect({ status, said }).toMatchObject({ status: 5, said: expect.stringContaining(`approved ${approved}`) });
  expect(traces(root)).toEqual([]);
});

test("a release is made of exactly the approved commit, also where refs of its clone are called like it", () => {
  const directory = join(root, "releases");
  const repo = join(directory, "repo");
  mkdirSync(directory);
  git(directory, "clone", "-q", "--bare", origin, "repo");
  for (const ref of [`refs/heads/${approved}`, `refs/tags/${approved}`, "refs/heads/HEAD", "refs/tags/HEAD"])
    git(repo, "update-ref", ref, other);
  plantHooks(join(repo, "hooks"));
  const { status, said } = deploy(directory, { layout: "releases", origin }, ["pull", "switch"]);
  expect({ status, said }).toMatchObject({ status: 0 });
  expect(git(join(directory, "current"), "rev-parse", "--verify", "-q", "HEAD^{commit}")).toBe(approved);
  expect(readFileSync(join(directory, "current", "REVISION"), "utf8")).toBe(`${approved}\n`);
  expect(traces(root)).toEqual([]);
});

test("a local branch and a local tag called like the commit do not come before it", () => {
  const directory = clone("local");
  for (const ref of [`refs/heads/${approved}`, `refs/tags/${approved}`, "refs/heads/HEAD", "refs/tags/HEAD"])
    git(directory, "update-ref", ref, other);
  expect(deploy(directory)).toMatchObject({ status: 0 });
  expect(git(directory, "rev-parse", "--verify", "-q", "HEAD^{commit}")).toBe(approved);
  expect(traces(root)).toEqual([]);
});

test("files that somebody changed by hand are named, none of them is read as anything else, and nothing moves", () => {
  const directory = clone("dirty");
  const before = git(directory, "rev-parse", "HEAD");
  for (const file of git(directory, "ls-files", "-z").split("\0").filter(Boolean)) appendFileSync(join(directory, file), "changed");
  const { status, said } = deploy(directory);
  expect({ status, said }).toMatchObject({ status: 4, said: expect.stringContaining("by hand") });
  expect(git(directory, "rev-parse", "HEAD")).toBe(before);
  expect(traces(root)).toEqual([]);
});

test.each(["--upload-pack=touch PWNED", "ext::sh -c 'touch PWNED'", "-u touch PWNED", "host:`touch PWNED`"])(
  "an origin %j on the host is told apart and never asked",
  (bad) => {
    const directory = clone(`bad-${Buffer.from(bad).toString("hex").slice(0, 20)}`);
    git(directory, "config", "remote.origin.url", bad);
    const { status, said } = deploy(directory, { origin: "git@git.acme.test:acme/shop.git" });
    expect({ status, said }).toMatchObject({ status: 3, said: expect.stringContaining("origin") });
    expect(traces(root)).toEqual([]);
  },
);
