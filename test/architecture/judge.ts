import { ADAPTER, CALLERS, FOLDERS, HOMES, PURE, ROOMS } from "./house.ts";
import type { Import, Module } from "./modules.ts";

/** One import that breaks one rule. */
export type Violation = { readonly rule: string; readonly at: string; readonly words: string };

/** Every broken rule, file by file. */
export function judge(modules: readonly Module[]): readonly Violation[] {
  return modules.flatMap((module) => module.imports.flatMap((each) => judgeImport(module.path, each)));
}

/** `src/slack/render/card.ts` lies in room `slack`, `src/main.ts` is one of its own; null outside `src`. */
export function roomOf(file: string): string | null {
  const [folder, room] = file.split("/");
  return folder === "src" && room !== undefined ? room : null;
}

function judgeImport(file: string, each: Import): readonly Violation[] {
  const at = `${file}:${each.line}`;
  const { reached } = each;
  switch (reached.kind) {
    case "file":
      return [...judgeFolders(file, reached.path, at), ...judgeRooms(file, reached.path, at)];
    case "package":
      return judgePackage(file, reached.name, at);
    case "node":
      return judgeNode(file, reached.name, at);
    case "missing":
      return [{ rule: "exists", at, words: `imports ${reached.words}, which is not there` }];
    case "unnamed":
      if (roomOf(file) === null) return [];
      return [{ rule: "named", at, words: `imports what only running shows (${reached.words}): write the name out` }];
    default:
      return reached satisfies never;
  }
}

function judgeFolders(file: string, other: string, at: string): readonly Violation[] {
  const [from = ""] = file.split("/");
  const [to = ""] = other.split("/");
  // Data beside the code (package.json, a migration) is no folder of the table.
  if (!(to in FOLDERS) || FOLDERS[from]?.includes(to) === true) return [];
  return [{ rule: "folders", at, words: `${from} may not know ${to} (${other})` }];
}

function judgeRooms(file: string, other: string, at: string): readonly Violation[] {
  const from = roomOf(file);
  const to = roomOf(other);
  if (from === null || to === null || from === to) return [];
  const callers = CALLERS[to];
  if (callers !== undefined && !callers.includes(from)) {
    return [{ rule: `callers of ${to}`, at, words: `${from} may not know ${to}: only ${callers.join(", ")} may` }];
  }
  const known = ROOMS[from] ?? ADAPTER;
  if (known === "everyone" || known.includes(to)) return [];
  return [{ rule: from in ROOMS ? from : "adapter", at, words: `${from} may not know ${to}, only ${known.join(", ") || "itself"}` }];
}

function judgePackage(file: string, name: string, at: string): readonly Violation[] {
  const room = roomOf(file);
  if (room === null) return [];
  const pure = PURE[room];
  if (pure !== undefined && !pure.packages.includes(name)) {
    return [{ rule: `pure ${room}`, at, words: `${room} may not use ${name}, only ${pure.packages.join(", ") || "no package"}` }];
  }
  const home = HOMES.find((each) => each.packages.test(name))?.home;
  if (home === undefined || file === home || file.startsWith(`${home}/`)) return [];
  return [{ rule: `home of ${name}`, at, words: `${name} is used in ${home} alone` }];
}

function judgeNode(file: string, name: string, at: string): readonly Violation[] {
  const pure = PURE[roomOf(file) ?? ""];
  if (pure === undefined || pure.node.includes(name)) return [];
  return [{ rule: `pure ${roomOf(file)}`, at, words: `${roomOf(file)} may not use node:${name}: what it needs comes as an argument` }];
}
