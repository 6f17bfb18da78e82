import type { z } from "zod";
import type { Finding, Path } from "./fault.ts";

type Issue = z.core.$ZodIssue;

/** What the shapes object to, in words: `says` is what the file has there, `write` the shape's own message. */
export function findingsOf(issues: readonly Issue[], root: unknown): readonly Finding[] {
  return issues.flatMap((issue) => findingsOfIssue(issue, pathOf(issue), root));
}

function findingsOfIssue(issue: Issue, path: Path, root: unknown): readonly Finding[] {
  if (issue.code === "unrecognized_keys") {
    const lines = issue.message.split("\n");
    return issue.keys.map((key, index) => ({
      path: [...path, key],
      at: "key",
      says: "a key that is not known here",
      write: lines[index] ?? "",
    }));
  }
  if (issue.code === "invalid_key")
    return [{ path, at: "key", says: "a name that cannot be used", write: issue.issues[0]?.message ?? issue.message }];
  if (issue.code === "invalid_union") {
    const branch = issue.errors.find((errors) => !errors.some((error) => error.code === "invalid_type" && error.path.length === 0));
    if (branch !== undefined) return branch.flatMap((error) => findingsOfIssue(error, [...path, ...pathOf(error)], root));
  }
  const key = path.at(-1);
  if (typeof key === "string" && !has(valueAt(root, path.slice(0, -1)), key)) {
    return [{ path: path.slice(0, -1), at: "key", says: `no \`${key}\``, write: written(key, issue.message) }];
  }
  return [{ path, at: "value", says: shown(valueAt(root, path), path), write: issue.message }];
}

/** A missing key is named in what to write, unless the example names it already. */
function written(key: string, message: string): string {
  return message.includes(`${key}:`) ? message : `\`${key}:\` with ${message}`;
}

function pathOf(issue: Issue): Path {
  return issue.path.map((key) => (typeof key === "symbol" ? String(key) : key));
}

export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) => (isMap(value) ? value[key] : Array.isArray(value) && typeof key === "number" ? value[key] : undefined),
    root,
  );
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function has(value: unknown, key: string): boolean {
  return isMap(value) && Object.hasOwn(value, key);
}

/** Values here may be secrets, rightly or by mistake: a token written into the file, an address with a password. */
const CONCEALED: ReadonlySet<string> = new Set([
  "token",
  "webhook_secret",
  "signing_token",
  "private_key",
  "passphrase",
  "app_id",
  "origin",
  "url",
  "commands",
]);
const CONCEALED_IN_TARGET: ReadonlySet<string> = new Set(["environment", "install", "backup", "before", "after"]);
/** What tokens of the usual providers begin with, wherever one was pasted. */
const TOKEN = /^(xox|xapp-|gh[a-z]_|github_pat_|glpat-|sntry|ey[JK]|-----BEGIN)|:[^/\s@]+@|:\/\/[^/]*@/;

/** A value as the fault shows it: words and numbers as they are, anything that could be a secret only by its kind. */
function shown(value: unknown, path: Path): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return Object.keys(value).length === 0 ? "an empty map" : "a map";
  const inTarget = path.slice(path.indexOf("target") + 1);
  const secret =
    path.some((key) => CONCEALED.has(String(key))) ||
    (path.includes("target") && inTarget.some((key) => CONCEALED_IN_TARGET.has(String(key))));
  if (secret) return typeof value === "string" ? "a text that does not fit (not shown: it may be a secret)" : `a ${typeof value}`;
  if (typeof value !== "string") return `\`${String(value)}\``;
  return value.length > 60 || TOKEN.test(value) ? `a text of ${value.length} characters that does not fit` : JSON.stringify(value);
}
