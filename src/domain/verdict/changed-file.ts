import type { Deployment } from "../deployment.ts";

/** Where an issue broke, as its SDK names it; null: it does not say. `culprit` counts where it names a module: `orders.views in basket`. */
export type CodePlace = { readonly file: string | null; readonly culprit: string | null };

/** What a deployment brought: the files that it changes, as the repository names them, and where on the servers they lie, as configured. */
export type DeployedCode = { readonly files: readonly string[]; readonly directories: readonly string[] };

/** One folder and the name: many repositories have several `views.py`, few have two `orders/views.py`. */
const LEAST_SEGMENTS = 2;
/** Names that tell nothing: their folder stands for them. */
const NAMELESS = /^(?:index|main|mod|lib|__init__|__main__)\.\w+$/;
/** What lies below is somebody else's, however its files are called. */
const FOREIGN_FOLDERS: ReadonlySet<string> = new Set(["node_modules", "site-packages", "dist-packages"]);
/** A module, and the function that broke in it. */
const MODULE = /^([\w$]+(?:\.[\w$]+)+) in \S/;
/** Where modules are named as their files' paths are. */
const OF_MODULES = /\.(?:py|pyx|java|kt|scala|groovy|clj)$/;

/** Null: nobody knows which files it changes, or none. */
export function deployedCode({ changes, plan }: Pick<Deployment, "changes" | "plan">): DeployedCode | null {
  const files = changes.files ?? [];
  return files.length === 0 ? null : { files, directories: [...new Set(plan.hosts.map(({ directory }) => directory))] };
}

/**
 * The files that the deployment changes and in which it broke: one, or all that its place may mean. Only whole names of folders count.
 * Below a folder that was deployed to, the rest must be the file's whole path; elsewhere the one must end as the other does, with a folder
 * at least. None: it broke elsewhere, or nobody can tell.
 */
export function changedFilesAt(place: CodePlace, code: DeployedCode): readonly string[] {
  const named = place.file === null ? "" : codePath(place.file);
  const path = segments(named);
  const inRepository = belowOne(named, code.directories);
  if (inRepository !== null) return code.files.filter((file) => inRepository.some((rest) => isSame(rest, segments(file))));
  if (path.length >= LEAST_SEGMENTS) return code.files.filter((file) => agree(path, segments(file)));
  const module = moduleIn(place.culprit);
  return module === null ? [] : code.files.filter((file) => isOfModule(segments(file), module, path[0] ?? null));
}

/** A file's path without scheme, host, query and fragment; those of `app:///main.js` and `webpack:///./cart.js` are as good as a file's. */
export function codePath(file: string): string {
  return file
    .replace(/[?#].*$/s, "")
    .replace(/^[a-z][\w+.-]*:\/\/[^/]*\//i, "")
    .replace(/^[a-z]:/i, "")
    .replaceAll("\\", "/");
}

type Segments = readonly string[];

function segments(path: string): Segments {
  const all = path.split("/").filter((segment) => segment !== "" && segment !== ".");
  const first = all.findIndex((segment) => segment !== ".." && segment !== "~");
  return first === -1 ? [] : all.slice(first);
}

/** What it may be called in the repository: the rest of the path, also without the release's own folder. Null: it lies in none of them. */
function belowOne(path: string, directories: readonly string[]): readonly Segments[] | null {
  const rest = directories.map((directory) => restBelow(path, directory)).find((one) => one !== null) ?? null;
  if (rest === null) return null;
  const [folder = ""] = rest;
  if (folder === "releases") return [rest, rest.slice(2)];
  return folder === "current" ? [rest, rest.slice(1)] : [rest];
}

/** Where a home lies nobody knows, but something lies before it. */
function restBelow(path: string, directory: string): Segments | null {
  const [all, folder] = [segments(path), segments(directory)];
  const isAt = (at: number) => at + folder.length < all.length && isSame(all.slice(at, at + folder.length), folder);
  const ofHome = path.startsWith("/") ? all.findIndex((_, at) => at > 0 && isAt(at)) : -1;
  const at = directory.startsWith("/") ? (isAt(0) ? 0 : -1) : ofHome;
  return folder.length === 0 || at === -1 ? null : all.slice(at + folder.length);
}

/** Who names it by less sees it from a folder of the repository, who by more from outside. */
function agree(path: Segments, file: Segments): boolean {
  const shorter = path.length < file.length ? path : file;
  const needed = NAMELESS.test(file.at(-1) ?? "") && path.length !== file.length ? LEAST_SEGMENTS + 1 : LEAST_SEGMENTS;
  if (shorter.length < needed || !endsWith(path, shorter) || !endsWith(file, shorter)) return false;
  return !path.slice(0, path.length - shorter.length).some((folder) => FOREIGN_FOLDERS.has(folder));
}

function moduleIn(culprit: string | null): Segments | null {
  const module = culprit === null ? undefined : MODULE.exec(culprit)?.[1];
  const path = module?.split(".").map((part) => part.replace(/(?<=.)\$.*$/, "")) ?? [];
  return path.length < LEAST_SEGMENTS ? null : path;
}

/** `name`: the file's own, where that is all that is known of it. */
function isOfModule(file: Segments, module: Segments, name: string | null): boolean {
  const own = file.at(-1) ?? "";
  return OF_MODULES.test(own) && (name === null || name === own) && endsWith(moduleOf(file), module);
}

function moduleOf(file: Segments): Segments {
  const folders = file.slice(0, -1);
  const name = (file.at(-1) ?? "").replace(OF_MODULES, "");
  return name === "__init__" ? folders : [...folders, name];
}

function endsWith(path: Segments, end: Segments): boolean {
  return path.length >= end.length && isSame(path.slice(path.length - end.length), end);
}

function isSame(one: Segments, other: Segments): boolean {
  return one.length === other.length && one.every((segment, at) => segment === other[at]);
}
