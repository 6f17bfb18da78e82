import { GREENLIGHT } from "./options.ts";
import { PEERS } from "./peers.ts";
import type { Series } from "./rounds.ts";

/** One row a tool, one column a number of hosts and recipe: milliseconds and the ratio to the floor. */
export function seriesTable(series: readonly Series[]): string {
  const head = series.map(({ hosts, recipe }) => `${hosts} ${hosts === 1 ? "host" : "hosts"}, ${recipe}`);
  const tools = [...new Set(series.flatMap(({ cells }) => cells.map(({ tool }) => tool)))];
  const rows = tools.map((tool) => {
    const cells = series.map((one) => one.cells.find((cell) => cell.tool === tool));
    return [wordsFor(tool), ...cells.map((cell) => (cell === undefined ? "" : `${cell.ms.toFixed(0)} (${cell.ratio.toFixed(2)})`))];
  });
  return [["ms (ratio)", ...head], ["---", ...head.map(() => "---:")], ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function wordsFor(tool: string): string {
  return tool === GREENLIGHT ? "**Greenlight**" : (PEERS.find(({ name }) => name === tool)?.says ?? tool);
}
