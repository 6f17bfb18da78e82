import type { Answer, Route, Visit } from "../loopback.ts";
import { json } from "../loopback.ts";
import { commitPayload, filePayload, pullPayload } from "./commit-payload.ts";
import { people } from "./people.ts";
import { notFound, paged } from "./replies.ts";
import { fullRepository, repositoryPage, repositoryUrl } from "./repository.ts";
import type { World } from "./world.ts";
import { commitAt } from "./world.ts";

/** GitHub's cap on the files of a comparison. */
const MOST_FILES = 300;

/** A commit, comparisons, pulls and files. */
export function repositoryRoutes(world: World): Route[] {
  const base = "/repos/:owner/:repo";
  const get = (path: string, answer: Route["answer"]): Route => ({ method: "GET", path: base + path, answer });
  return [
    get("", async () => json(200, fullRepository(world.site, (await head(world)).date))),
    get("/compare/:range*", (visit) => compare(world, visit)),
    get("/commits/:ref/pulls", async (visit) => paged(visit, await pullsOf(world, visit), (page) => page)),
    get("/commits/:ref*", (visit) => commit(world, visit)),
    get("/pulls/:number", (visit) => pull(world, visit)),
    get("/contents/:path*", (visit) => contents(world, visit)),
  ];
}

async function head(world: World) {
  const sha = await world.git.resolve("main");
  return commitAt(world, sha ?? "main");
}

async function compare(world: World, visit: Visit): Promise<Answer> {
  const [from = "", to = ""] = (visit.params["range"] ?? "").split("...");
  const [base, headSha] = await Promise.all([world.git.resolve(from), world.git.resolve(to)]);
  if (base === null || headSha === null) return notFound();
  const range = `${base}..${headSha}`;
  const [ahead, behind, merge, commits, files] = await Promise.all([
    world.git.count(range),
    world.git.count(`${headSha}..${base}`),
    world.git.mergeBase(base, headSha),
    world.git.commits(range),
    world.git.changedFiles(await world.git.mergeBase(base, headSha), headSha),
  ]);
  const status = ahead > 0 ? (behind > 0 ? "diverged" : "ahead") : behind > 0 ? "behind" : "identical";
  const page = `${repositoryPage(world.site)}/compare/${base}...${headSha}`;
  const [baseCommit, mergeCommit] = await Promise.all([commitAt(world, base), commitAt(world, merge)]);
  const one = (value: typeof baseCommit) => commitPayload(world.site, value);
  // Of the whole comparison, on its first page alone (docs.github.com, REST API, compare two commits).
  const isFirst = (visit.query.get("page") ?? "1") === "1";
  const listed = files.slice(0, MOST_FILES).map((file) => filePayload(world.site, headSha, file));
  return paged(visit, commits, (shown) => ({
    url: `${repositoryUrl(world.site)}/compare/${base}...${headSha}`,
    html_url: page,
    permalink_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    base_commit: one(baseCommit),
    merge_base_commit: one(mergeCommit),
    status,
    ahead_by: ahead,
    behind_by: behind,
    total_commits: ahead,
    commits: shown.map(one),
    ...(isFirst ? { files: listed } : {}),
  }));
}

async function pullsOf(world: World, visit: Visit) {
  const sha = await world.git.resolve(visit.params["ref"] ?? "");
  return world.pulls.filter((one) => one.sha === sha).map((one) => pullPayload(world.site, one, authorOf(one.login)));
}

async function commit(world: World, visit: Visit): Promise<Answer> {
  const ref = visit.params["ref"] ?? "";
  const sha = await world.git.resolve(ref);
  if (sha === null) return json(422, { message: `No commit found for SHA: ${ref}`, status: "422" });
  // With this media type the answer is the bare id.
  if (visit.headers.accept?.includes(".sha")) return { status: 200, headers: { "content-type": "application/vnd.github.sha" }, body: sha };
  const found = await commitAt(world, sha);
  const files = await world.git.changedFiles(found.parents[0] ?? null, sha);
  const sum = (key: "additions" | "deletions") => files.reduce((total, file) => total + file[key], 0);
  const stats = { additions: sum("additions"), deletions: sum("deletions"), total: sum("additions") + sum("deletions") };
  return json(200, { ...commitPayload(world.site, found), stats, files: files.map((file) => filePayload(world.site, sha, file)) });
}

async function pull(world: World, visit: Visit): Promise<Answer> {
  const found = world.pulls.find((one) => String(one.number) === visit.params["number"]);
  if (found === undefined) return notFound();
  const author = authorOf(found.login);
  const payload = pullPayload(world.site, found, author);
  const files = await world.git.changedFiles(found.base === "0".repeat(40) ? null : found.base, found.sha);
  const sum = (key: "additions" | "deletions") => files.reduce((total, file) => total + file[key], 0);
  const sizes = {
    commits: 1,
    changed_files: files.length,
    additions: sum("additions"),
    deletions: sum("deletions"),
    comments: 0,
    review_comments: 0,
  };
  const merge = {
    merged: true,
    mergeable: null,
    rebaseable: null,
    mergeable_state: "unknown",
    merged_by: payload["user"],
    maintainer_can_modify: false,
  };
  return json(200, { ...payload, ...merge, ...sizes });
}

async function contents(world: World, visit: Visit): Promise<Answer> {
  const path = visit.params["path"] ?? "";
  const revision = await world.git.resolve(visit.query.get("ref") ?? "main");
  const text = revision === null ? null : await world.git.fileAt(revision, path);
  if (revision === null) return notFound();
  if (text === null) return folder(world, revision, path);
  if (visit.headers.accept?.includes(".raw")) return { status: 200, headers: { "content-type": "application/vnd.github.raw" }, body: text };
  return json(200, {
    type: "file",
    encoding: "base64",
    ...(await entry(world, revision, path)),
    size: Buffer.byteLength(text),
    content: Buffer.from(text).toString("base64"),
  });
}

async function folder(world: World, revision: string, path: string): Promise<Answer> {
  const entries = await world.git.list(revision, path);
  if (entries.length === 0) return notFound();
  return json(
    200,
    await Promise.all(entries.map(async (one) => ({ type: one.type, size: 0, ...(await entry(world, revision, one.path)) }))),
  );
}

async function entry(world: World, revision: string, path: string) {
  const self = `${repositoryUrl(world.site)}/contents/${path}?ref=${revision}`;
  const sha = await world.git.blobId(revision, path);
  const links = {
    self,
    git: `${repositoryUrl(world.site)}/git/blobs/${sha}`,
    html: `${repositoryPage(world.site)}/blob/${revision}/${path}`,
  };
  const name = path.split("/").at(-1) ?? path;
  const download = `${repositoryPage(world.site)}/raw/${revision}/${path}`;
  return { name, path, sha, url: self, git_url: links.git, html_url: links.html, download_url: download, _links: links };
}

function authorOf(login: string) {
  return Object.values(people).find((person) => person.login === login) ?? people.bob;
}
