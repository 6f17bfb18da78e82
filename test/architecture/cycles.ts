import { roomOf } from "./judge.ts";
import type { Module } from "./modules.ts";

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** Groups of files that load each other. Type imports are left out: they are gone before anything is loaded. */
export function fileCycles(modules: readonly Module[]): readonly (readonly string[])[] {
  const graph = new Map<string, Set<string>>();
  for (const { path, imports } of modules) {
    const loaded = imports.flatMap(({ types, reached }) => (reached.kind === "file" && !types ? [reached.path] : []));
    graph.set(path, new Set(loaded));
  }
  return cyclesOf(graph);
}

/** Groups of rooms of `src` that know each other, by types too. */
export function roomCycles(modules: readonly Module[]): readonly (readonly string[])[] {
  const graph = new Map<string, Set<string>>();
  for (const { path, imports } of modules) {
    const room = roomOf(path);
    if (room === null) continue;
    const known = graph.get(room) ?? new Set<string>();
    graph.set(room, known);
    for (const { reached } of imports) {
      const other = reached.kind === "file" ? roomOf(reached.path) : null;
      if (other !== null && other !== room) known.add(other);
    }
  }
  return cyclesOf(graph);
}

/** Strongly connected groups: each node that reaches itself, gathered with those it reaches back and forth. */
function cyclesOf(graph: Graph): readonly (readonly string[])[] {
  const reaches = new Map([...graph.keys()].map((node) => [node, reachedFrom(graph, node)]));
  const groups: string[][] = [];
  const placed = new Set<string>();
  for (const [node, reached] of reaches) {
    if (!reached.has(node) || placed.has(node)) continue;
    const group = [...reached].filter((other) => reaches.get(other)?.has(node) === true);
    for (const member of group) placed.add(member);
    groups.push(group.toSorted());
  }
  return groups;
}

function reachedFrom(graph: Graph, start: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [...(graph.get(start) ?? [])];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (reached.has(node)) continue;
    reached.add(node);
    waiting.push(...(graph.get(node) ?? []));
  }
  return reached;
}
