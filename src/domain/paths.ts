import type { App } from "./config.ts";
import type { Change, PushEvent, Run } from "./pipeline.ts";

/**
 * Is the push outside of the app's part of the repository? Only if every file that it touched is known and none of them lies there: what
 * nobody can tell concerns the app.
 */
export function isOutside(app: App, push: Pick<PushEvent, "files">): boolean {
  const { paths } = app;
  const files = push.files ?? null;
  return paths !== undefined && files !== null && !files.some((file) => paths.some((pattern) => isBelow(file, pattern)));
}

/** A run of another part of the repository: it makes no card and no candidate of this app. */
export function isOfOtherParts(run: Run): boolean {
  return run.push?.outside === true;
}

/** GitHub lists no more of a comparison: what changes more files says little by one of them. */
const MOST_KEPT = 300;
/** In characters; no stack names a longer path. */
const LONGEST_PATH = 200;

/** A list of changes is stored with each run and deployment: with more files in all it would be mostly files. */
const MOST_LISTED = 1000;

/** Files of a change set as a deployment keeps them: those of the app's own part, each once. */
export function keptFiles(app: Pick<App, "paths">, files: readonly string[]): readonly string[] {
  return ownFiles(app, files).slice(0, MOST_KEPT);
}

/** The changes, each with all of its files in the app's own part, or none with any where they are too many in all. */
export function withKeptFiles(app: Pick<App, "paths">, changes: readonly Change[]): readonly Change[] {
  const kept = changes.map((change) => (change.files === undefined ? change : { ...change, files: ownFiles(app, change.files) }));
  const total = kept.reduce((sum, { files = [] }) => sum + files.length, 0);
  return total <= MOST_LISTED ? kept : changes.map(withoutFiles);
}

function withoutFiles(change: Change): Change {
  const { files: _files, ...rest } = change;
  return rest;
}

function ownFiles({ paths }: Pick<App, "paths">, files: readonly string[]): readonly string[] {
  const own = files.filter((file) => paths === undefined || paths.some((pattern) => isBelow(file, pattern)));
  return [...new Set(own.filter((file) => file.length <= LONGEST_PATH && !/\p{Cc}/u.test(file)))];
}

/** `backend` and `backend/` are the folder, `*` is any name, `**` any number of folders. */
export function isBelow(file: string, pattern: string): boolean {
  const folder = pattern.replace(/\/+$/u, "");
  return matches(file.split("/"), folder.split("/")) || matches(file.split("/"), [...folder.split("/"), "**"]);
}

function matches(file: readonly string[], pattern: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return file.length === 0;
  if (first === "**") return rest.length === 0 ? file.length > 0 : file.some((_, at) => matches(file.slice(at), rest));
  const [name, ...below] = file;
  return name !== undefined && isNamed(name, first) && matches(below, rest);
}

/** Piece after piece, each at the first place after the one before: no pattern takes long. */
function isNamed(name: string, pattern: string): boolean {
  const pieces = pattern.split("*");
  const [head = "", ...others] = pieces;
  if (others.length === 0) return name === pattern;
  const tail = others.pop() ?? "";
  if (!name.startsWith(head) || !name.endsWith(tail) || name.length < head.length + tail.length) return false;
  let from = head.length;
  const end = name.length - tail.length;
  for (const piece of others) {
    const at = name.indexOf(piece, from);
    if (at === -1 || at + piece.length > end) return false;
    from = at + piece.length;
  }
  return true;
}

/** The files that a commit added or modified, as a change has them; absent: the sender does not list them. */
export function filesLeft({ added, modified }: Touched): { readonly files?: readonly string[] } {
  return added === undefined || modified === undefined ? {} : { files: [...added, ...modified] };
}

/** More than that are not looked through: such a push concerns everybody. */
const MOST_FILES = 5000;

/** What a commit says that it touched. */
type Touched = Partial<Readonly<Record<"added" | "modified" | "removed", readonly string[] | undefined>>>;

/** Every file that a push touched, each once; null: the sender did not list them all. */
export function filesOf(commits: readonly Touched[], isWhole: boolean): readonly string[] | null {
  if (!isWhole || commits.length === 0) return null;
  const files = new Set<string>();
  for (const { added, modified, removed } of commits) {
    if (added === undefined || modified === undefined || removed === undefined) return null;
    for (const file of [...added, ...modified, ...removed]) files.add(file);
    if (files.size > MOST_FILES) return null;
  }
  return [...files];
}
