import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandboxGitHub, type SandboxGitHub } from "../../sandbox/github/server.ts";
import { createGitHub } from "../../src/github/client.ts";
import { listeningLog } from "./far-side.ts";

const REPOSITORY = "acme/shop";
let sandbox: SandboxGitHub;
let folder: string;
let asked: string[] = [];
const log = listeningLog();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "github-search-"));
  sandbox = await startSandboxGitHub({
    folder,
    repository: REPOSITORY,
    webhook: { url: "http://127.0.0.1:9/webhooks/github", secret: "s" },
    token: "ghp_sandbox",
  });
  for (let number = 100; number < 205; number += 1) git("branch", `a/${number}`, "main");
  git("branch", "zebra/Crossing", "main");
  git("tag", "v1.0", "main~1");
  git("-c", "user.name=Ann", "-c", "user.email=ann@acme.test", "tag", "-a", "-m", "The second", "v2.0", "main");
});

afterAll(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

function git(...args: readonly string[]): string {
  return execFileSync("git", ["--git-dir", sandbox.gitUrl, ...args], { encoding: "utf8" }).trim();
}

/** A client that remembers which routes it asked. */
function client(token: string | null = "ghp_sandbox"): ReturnType<typeof createGitHub> {
  asked = [];
  const counting: typeof fetch = (input, init) => {
    asked.push(new URL(input instanceof Request ? input.url : input).pathname);
    return fetch(input, init);
  };
  return createGitHub({ apiUrl: sandbox.apiUrl, token, app: null, fetch: counting, log });
}

describe("a search for a version", () => {
  test("without a text gives a page of branches and tags, and the newest commits first", async () => {
    const found = await client().search(REPOSITORY, "");
    expect(found?.complete).toBe(true);
    expect(found?.branches).toHaveLength(100);
    expect(found?.branches[0]).toBe("a/100");
    expect(found?.tags.toSorted()).toEqual(["v1.0", "v2.0", "v2.4.0"]);
    expect(found?.commits[0]?.revision).toBe(git("rev-parse", "main"));
    expect(found?.commits.at(-1)?.title).toContain("Open the shop");
  });

  test("finds what holds the text, in small letters too, and beyond the first page what begins with it", async () => {
    const github = client();
    expect((await github.search(REPOSITORY, "/104"))?.branches).toEqual(["a/104"]);
    expect((await github.search(REPOSITORY, "zebra/"))?.branches).toEqual(["zebra/Crossing"]);
    expect((await github.search(REPOSITORY, "V2"))?.tags.toSorted()).toEqual(["v2.0", "v2.4.0"]);
    expect((await github.search(REPOSITORY, "open THE shop"))?.commits).toHaveLength(1);
    expect(await github.search(REPOSITORY, "nothing of that name")).toMatchObject({ branches: [], tags: [], commits: [], complete: true });
  });

  test("knows a commit by the beginning of its id", async () => {
    const first = git("rev-list", "--max-parents=0", "main");
    const found = await client().search(REPOSITORY, first.slice(0, 9));
    expect(new Set(found?.commits.map(({ revision }) => revision))).toEqual(new Set([first]));
  });

  test("names only what can be resolved: an annotated tag to its commit", async () => {
    const github = client();
    expect(await github.resolve(REPOSITORY, "refs/tags/v2.0")).toBe(git("rev-parse", "main"));
    expect(await github.resolve(REPOSITORY, "refs/tags/v1.0")).toBe(git("rev-parse", "main~1"));
    expect(await github.resolve(REPOSITORY, "refs/heads/zebra/Crossing")).toBe(git("rev-parse", "main"));
    expect(await github.resolve(REPOSITORY, "refs/heads/zebra")).toBeNull();
  });

  test.each(["..", "a//b", "a b", "~", "[", "-x", "refs/heads/a", "é", "%2e%2e", "\\", "x".repeat(400)])(
    "%s is typed without harm",
    async (text) => {
      expect((await client().search(REPOSITORY, text))?.complete).toBe(true);
    },
  );

  test("asks for the lists once while somebody types", async () => {
    const github = client();
    for (const text of ["", "z", "ze", "zeb"]) await github.search(REPOSITORY, text);
    expect(asked.filter((path) => path.endsWith("/branches"))).toHaveLength(1);
    expect(asked.filter((path) => path.endsWith("/tags"))).toHaveLength(1);
    expect(asked.filter((path) => path.endsWith("/commits"))).toHaveLength(1);
  });
});

test("a GitHub that fails is said, not guessed, and asked again by the next letter", async () => {
  const github = client();
  sandbox.fail({ status: 503, forMs: 60_000 });
  expect(await github.search(REPOSITORY, "ze")).toEqual({ branches: [], tags: [], commits: [], complete: false });
  sandbox.fail({ status: 503, forMs: 0 });
  expect((await github.search(REPOSITORY, "zebra"))?.branches).toEqual(["zebra/Crossing"]);
});

test("without an account nothing is asked", async () => {
  expect(await client(null).search(REPOSITORY, "main")).toBeNull();
  expect(asked).toEqual([]);
});
