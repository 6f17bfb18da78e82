import { cpus } from "node:os";
import { isUnchanged, nameOf } from "./cells.ts";
import type { Options } from "./options.ts";
import { PEERS } from "./peers.ts";
import type { Flagged, Found } from "./run.ts";

/** Chance over a whole watch; a cell fails when it is above this beyond doubt: by the lower end of its 99 % interval. */
const MOST_FALSE = { propose: 0.02, act: 0.005 } as const;
/** One-sided 99 % of the normal distribution. */
const NORMAL_99 = 2.3263;

/** What the power must be: cells by name, with the least share and the latest median minute. */
const POWER = [
  { cell: "poisson, 60 min, 0.3/min, x10", level: "act", least: 0.99, latest: 4 },
  { cell: "poisson, 60 min, 2/min, x3", level: "propose", least: 0.99, latest: 5 },
  { cell: "poisson, 60 min, 0.3/min, x3", level: "propose", least: 0.5, latest: null },
  { cell: "poisson, 24 h, 0.3/min, x3", level: "propose", least: 0.8, latest: null },
  { cell: "ratio 2, 60 min, 0.3/min, x10", level: "propose", least: 0.97, latest: null },
  { cell: "ratio 5, 60 min, 2/min, x10", level: "act", least: 0.95, latest: 8 },
] as const;
const LEAST_PROMPT = 0.95;

/** The part of the page that the command writes. */
export function reportText(options: Options, found: readonly Found[], seconds: number): string {
  return [
    `Date: ${new Date().toISOString().slice(0, 10)}. Command: \`npm run bench:verdict -- --unchanged ${options.unchangedRuns} --runs ${options.runs} --seed ${options.seed} --write\`, ${Math.round(seconds)} s on ${cpus().length} cores.`,
    "",
    "| wanted | seen | reached |",
    "| --- | --- | --- |",
    ...falseAlarms(found),
    ...POWER.flatMap((target) => powerRow(target, found)),
    ...promptRow(found),
    "",
    `| errors, baseline, rate, change | propose | act | ${PEERS.map(({ name }) => name).join(" | ")} |`,
    `| --- | --- | --- | ${PEERS.map(() => "---").join(" | ")} |`,
    ...found.map(rowText),
  ].join("\n");
}

/** Share of watches flagged, and in brackets the median minute where more than half were. */
export function rowText({ cell, propose, act, peers }: Found): string {
  return `| ${nameOf(cell)} | ${[propose, act, ...peers].map(flaggedText).join(" | ")} |`;
}

function flaggedText({ share, median }: Flagged): string {
  return `${percent(share)}${median === null ? "" : ` (${median})`}`;
}

function falseAlarms(found: readonly Found[]): readonly string[] {
  const unchanged = found.filter(({ cell }) => isUnchanged(cell));
  return (["propose", "act"] as const).flatMap((level) => {
    const worst = unchanged.toSorted((left, right) => right[level].share - left[level].share)[0];
    if (worst === undefined) return [];
    const over = unchanged.filter((one) => lowerEnd(one[level].share, one.runs) > MOST_FALSE[level]);
    const name = `false ${level} at most ${percent(MOST_FALSE[level])} in each of ${unchanged.length} unchanged cells`;
    return [
      `| ${name} | at worst ${percent(worst[level].share)} (${nameOf(worst.cell)}) | ${over.length === 0 ? "yes" : `**no**, in ${over.length}`} |`,
    ];
  });
}

/** Wilson's interval. */
function lowerEnd(share: number, runs: number): number {
  const z2 = NORMAL_99 ** 2;
  const middle = share + z2 / (2 * runs);
  return (middle - NORMAL_99 * Math.sqrt((share * (1 - share)) / runs + z2 / (4 * runs ** 2))) / (1 + z2 / runs);
}

function powerRow(target: (typeof POWER)[number], found: readonly Found[]): readonly string[] {
  const one = found.find(({ cell }) => nameOf(cell) === target.cell);
  if (one === undefined) return [];
  const seen = one[target.level];
  const late = target.latest !== null && (seen.median === null || seen.median > target.latest);
  const wanted = `${target.cell}: ${target.level} in ${percent(target.least)}${target.latest === null ? "" : `, median minute at most ${target.latest}`}`;
  return [`| ${wanted} | ${flaggedText(seen)} | ${seen.share >= target.least && !late ? "yes" : "**no**"} |`];
}

function promptRow(found: readonly Found[]): readonly string[] {
  const least = found.flatMap(({ prompt }) => (prompt === null ? [] : [prompt])).toSorted((left, right) => left - right)[0];
  if (least === undefined) return [];
  return [
    `| a new unhandled error: proposed within 2 looks of its first event in ${percent(LEAST_PROMPT)} | at worst ${percent(least)} | ${least >= LEAST_PROMPT ? "yes" : "**no**"} |`,
  ];
}

function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100} %`;
}
