import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { isBuiltin } from "node:module";
import path from "node:path";
import { Visitor, parseSync } from "oxc-parser";
import type { ParseResult } from "oxc-parser";

/** The folders that hold code; a folder that is not there holds none. */
export const CODE_FOLDERS = ["bin", "src", "sandbox", "test"];
const CODE = /\.(?:ts|js|mjs|cjs)$/;

/** What one import reaches: a file of ours (path from the root), an npm package by name, a module of Node, or nothing we can name. */
export type Reached =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "package"; readonly name: string }
  | { readonly kind: "node"; readonly name: string }
  | { readonly kind: "missing" | "unnamed"; readonly words: string };

/** One import as it stands in a file. A type import is erased before the code runs, so it cannot be part of a loading cycle. */
export type Import = { readonly line: number; readonly types: boolean; readonly reached: Reached };

/** One file that was read and parsed. */
export type Module = { readonly path: string; readonly imports: readonly Import[] };

/** Every code file under the root, parsed. Throws, naming the file, when one cannot be parsed: an unread file would pass every rule. */
export async function readModules(root: string): Promise<readonly Module[]> {
  const files = await codeFiles(root);
  return Promise.all(files.map((file) => readModule(root, file)));
}

/** Paths from the root, sorted, with `/` between folders. */
export async function codeFiles(root: string): Promise<readonly string[]> {
  const lists = await Promise.all(CODE_FOLDERS.map((folder) => filesUnder(root, folder)));
  return lists
    .flat()
    .filter((file) => CODE.test(file))
    .toSorted();
}

async function filesUnder(root: string, folder: string): Promise<readonly string[]> {
  if (!existsSync(path.join(root, folder))) return [];
  const entries = await readdir(path.join(root, folder), { withFileTypes: true });
  const lists = entries
    .filter((entry) => entry.name !== "node_modules" && !entry.name.startsWith("."))
    .map(async (entry) => (entry.isDirectory() ? filesUnder(root, `${folder}/${entry.name}`) : [`${folder}/${entry.name}`]));
  return (await Promise.all(lists)).flat();
}

async function readModule(root: string, file: string): Promise<Module> {
  const text = await readFile(path.join(root, file), "utf8");
  const parsed = parseSync(file, text);
  const [fault] = parsed.errors;
  if (fault !== undefined) throw new Error(`${file} cannot be parsed: ${fault.message}`);
  const imports = requestsOf(parsed).map(({ start, types, specifier }) => ({
    line: text.slice(0, start).split("\n").length,
    types,
    reached: specifier === null ? unnamed(text.slice(start, start + 60)) : resolve(root, file, specifier),
  }));
  return { path: file, imports };
}

type Request = { readonly start: number; readonly types: boolean; readonly specifier: string | null };

/** Statements first, then what hides in expressions and types: `import()`, `require`, `import("x").T`, `new URL("./x.ts", import.meta.url)`. */
function requestsOf(parsed: ParseResult): readonly Request[] {
  const { staticImports, staticExports } = parsed.module;
  const found: Request[] = staticImports.map((each) => ({
    start: each.start,
    types: each.entries.length > 0 && each.entries.every((entry) => entry.isType),
    specifier: each.moduleRequest.value,
  }));
  for (const statement of staticExports) {
    const [first] = statement.entries;
    if (first?.moduleRequest === undefined || first.moduleRequest === null) continue;
    const types = statement.entries.every((entry) => entry.isType);
    found.push({ start: statement.start, types, specifier: first.moduleRequest.value });
  }
  return [...found, ...hiddenRequests(parsed)].toSorted((a, b) => a.start - b.start);
}

function hiddenRequests(parsed: ParseResult): readonly Request[] {
  const found: Request[] = [];
  new Visitor({
    ImportExpression: (node) => found.push({ start: node.start, types: false, specifier: textOf(node.source) }),
    TSImportType: (node) => found.push({ start: node.start, types: true, specifier: textOf(node.source) }),
    TSExternalModuleReference: (node) => found.push({ start: node.start, types: false, specifier: textOf(node.expression) }),
    CallExpression(node) {
      const [first] = node.arguments;
      if (isRequire(node.callee) && first !== undefined) found.push({ start: node.start, types: false, specifier: textOf(first) });
    },
    NewExpression(node) {
      const [first] = node.arguments;
      const specifier = first === undefined ? null : textOf(first);
      const isUrl = node.callee.type === "Identifier" && node.callee.name === "URL";
      // A file started or loaded by its address is known as well as one imported.
      if (isUrl && specifier !== null && specifier.startsWith(".") && CODE.test(specifier)) {
        found.push({ start: node.start, types: true, specifier });
      }
    },
  }).visit(parsed.program);
  return found;
}

/** `require(...)`, `require.resolve(...)` and `import.meta.resolve(...)`. */
function isRequire(callee: { readonly type: string }): boolean {
  if (callee.type === "Identifier") return "name" in callee && callee.name === "require";
  if (callee.type !== "MemberExpression" || !("object" in callee) || !("property" in callee)) return false;
  return nameOf(callee.property) === "resolve" && (nameOf(callee.object) === "require" || typeOf(callee.object) === "MetaProperty");
}

function nameOf(node: unknown): string | null {
  return typeof node === "object" && node !== null && "name" in node && typeof node.name === "string" ? node.name : null;
}

function typeOf(node: unknown): string | null {
  return typeof node === "object" && node !== null && "type" in node && typeof node.type === "string" ? node.type : null;
}

function textOf(node: { readonly type: string }): string | null {
  return node.type === "Literal" && "value" in node && typeof node.value === "string" ? node.value : null;
}

function resolve(root: string, from: string, specifier: string): Reached {
  if (specifier.startsWith(".") || specifier.startsWith("/")) {
    const file = path.posix.join(path.posix.dirname(from), specifier);
    return existsSync(path.join(root, file)) ? { kind: "file", path: file } : { kind: "missing", words: specifier };
  }
  if (isBuiltin(specifier)) return { kind: "node", name: specifier.replace(/^node:/, "") };
  return { kind: "package", name: specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/") };
}

function unnamed(text: string): Reached {
  return { kind: "unnamed", words: text.split("\n", 1)[0] ?? text };
}
