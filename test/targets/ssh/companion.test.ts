import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CompanionRevision } from "../../../src/domain/companion.ts";
import { parseSha, type Sha } from "../../../src/domain/ids.ts";
import { companionCommand } from "../../../src/domain/recipe/companion.ts";
import { inReleaseOf, releaseFolder } from "../../../src/domain/recipe/release.ts";
import { configOf } from "../../support/engine-replica.ts";
import { git } from "../../support/engine-world.ts";
import { SHELLS } from "../../support/shells.ts";

let root: string;
let checkout: string;
let revisions: readonly Sha[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "greenlight-companion-"));
  for (const name of ["app", "theme"]) git(root, "init", "--quiet", "--initial-branch=main", join(root, name));
  checkout = join(root, "app");
  commit("app", "version", "1");
  revisions = [commit("theme", "colour", "red"), commit("theme", "colour", "green")];
});
afterEach(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));

function commit(name: string, file: string, text: string): Sha {
  const at = join(root, name);
  writeFileSync(join(at, file), text);
  git(at, "add", file);
  git(at, "commit", "--quiet", "-m", text);
  return parseSha(git(at, "rev-parse", "HEAD")) ?? fail();
}

function fail(): never {
  throw new Error("git made a commit without an id");
}

function bring(number: number, over: { directory?: string; origin?: string; cwd?: string; shell?: readonly string[] } = {}) {
  const revision = revisions[number - 1] ?? fail();
  const { directory = "assets/theme", origin = join(root, "theme"), cwd = checkout, shell } = over;
  const [program = "sh", ...words] = companionCommand({ repository: "acme/theme", revision, directory, origin });
  const env = { PATH: process.env["PATH"], HOME: root };
  const [first, ...rest] = shell ?? [program];
  const ended = spawnSync(first ?? program, [...rest, ...words], { cwd, env, encoding: "utf8" });
  return { code: ended.status, said: ended.stderr };
}

const colour = (cwd = checkout): string => readFileSync(join(cwd, "assets/theme/colour"), "utf8");

describe.each(SHELLS)("in $name", ({ argv }) => {
  test("brings exactly the revision, forwards and back, however often", () => {
    const seen = [1, 1, 2, 1].map((number) => {
      expect(bring(number, { shell: argv }).code).toBe(0);
      return colour();
    });
    expect(seen).toEqual(["red", "red", "green", "red"]);
    expect(git(checkout, "status", "--porcelain", "--untracked-files=no")).toBe("");
  });
});

test("brings it into a release, which is a work tree", () => {
  const release = join(root, "release");
  git(checkout, "worktree", "add", "--quiet", "--detach", release);
  expect(bring(2, { cwd: release }).code).toBe(0);
  expect([colour(release), existsSync(join(checkout, "assets"))]).toEqual(["green", false]);
});

test("goes on after an attempt that was killed in the clone", () => {
  mkdirSync(join(checkout, "assets/theme.new-clone"), { recursive: true });
  mkdirSync(join(checkout, "assets/theme"));
  expect(bring(1).code).toBe(0);
  expect(existsSync(join(checkout, "assets/theme.new-clone"))).toBe(false);
});

test("makes nothing behind a link, however deep the directory lies", () => {
  mkdirSync(join(root, "elsewhere"));
  symlinkSync(join(root, "elsewhere"), join(checkout, "assets"));
  const { code, said } = bring(1, { directory: "assets/deep/er/theme" });
  expect([code, said]).toEqual([3, "assets/deep/er/theme leads through a link: it cannot be put there\n"]);
  expect(readdirSync(join(root, "elsewhere"))).toEqual([]);
  expect(bring(1, { directory: "public/deep/er/theme" }).code).toBe(0);
});

test("a command in a release is run in the one that holds the companions, not in what is live with others", () => {
  const config = configOf(`apps:
  shop:
    repository: github:acme/shop
    channel: "#shop"
    environments:
      production: { deploy: automatically, target: { type: ssh, hosts: [deploy@a.test], directory: /srv/shop, recipe: django, layout: releases } }
`);
  const target = config.apps[0]?.environments[0]?.target ?? fail();
  const { layout } = target;
  if (layout.kind !== "releases") throw new Error("no releases");
  const [revision = fail(), theme = fail()] = revisions;
  const companion = { repository: "acme/theme", revision: theme, directory: "theme", origin: "" };
  const holding = releaseFolder(target, layout, { revision, companions: [companion] });
  const live = releaseFolder(target, layout, { revision, companions: [{ ...companion, revision }] });
  const [builtOtherwise] = [holding.replace(/-.*$/, "-00000000")];
  const where = (companions: readonly CompanionRevision[]) => {
    const [program = "sh", ...words] = inReleaseOf(target, layout, { revision, companions }, ["pwd", "-P"]);
    const ended = spawnSync(program, words, { cwd: root, encoding: "utf8" });
    return ended.status === 0 ? ended.stdout.trim().slice(realpathSync(root).length + 1) : ended.status;
  };
  const make = (folder: string) => (
    mkdirSync(join(root, folder), { recursive: true }),
    writeFileSync(join(root, folder, "REVISION"), `${revision}\n`)
  );
  make(live);
  symlinkSync(live, join(root, "current"));
  expect([where([]), where([companion])]).toEqual([live, 3]);
  make(builtOtherwise);
  expect(where([companion])).toBe(builtOtherwise);
  make(holding);
  expect([where([]), where([companion])]).toEqual([live, holding]);
});

test("runs no hook of the server's clone", () => {
  bring(1);
  writeFileSync(join(checkout, "assets/theme/.git/hooks/post-checkout"), "#!/bin/sh\ntouch ../../hooked\n", { mode: 0o755 });
  expect(bring(2).code).toBe(0);
  expect(existsSync(join(checkout, "hooked"))).toBe(false);
});

test("names what is not there, and takes no words for options or commands", () => {
  const missing = { origin: join(root, "app") };
  expect(bring(1, missing).code).not.toBe(0);
  expect(bring(1, { directory: "$(touch pwned); x" }).code).toBe(0);
  expect(existsSync(join(checkout, "pwned"))).toBe(false);
});

test.each([
  {
    name: "files changed by hand",
    make: () => (bring(1), writeFileSync(join(checkout, "assets/theme/colour"), "pink")),
    says: "somebody changed files in assets/theme by hand",
  },
  {
    name: "a folder with files that is no clone",
    make: () => (
      mkdirSync(join(checkout, "assets/theme"), { recursive: true }),
      writeFileSync(join(checkout, "assets/theme/colour"), "pink")
    ),
    says: "assets/theme has files and is no clone",
  },
  {
    name: "files of the app's own repository",
    make: () => (mkdirSync(join(checkout, "assets/theme"), { recursive: true }), commit("app", "assets/theme/colour", "pink")),
    says: "assets/theme is in the app's own repository too",
  },
  {
    name: "a link in the way",
    make: () => (mkdirSync(join(root, "elsewhere")), symlinkSync(join(root, "elsewhere"), join(checkout, "assets"))),
    says: "assets/theme leads through a link",
  },
  {
    name: "a link in its place",
    make: () => (mkdirSync(join(checkout, "assets")), symlinkSync(join(root, "theme"), join(checkout, "assets/theme"))),
    says: "assets/theme leads through a link",
  },
  {
    name: "a clone of something else",
    make: () => (bring(1), git(join(checkout, "assets/theme"), "remote", "set-url", "origin", join(root, "app"))),
    says: `origin of assets/theme is `,
  },
])("is refused by $name, which stay as they are", ({ make, says }) => {
  make();
  const before = existsSync(join(checkout, "assets/theme/colour")) ? colour() : null;
  const { code, said } = bring(2);
  expect([code === 0, said.includes(says), said]).toEqual([false, true, said]);
  expect(existsSync(join(checkout, "assets/theme/colour")) ? colour() : null).toBe(before);
});
