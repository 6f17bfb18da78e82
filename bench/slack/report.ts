import { machineText } from "../machine.ts";
import { quantile } from "../statistics.ts";
import type { Options } from "./options.ts";
import type { Series } from "./rounds.ts";

const WAYS = { http: "HTTP", socket: "Socket Mode" } as const;
const NAMES = { bare: "bare Bolt app", greenlight: "**Greenlight**" } as const;
/** Slack gives an app 3 s; people feel a tenth of that. */
const MOST_MS = 300;
const MOST_RATIO = 3;

/** The part of the page that the command writes. */
export function reportText(options: Options, all: readonly Series[], loadBefore: number): string {
  return [
    machineText({ command: `slack -- ${wordsOf(options)}`, loadBefore, note: options.note }),
    "",
    "| ack of a press, ms | p50 | p95 | p99 | most | presses | without an ack |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...all.flatMap((series) => series.cells.map((cell) => row(`${NAMES[cell.name]}, ${WAYS[series.mode]}`, cell))),
    "",
    "| Greenlight | wanted | seen | reached |",
    "| --- | ---: | ---: | --- |",
    ...all.flatMap(targets),
  ].join("\n");
}

function row(name: string, { ms, lost }: Series["cells"][number]): string {
  const figures = [0.5, 0.95, 0.99, 1].map((share) => quantile(ms, share).toFixed(1));
  return `| ${name} | ${figures.join(" | ")} | ${ms.length + lost} | ${lost} |`;
}

function targets({ mode, cells, ratios }: Series): readonly string[] {
  const ours = cells.find((cell) => cell.name === "greenlight");
  const p99 = quantile(ours?.ms ?? [], 0.99);
  const ratio = quantile(ratios, 0.5);
  return [
    `| p99 over the bare app's of the same round, median of ${ratios.length} rounds, ${WAYS[mode]} | ${MOST_RATIO} | ${ratio.toFixed(2)} | ${ratio <= MOST_RATIO ? "yes" : "no"} |`,
    `| p99, ms, ${WAYS[mode]} | ${MOST_MS} | ${p99.toFixed(1)} | ${p99 < MOST_MS && ours?.lost === 0 ? "yes" : "no"} |`,
  ];
}

function wordsOf({ modes, rounds, seconds, perSecond }: Options): string {
  return `--modes ${modes.join(",")} --rounds ${rounds} --seconds ${seconds} --rate ${perSecond}`;
}
