import { type Document, isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument, visit, type YAMLError } from "yaml";
import type { Finding, Path } from "./fault.ts";

export type Place = { readonly line: number; readonly column: number };

/** A YAML file as a value, with its own faults and the place of each key and value. */
export type YamlSource = {
  /** Undefined when the text is no YAML at all. */
  readonly value: unknown;
  readonly findings: readonly Finding[];
  readonly place: (path: Path, at: Finding["at"]) => Place;
};

/** Faults that leave the shape of the rest as it is. */
const HARMLESS: ReadonlySet<string> = new Set(["DUPLICATE_KEY", "TAG_RESOLVE_FAILED", "BAD_SCALAR_START", "NON_STRING_KEY"]);

/** Reads the faults the parser collects too: `toJS` alone would silently take the second of two equal keys. */
export function readYaml(text: string): YamlSource {
  const lines = new LineCounter();
  let document: Document.Parsed;
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true, logLevel: "error" });
  } catch {
    const write = "a file in the shape of docs/configuration.md";
    return {
      value: undefined,
      findings: [{ path: [], at: "value", says: "nothing that can be read", write }],
      place: () => ({ line: 1, column: 1 }),
    };
  }
  const all = [...document.errors, ...document.warnings];
  const broken = all.find(({ code }) => !HARMLESS.has(code));
  // A broken line shifts all after it: the first such fault is told, and the shape is not asked.
  const faults = all.filter((fault) => HARMLESS.has(fault.code) || fault === broken);
  const findings = faults.map((fault) => {
    const [offset] = fault.pos;
    return { ...textOf(fault, text), path: fault === broken ? [] : pathAt(document, offset), offset };
  });
  const value = broken === undefined ? valueOf(document) : { value: undefined, findings: [] };
  const offsets = new Map<Path, number>(findings.map((finding) => [finding.path, finding.offset]));
  return {
    value: value.value,
    findings: [
      ...findings.map(({ path, says, write }) => ({ path, at: "value" as const, says, write })),
      ...value.findings,
      ...(value.value === undefined ? [] : unsendable(document)),
    ],
    place(path, at) {
      const { line, col } = lines.linePos(offsets.get(path) ?? offsetOf(document, path, at));
      return { line: Math.max(1, line), column: Math.max(1, col) };
    },
  };
}

/** By code, never by the parser's own message: that one may quote the file, and so a secret. */
function textOf(fault: YAMLError, text: string): { says: string; write: string } {
  const here = text.slice(fault.pos[0], fault.pos[1]);
  switch (fault.code) {
    case "DUPLICATE_KEY":
      return { says: `\`${keyAt(text, fault.pos[0])}\` twice`, write: "each key once" };
    case "TAG_RESOLVE_FAILED":
      return { says: `the YAML tag \`${here.slice(0, 40)}\``, write: "the value without a tag" };
    case "BAD_SCALAR_START":
      return {
        says: `a value that begins with ${here.slice(0, 1)}, which YAML reserves`,
        write: `it in quotes, as in "${here.slice(0, 1)}..."`,
      };
    case "TAB_AS_INDENT":
      return { says: "a tab as indentation", write: "spaces" };
    case "MULTIPLE_DOCS":
      return { says: "a second document after `---`", write: "one document" };
    case "NON_STRING_KEY":
      return { says: "a key that is not text", write: "the key in quotes" };
    case "BLOCK_AS_IMPLICIT_KEY":
      return { says: "two keys on one line", write: "each key on a line of its own, or the value in quotes if its `:` belongs to it" };
    case "MISSING_CHAR":
      return { says: "a quote, bracket or comma that is opened and not closed, or missing", write: "the missing character" };
    default:
      return {
        says: `something that is not YAML (${fault.code.toLowerCase().replaceAll("_", " ")})`,
        write: "valid YAML; the fault may begin on the line before",
      };
  }
}

function keyAt(text: string, offset: number): string {
  return /^["']?([\w.-]{1,60})/.exec(text.slice(offset, offset + 62))?.[1] ?? "a key";
}

/** The value as plain data; an alias that leads nowhere or grows without end is a finding. */
function valueOf(document: Document.Parsed): { value: unknown; findings: readonly Finding[] } {
  const findings: Finding[] = [];
  visit(document, {
    Alias(_, node) {
      if (node.resolve(document) !== undefined) return;
      const path = pathAt(document, node.range?.[0] ?? 0);
      findings.push({ path, at: "value", says: "an alias (`*name`) of something that is not above it", write: "the value itself" });
    },
    Pair(_, pair) {
      if (!isScalar(pair.key) || pair.key.value !== "__proto__") return;
      findings.push({ path: pathAt(document, pair.key.range?.[0] ?? 0), at: "key", says: "`__proto__`", write: "another name" });
    },
  });
  if (findings.length > 0) return { value: undefined, findings };
  try {
    const value: unknown = document.toJS();
    return { value, findings };
  } catch {
    return { value: undefined, findings: [{ path: [], at: "value", says: "too many aliases (`*name`)", write: "the values themselves" }] };
  }
}

/** A NUL or half of a character, wherever it stands: neither a program's words nor the database can hold it. */
function unsendable(document: Document.Parsed): readonly Finding[] {
  const findings: Finding[] = [];
  visit(document, {
    Scalar(_, { value, range }) {
      if (typeof value !== "string" || (value.isWellFormed() && !value.includes("\0"))) return;
      const path = pathAt(document, range?.[0] ?? 0);
      const says = "a NUL or half of a character, which no program can be given";
      findings.push({ path, at: "value", says, write: "the text without it" });
    },
  });
  return findings;
}

function resolved(document: Document.Parsed, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

/** Offset of the deepest part of the path that the file has. */
function offsetOf(document: Document.Parsed, path: Path, at: Finding["at"]): number {
  let key: unknown = document.contents;
  let value: unknown = document.contents;
  for (const word of path) {
    const inside = resolved(document, value);
    const pair = isMap(inside) ? inside.items.find((item) => isScalar(item.key) && String(item.key.value) === String(word)) : undefined;
    const item: unknown = isSeq(inside) && typeof word === "number" ? inside.items[word] : pair?.value;
    if (item === undefined || (isMap(inside) && pair === undefined)) return startOf(key) ?? 0;
    key = pair?.key ?? item;
    value = item;
  }
  const chosen = at === "key" ? startOf(key) : (startOf(value) ?? startOf(key));
  return chosen ?? 0;
}

function startOf(node: unknown): number | undefined {
  return hasRange(node) ? node.range?.[0] : undefined;
}

function hasRange(node: unknown): node is Node {
  return typeof node === "object" && node !== null && "range" in node;
}

/** The path of what stands at an offset of the text. */
function pathAt(document: Document.Parsed, offset: number): Path {
  const path: (string | number)[] = [];
  let node: unknown = document.contents;
  while (isMap(node) || isSeq(node)) {
    const index = node.items.findLastIndex((item) => (startOf(isPair(item) ? item.key : item) ?? Number.POSITIVE_INFINITY) <= offset);
    const item: unknown = node.items[index];
    if (item === undefined) break;
    path.push(isPair(item) ? (isScalar(item.key) ? String(item.key.value) : index) : index);
    node = isPair(item) ? item.value : item;
  }
  return path;
}
