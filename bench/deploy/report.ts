import { cpus, loadavg, totalmem } from "node:os";
import { writeSection } from "../page.ts";
import type { Detached } from "./detached.ts";
import type { Options } from "./options.ts";
import type { Loud } from "./output.ts";
import { profileTable } from "./profile.ts";
import type { Series } from "./rounds.ts";
import { seriesTable } from "./table.ts";
import { targetRows } from "./wanted.ts";

/** All that one run of the command found. */
export type Findings = {
  readonly options: Options;
  readonly loadBefore: number;
  readonly versions: readonly string[];
  readonly series: readonly Series[];
  readonly loud: Loud | null;
  readonly near: Detached | null;
  readonly far: Detached | null;
};

/** The part of the page that the command writes. */
export function reportText(found: Findings): string {
  return [
    machineText(found),
    "",
    seriesTable(found.series),
    "",
    "| Greenlight | wanted | seen | reached |",
    "| --- | ---: | ---: | --- |",
    ...targetRows(found),
    "",
    "Where Greenlight's time goes, in ms after the approval's commit (medians; on several hosts from the first that begins to the last that ends):",
    "",
    profileTable(found.series),
  ].join("\n");
}

export function writeReport(found: Findings): void {
  writeSection("deploy", reportText(found));
}

function machineText({ options, loadBefore, versions, series }: Findings): string {
  const rounds = Math.min(...series.flatMap(({ cells }) => cells.map((cell) => cell.rounds)));
  const processor = cpus()[0]?.model.trim() ?? "unknown";
  return [
    `Date: ${new Date().toISOString().slice(0, 10)}. Command: \`npm run bench:deploy -- ${wordsOf(options)} --write\`; at least ${rounds} rounds counted.`,
    `Machine: ${cpus().length} cores (${processor}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version.slice(1)}; ${versions.join("; ")}.`,
    `Load of the machine before the run: ${loadBefore.toFixed(1)}. ${options.note === "" ? "A machine that is not idle makes all figures longer and the ratios uncertain." : options.note}`,
  ].join("\n");
}

function wordsOf({ rounds, hosts, recipes, tools }: Options): string {
  return `--rounds ${rounds} --hosts ${hosts.join(",")} --recipe ${recipes.join(",")} --tools ${tools.join(",")}`;
}

export function loadNow(): number {
  return loadavg()[0] ?? Number.NaN;
}
