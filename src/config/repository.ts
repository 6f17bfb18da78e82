import type { ConnectionKind, Repository } from "../domain/config.ts";

type Parsed =
  | { readonly ok: true; readonly value: Repository }
  | { readonly ok: false; readonly refusal: "connection" | "path"; readonly write: string };

/** Where no code is. */
type NoCode = "sentry" | "ssh" | "pager" | "roster";

const PATHS: Readonly<Record<Exclude<ConnectionKind, NoCode>, { readonly regex: RegExp; readonly write: string }>> = {
  github: { regex: /^[A-Za-z0-9][A-Za-z0-9-]*\/[A-Za-z0-9_.-]+$/, write: "`github:owner/name`" },
  gitlab: { regex: /^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)+$/, write: "`gitlab:group/project`" },
  ci: { regex: /^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/, write: "`ci:any-name`" },
};

/** `github:acme/shop` is the default connection of that kind; any other word before the colon is a declared connection. */
export function parseRepository(words: string, connections: ReadonlyMap<string, ConnectionKind | null>): Parsed {
  const colon = words.indexOf(":");
  const name = words.slice(0, colon);
  const path = words.slice(colon + 1);
  const builtIn = name === "github" || name === "gitlab" || name === "ci";
  const kind = builtIn ? name : connections.get(name);
  if (kind === undefined || kind === null || hasNoCode(kind))
    return { ok: false, refusal: "connection", write: "a connection for repositories" };
  const { regex, write } = PATHS[kind];
  if (!regex.test(path)) return { ok: false, refusal: "path", write: builtIn ? write : write.replace(`${kind}:`, `${name}:`) };
  return { ok: true, value: { connection: builtIn ? "default" : name, kind, path } };
}

function hasNoCode(kind: ConnectionKind): kind is NoCode {
  return !(kind in PATHS);
}
