import { machineText } from "../machine.ts";
import { quantile } from "../statistics.ts";
import type { Options } from "./options.ts";
import type { Series } from "./rounds.ts";

/** Beyond the time that is nobody's fault: the wait for the next look, the restart itself. */
const MOST_TO_CARD_MS = 2000;
const MOST_BACK_MS = 3000;

/** The part of the page that the command writes. */
export function reportText(options: Options, all: readonly Series[], loadBefore: number): string {
  const back = all.flatMap((series) => series.back);
  const restarting = all.flatMap((series) => series.restarting);
  const over = back.map((ms, index) => ms - (restarting[index] ?? Number.NaN));
  return [
    machineText({ command: `watch -- --rounds ${options.rounds} --every ${options.everySeconds}`, loadBefore, note: options.note }),
    "",
    "| ms | rounds | median | most | wanted at most | reached |",
    "| --- | ---: | ---: | ---: | ---: | --- |",
    ...all.map((series) => toCardRow(series, options)),
    row("Roll back pressed, to the earlier revision on two servers", back, null),
    row("of that, a server was restarting", restarting, null),
    row("what Greenlight adds to the restarts", over, MOST_BACK_MS),
  ].join("\n");
}

function toCardRow({ way, toCard }: Series, { everySeconds }: Options): string {
  return way === "polling"
    ? row(`first bad event to the card's change, a look every ${everySeconds} s`, toCard, everySeconds * 1000 + MOST_TO_CARD_MS)
    : row("first bad event to the card's change, by Sentry's webhook", toCard, MOST_TO_CARD_MS);
}

/** The target is for every round, not for the median. */
function row(name: string, ms: readonly number[], wanted: number | null): string {
  const most = Math.max(...ms);
  const figures = [ms.length, Math.round(quantile(ms, 0.5)), Math.round(most)];
  return `| ${name} | ${figures.join(" | ")} | ${wanted === null ? " | " : `${wanted} | ${most <= wanted ? "yes" : "**no**"}`} |`;
}
