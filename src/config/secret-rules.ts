import { createRedactor } from "../domain/redaction/redact.ts";
import type { Finding, Path } from "./fault.ts";
import { isMap } from "./findings.ts";

const { find } = createRedactor([]);
const WRITE =
  "it into a file on the host that only the app's user may read: what stands here is stored with every plan, and shown by `ps` there";

/** A target's variables and commands hold no secrets: they are stored, hashed and shown, and processes show their arguments. */
export function secretRules(raw: unknown, path: Path): readonly Finding[] {
  if (!isMap(raw)) return [];
  const { environment, hosts: _, ...commands } = raw;
  const variables = isMap(environment) ? Object.entries(environment) : [];
  return [
    ...variables.flatMap(([name, value]) =>
      isSecret(`${name}=${String(value)}`)
        ? [{ path: [...path, "environment", name], at: "value" as const, says: "a value that looks like a secret", write: WRITE }]
        : [],
    ),
    ...wordsIn(commands, path).flatMap((at) => [
      { path: at, at: "value" as const, says: "a command that looks as if it held a secret", write: WRITE },
    ]),
  ];
}

/** Paths of the lists of words in which a secret stands. */
function wordsIn(value: unknown, path: Path): readonly Path[] {
  if (Array.isArray(value)) {
    const words = value.filter((word) => typeof word === "string");
    if (words.length === value.length) return isSecret(words.join(" ")) ? [path] : [];
    return value.flatMap((item, index) => wordsIn(item, [...path, index]));
  }
  return isMap(value) ? Object.entries(value).flatMap(([key, item]) => wordsIn(item, [...path, key])) : [];
}

/** Where a shell or we fill something in, no secret is written. */
function isSecret(text: string): boolean {
  return find(text).some(({ secret }) => !/^[$`{<]/u.test(text.slice(secret.start, secret.end)));
}
