import type { Change } from "../shop/changes.ts";
import { badChange, earlierChanges, goodChanges } from "../shop/changes.ts";
import { shopFiles } from "../shop/source.ts";
import type { AppCheck } from "./checks.ts";
import type { Pull } from "./commit-payload.ts";
import type { CommitStatus, Deployment } from "./deployments.ts";
import type { GitCommit, GitRepository } from "./git.ts";
import { createGitRepository } from "./git.ts";
import type { Author } from "./people.ts";
import { people } from "./people.ts";
import type { Site } from "./repository.ts";

/** All that the GitHub look-alike knows besides its runs and deliveries. */
export type World = {
  readonly site: Site;
  readonly git: GitRepository;
  readonly newId: () => number;
  readonly pulls: Pull[];
  readonly deployments: Deployment[];
  readonly statuses: CommitStatus[];
  readonly checks: AppCheck[];
  /** There is one work tree: merges go one after the other. */
  mergeQueue: Promise<unknown>;
};

type MergeOrder = { readonly kind: "good" | "bad"; readonly title?: string; readonly author: Author };

export type Merged = { readonly pull: Pull; readonly commit: GitCommit; readonly before: string };

const HOUR_MS = 3_600_000;
const FIRST_PULL = 38;
/** What is live everywhere when the sandbox opens. */
const RELEASE = "v2.4.0";

/** A repository with the shop's history: three good commits, a few hours old, the newest of them a release. */
export async function openWorld(site: Site, folder: string, newId: () => number): Promise<{ world: World; history: Merged[] }> {
  const git = await createGitRepository(folder);
  const world: World = { site, git, newId, pulls: [], deployments: [], statuses: [], checks: [], mergeQueue: Promise.resolve() };
  const files = await shopFiles();
  const first: Change = { title: "Open the shop", branch: "open", news: "", files: {} };
  const start = Date.now() - 6 * HOUR_MS;
  const history = [await merge(world, { change: { ...first, files }, author: "cleo", at: new Date(start) })];
  for (const [index, change] of earlierChanges.entries()) {
    const at = new Date(start + (index + 1) * HOUR_MS);
    history.push(await merge(world, { change: await withNews(world, change), author: index % 2 === 0 ? "bob" : "cleo", at }));
  }
  await git.tag(RELEASE, "main");
  return { world, history };
}

/** Squash-merges the next change of a kind into main; a good change on top of the bad one reverts it. */
export function mergeNext(world: World, order: MergeOrder): Promise<Merged> {
  const merged = world.mergeQueue.then(() => mergeNow(world, order));
  world.mergeQueue = merged.catch(() => null);
  return merged;
}

async function mergeNow(world: World, order: MergeOrder): Promise<Merged> {
  const change = await nextChange(world, order.kind);
  const titled = order.title === undefined ? change : { ...change, title: order.title, news: order.title };
  return merge(world, { change: await withNews(world, titled), author: order.author, at: new Date(), body: change.body });
}

async function nextChange(world: World, kind: "good" | "bad"): Promise<Change & { body: string }> {
  const live = await world.git.fileAt("main", "pricing.mjs");
  const isBad = live === badChange.files["pricing.mjs"];
  if (kind === "bad") return { ...badChange, files: isBad ? {} : badChange.files, body: "" };
  if (isBad) return revert(world);
  const titles = new Set(goodChanges.map((change) => change.title));
  const merged = world.pulls.filter((pull) => titles.has(pull.title)).length;
  const change = goodChanges[merged % goodChanges.length];
  if (change === undefined) throw new Error("the list of good changes is empty");
  return { ...change, body: "" };
}

async function revert(world: World): Promise<Change & { body: string }> {
  const original = await shopFiles();
  const bad = world.pulls.findLast((pull) => pull.branch === badChange.branch);
  const files = { "pricing.mjs": original["pricing.mjs"] ?? "" };
  const title = `Revert "${bad?.title ?? badChange.title}"`;
  return {
    title,
    branch: `revert-${bad?.number ?? 0}-${badChange.branch}`,
    news: title,
    files,
    body: `This reverts commit ${bad?.sha ?? "unknown"}.`,
  };
}

/** Every change adds a line to the front page, so that no commit is empty and a person sees which version runs. */
async function withNews(world: World, change: Change): Promise<Change> {
  const news: unknown = JSON.parse((await world.git.fileAt("main", "news.json")) ?? "[]");
  const lines = [change.news, ...(Array.isArray(news) ? news : [])].slice(0, 6);
  const changelog = (await world.git.fileAt("main", "CHANGELOG.md")) ?? "# Changes\n\n";
  return {
    ...change,
    files: { ...change.files, "news.json": `${JSON.stringify(lines, null, 2)}\n`, "CHANGELOG.md": `${changelog}- ${change.title}\n` },
  };
}

async function merge(world: World, order: { change: Change; author: Author; at: Date; body?: string }): Promise<Merged> {
  const { change, at } = order;
  const person = people[order.author];
  const number = FIRST_PULL + world.pulls.length;
  const before = (await world.git.resolve("main")) ?? "0".repeat(40);
  const message = `${change.title} (#${number})${order.body ? `\n\n${order.body}` : ""}`;
  const sha = await world.git.commit({ files: change.files, message, author: { name: person.name, email: person.email }, date: at });
  const pull: Pull = { number, title: change.title, branch: change.branch, sha, base: before, mergedAt: at, login: person.login };
  world.pulls.push(pull);
  return { pull, commit: await commitAt(world, sha), before };
}

/** The commit of a full id. @throws when the repository has no such commit. */
export async function commitAt(world: World, sha: string): Promise<GitCommit> {
  const [commit] = await world.git.commits(sha, 1);
  if (commit === undefined) throw new Error(`${sha} is not in the sandbox's repository`);
  return commit;
}
