import { machineText } from "../machine.ts";
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
    circumstances(found),
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

function circumstances({ options, loadBefore, versions, series }: Findings): string {
  const rounds = Math.min(...series.flatMap(({ cells }) => cells.map((cell) => cell.rounds)));
  const command = `deploy -- ${wordsOf(options)}`;
  return machineText({ command, counted: `at least ${rounds} rounds counted`, versions, loadBefore, note: options.note });
}

function wordsOf({ rounds, hosts, recipes, tools }: Options): string {
  return `--rounds ${rounds} --hosts ${hosts.join(",")} --recipe ${recipes.join(",")} --tools ${tools.join(",")}`;
}
