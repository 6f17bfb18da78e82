import { expect, test } from "vitest";
import { parseSha } from "../../src/domain/ids.ts";
import type { Sha } from "../../src/domain/ids.ts";
import { createGitHub } from "../../src/github/client.ts";
import { A, B } from "./bodies.ts";
import { listeningLog, startFarSide } from "./far-side.ts";
import type { FarAnswer, Seen } from "./far-side.ts";

function sha(text: string): Sha {
  const parsed = parseSha(text);
  if (parsed === null) throw new Error(`${text} is no commit id`);
  return parsed;
}

const numbered = (at: number): string => at.toString(16).padStart(40, "0");

/** As GitHub lists them, on the first page alone. */
const FILES = [
  { filename: "orders/views.py", status: "modified", additions: 1, deletions: 1, changes: 2 },
  { filename: "orders/new.py", status: "renamed", previous_filename: "orders/old.py", additions: 0, deletions: 0, changes: 0 },
  { filename: "orders/gone.py", status: "removed", additions: 0, deletions: 9, changes: 9 },
  { filename: "orders/added.py", status: "added", additions: 9, deletions: 0, changes: 9 },
];

/** A comparison of `total` commits, in pages, the last of them squashed from pull request 7 of this and 8 of another repository. */
function history(total: number, limits: Readonly<Record<string, string>> = {}, files: unknown = FILES): (seen: Seen) => FarAnswer {
  return (seen) => {
    const url = new URL(seen.url, "http://x");
    if (url.pathname.endsWith("/pulls")) {
      const commit = url.pathname.split("/").at(-2);
      const pull = (number: number, repository: string) => ({
        number,
        title: `Title of ${number}`,
        merged_at: "2026-09-21T08:00:00Z",
        merge_commit_sha: commit === numbered(total) ? commit : A,
        user: { login: "carol" },
        base: { repo: { full_name: repository } },
      });
      return { status: 200, json: [pull(8, "fork/shop"), pull(7, "Acme/Shop")], headers: limits };
    }
    const page = Number(url.searchParams.get("page"));
    const size = Number(url.searchParams.get("per_page"));
    const commits = Array.from({ length: total }, (_, at) => ({
      sha: numbered(at + 1),
      html_url: `https://github.com/acme/shop/commit/${numbered(at + 1)}`,
      commit: { message: `change ${at + 1}\n\nmore`, author: { name: "Ann", email: "ann@acme.test" } },
      author: { login: "ann" },
    }));
    const shown = commits.slice((page - 1) * size, page * size);
    const json = {
      status: "diverged",
      behind_by: 2,
      total_commits: total,
      html_url: "https://github.com/acme/shop/compare/b...a",
      commits: shown,
      ...(page === 1 ? { files } : {}),
    };
    return { status: 200, json, headers: limits };
  };
}

async function compared(answer: (seen: Seen) => FarAnswer) {
  await using far = await startFarSide(answer);
  const github = createGitHub({ apiUrl: far.apiUrl, token: "t", app: null, log: listeningLog() });
  const set = await github.compare("acme/shop", sha(B), sha(A));
  return { set, lookups: far.seen.filter((one) => one.url.endsWith("/pulls")).length };
}

test("250 changes are a whole list, one more is not, and 20 look-ups are the most", async () => {
  const whole = await compared(history(250));
  expect([whole.set.changes.length, whole.set.complete, whole.lookups]).toEqual([250, true, 20]);
  const cut = await compared(history(251));
  expect([cut.set.changes.length, cut.set.complete, cut.lookups]).toEqual([250, false, 20]);
  expect(cut.set.behind).toBe(2);
});

test("a squashed commit takes its pull request's title, one inside of it keeps its own, another repository's counts for nothing", async () => {
  const { set } = await compared(history(2));
  expect(set.changes.map(({ title, pullRequest }) => ({ title, pullRequest }))).toEqual([
    { title: "change 1", pullRequest: 7 },
    { title: "Title of 7", pullRequest: 7 },
  ]);
  expect(set.authors.map((author) => author.login)).toEqual(["ann", "carol"]);
});

test("the files that it changes come with the list, by their names of now, and cost no request of their own", async () => {
  await using far = await startFarSide(history(250));
  const github = createGitHub({ apiUrl: far.apiUrl, token: "t", app: null, log: listeningLog() });
  const set = await github.compare("acme/shop", sha(B), sha(A));
  expect(set.files).toEqual(["orders/views.py", "orders/new.py", "orders/added.py"]);
  expect(far.seen.map(({ url }) => url).filter((url) => !url.endsWith("/pulls"))).toHaveLength(3);
});

test.each([
  { name: "no list", files: undefined },
  { name: "a list of another shape", files: [{ name: "orders/views.py" }] },
])("changes are told with $name of files, too", async ({ files }) => {
  const { set } = await compared(history(2, {}, files ?? null));
  expect([set.changes.length, set.complete, "files" in set]).toEqual([2, true, false]);
});

test("when the hour's requests run short, titles stay the commits' own", async () => {
  const { set, lookups } = await compared(history(3, { "x-ratelimit-remaining": "150" }));
  expect([set.changes.length, set.complete, lookups]).toEqual([3, true, 0]);
  expect(set.changes.at(-1)).toMatchObject({ title: "change 3", pullRequest: null });
});

test("a branch wins over the tag of its name, a tag is peeled, and no answer is not taken for no branch", async () => {
  const tip = "c".repeat(40);
  const refs = new Map<string, FarAnswer>([
    ["heads/main", { status: 200, json: { ref: "refs/heads/main", object: { type: "commit", sha: tip } } }],
    ["tags/main", { status: 200, json: { ref: "refs/tags/main", object: { type: "commit", sha: A } } }],
    ["tags/v1", { status: 200, json: { ref: "refs/tags/v1", object: { type: "tag", sha: B } } }],
    ["heads/down", { status: 403 }],
    ["tags/down", { status: 200, json: { ref: "refs/tags/down", object: { type: "commit", sha: A } } }],
  ]);
  await using far = await startFarSide((seen) => {
    if (seen.url.includes("/git/tags/")) return { status: 200, json: { object: { type: "commit", sha: A } } };
    return refs.get(decodeURIComponent(seen.url.split("/git/ref/")[1] ?? "")) ?? { status: 404 };
  });
  const github = createGitHub({ apiUrl: far.apiUrl, token: "t", app: null, log: listeningLog() });
  const asked = ["main", "refs/tags/main", "v1", "down", "none"];
  expect(await Promise.all(asked.map((ref) => github.resolve("acme/shop", ref)))).toEqual([tip, A, A, null, null]);
});
