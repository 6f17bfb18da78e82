import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

export type GitPerson = { readonly name: string; readonly email: string };

export type GitCommit = {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: GitPerson;
  readonly date: Date;
  readonly message: string;
};

export type ChangedFile = {
  readonly path: string;
  readonly status: "added" | "modified" | "removed";
  readonly additions: number;
  readonly deletions: number;
};

/** What a commit writes: path to text; null deletes the file. */
export type FileChanges = Readonly<Record<string, string | null>>;

export type GitRepository = Awaited<ReturnType<typeof createGitRepository>>;

/** Between two fields of a commit in `git log`; it cannot occur in a message. */
const FIELD = "\u001f";
const RECORD = "\u001e";

/** A new bare repository `<folder>/shop.git` with a scratch work tree beside it; nothing of the user's git configuration applies. */
export async function createGitRepository(folder: string) {
  const path = join(folder, "shop.git");
  const work = join(folder, "work");
  await Promise.all([rm(path, { recursive: true, force: true }), rm(work, { recursive: true, force: true })]);
  await mkdir(work, { recursive: true });
  const git = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
    runGit(folder, ["--git-dir", path, ...args], environment);
  await runGit(folder, ["init", "--quiet", "--bare", "--initial-branch=main", path]);
  // GitHub serves any commit by its id; a host that fetches an exact revision relies on it.
  await git(["config", "uploadpack.allowAnySHA1InWant", "true"]);
  const inWork = (args: readonly string[], environment = {}) => git(["--work-tree", work, ...args], environment);

  async function commit(change: { files: FileChanges; message: string; author: GitPerson; date: Date }): Promise<string> {
    for (const [name, text] of Object.entries(change.files)) await putFile(join(work, name), text);
    await inWork(["add", "--all", work]);
    const when = change.date.toISOString();
    await inWork(["commit", "--quiet", "--no-gpg-sign", "--message", change.message], {
      GIT_AUTHOR_NAME: change.author.name,
      GIT_AUTHOR_EMAIL: change.author.email,
      GIT_AUTHOR_DATE: when,
      GIT_COMMITTER_NAME: "GitHub",
      GIT_COMMITTER_EMAIL: "noreply@github.com",
      GIT_COMMITTER_DATE: when,
    });
    return (await git(["rev-parse", "HEAD"])).trim();
  }

  const tag = (name: string, revision: string) => git(["tag", "--no-sign", name, revision]);

  /** The full id of a branch, tag or (short) id; null when there is none. */
  async function resolve(ref: string): Promise<string | null> {
    if (ref.startsWith("-")) return null;
    const found = await git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]).catch(() => "");
    return found.trim() || null;
  }

  async function commits(range: string, limit = 250): Promise<GitCommit[]> {
    const format = ["%H", "%T", "%P", "%an", "%ae", "%aI", "%B"].join("%x1f") + "%x1e";
    const text = await git(["log", "--reverse", `--max-count=${limit}`, `--format=${format}`, range, "--"]);
    return text.split(RECORD).flatMap((record) => (record.trim() === "" ? [] : [toCommit(record.trimStart().split(FIELD))]));
  }

  async function changedFiles(base: string | null, head: string): Promise<ChangedFile[]> {
    const range = base === null ? ["--root", head] : [base, head];
    const options = ["diff-tree", "-r", "--no-commit-id", "--no-renames"];
    const [status, counts] = await Promise.all([git([...options, "--name-status", ...range]), git([...options, "--numstat", ...range])]);
    const numbers = new Map(lines(counts).map(([added, deleted, name]) => [name, [Number(added) || 0, Number(deleted) || 0] as const]));
    return lines(status).map(([letter, name = ""]) => {
      const [additions = 0, deletions = 0] = numbers.get(name) ?? [];
      return { path: name, status: letter === "A" ? "added" : letter === "D" ? "removed" : "modified", additions, deletions };
    });
  }

  /** References whose name is this one or lies below it, in the order of their names; `sha` of an annotated tag is its own. */
  async function refs(prefix: string): Promise<{ ref: string; type: string; sha: string }[]> {
    const pattern = prefix.replace(/\/$/, "");
    if (pattern.startsWith("-") || /[*?[\\]/.test(pattern)) return [];
    const text = await git(["for-each-ref", "--format=%(refname)%09%(objecttype)%09%(objectname)", pattern]);
    return lines(text).map(([ref = "", type = "", sha = ""]) => ({ ref, type, sha }));
  }

  const diff = (base: string | null, head: string) => git(base === null ? ["show", "--format=", "--stat", head] : ["diff", base, head]);
  const count = async (range: string) => Number((await git(["rev-list", "--count", range])).trim());
  const mergeBase = async (one: string, other: string) => (await git(["merge-base", one, other])).trim();
  const fileAt = (revision: string, name: string) => git(["cat-file", "blob", `${revision}:${name}`]).catch(() => null);
  const blobId = async (revision: string, name: string) => (await git(["rev-parse", `${revision}:${name}`])).trim();
  /** The entries of a folder; none when there is no such folder. */
  async function list(revision: string, directory: string): Promise<{ type: "file" | "dir"; path: string }[]> {
    const text = await git(["ls-tree", revision, `${directory.replace(/\/$/, "")}/`]).catch(() => "");
    return lines(text).map(([meta = "", name = ""]) => ({ type: meta.includes(" tree ") ? "dir" : "file", path: name }));
  }
  return { list, refs, diff, path, commit, tag, resolve, commits, changedFiles, count, mergeBase, fileAt, blobId };
}

function lines(text: string): string[][] {
  return text.split("\n").flatMap((line) => (line === "" ? [] : [line.split("\t")]));
}

function toCommit(fields: readonly string[]): GitCommit {
  const [sha = "", tree = "", parents = "", name = "", email = "", date = "", message = ""] = fields;
  return {
    sha,
    tree,
    parents: parents.split(" ").filter((id) => id !== ""),
    author: { name, email },
    date: new Date(date),
    message: message.trimEnd(),
  };
}

async function putFile(path: string, text: string | null): Promise<void> {
  if (text === null) return rm(path, { force: true });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

function runGit(folder: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const env = {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: folder,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    ...environment,
  };
  return new Promise((done, failed) => {
    execFile("git", [...args], { env, cwd: folder, timeout: 30_000, maxBuffer: 16 * 1024 * 1024 }, (fault, stdout, stderr) => {
      if (fault === null) return done(stdout);
      failed(new Error(`git ${args.slice(0, 6).join(" ")} failed: ${stderr.trim() || fault.message}`, { cause: fault }));
    });
  });
}
