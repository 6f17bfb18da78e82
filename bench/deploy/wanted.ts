import { FAR_MS } from "./detached.ts";
import { GREENLIGHT } from "./options.ts";
import type { Findings } from "./report.ts";

type Target = { readonly what: string; readonly limit: string; readonly seen: string; readonly met: boolean };

/** What was aimed at, what was seen, and whether that is enough: a row of the table each. */
export function targetRows(found: Findings): readonly string[] {
  return targets(found).map(({ what, limit, seen, met }) => `| ${what} | ${limit} | ${seen} | ${met ? "yes" : "**no**"} |`);
}

function targets({ series, loud, near, far }: Findings): readonly Target[] {
  const ratio = (hosts: number, recipe: string, limit: number): readonly Target[] => {
    const cell = series.find((one) => one.hosts === hosts && one.recipe === recipe)?.cells.find(({ tool }) => tool === GREENLIGHT);
    if (cell === undefined || Number.isNaN(cell.ratio)) return [];
    const what = `${hosts} ${hosts === 1 ? "host" : "hosts"}, ${recipe}, to ${hosts === 1 ? "one ssh" : `${hosts} parallel ssh`}`;
    return [{ what, limit: `<= ${limit.toFixed(2)}x`, seen: `${cell.ratio.toFixed(2)}x`, met: cell.ratio <= limit }];
  };
  const farAdded = far === null || near === null ? undefined : (far.addedMs - near.addedMs) / FAR_MS;
  return [
    ...ratio(1, "null", 0.5),
    ...ratio(1, "fake", 0.95),
    ...ratio(16, "null", 0.5),
    ...ratio(16, "fake", 0.85),
    ...most(
      `a step that prints 50 MB (${loud?.stepMs.toFixed(0) ?? ""} ms) to \`ssh host cat\` (${loud?.floorMs.toFixed(0) ?? ""} ms)`,
      1.5,
      loud?.ratio,
      "x",
    ),
    ...most(`memory at that, above idle (${loud?.idleMib.toFixed(0) ?? ""} MiB)`, 40, loud?.aboveMib, "MiB"),
    ...most(
      `a detached step (${near?.detachedMs.toFixed(1) ?? ""} ms) beside a plain exec (${near?.plainMs.toFixed(1) ?? ""} ms), warm, loopback`,
      12,
      near?.addedMs,
      "ms more",
    ),
    ...most(`round trips more of a detached step than of a plain exec (measured at ${FAR_MS} ms each)`, 0.5, farAdded, ""),
  ];
}

function most(what: string, limit: number, seen: number | undefined, unit: string): readonly Target[] {
  return seen === undefined ? [] : [{ what, limit: `<= ${limit} ${unit}`, seen: `${seen.toFixed(1)} ${unit}`, met: seen <= limit }];
}
