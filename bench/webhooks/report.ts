import { machineText } from "../machine.ts";
import { quantile } from "../statistics.ts";
import { CARD_SECONDS, type Burst } from "./burst.ts";
import { APPS } from "./deliveries.ts";
import type { Options } from "./options.ts";
import { PACE_PER_SECOND, type Found } from "./rounds.ts";

const LEAST_RATIO = 0.5;
const MOST_MS = 50;

/** The part of the page that the command writes. */
export function reportText(options: Options, found: Found, loadBefore: number): string {
  const ratio = quantile(
    found.rounds.map((round) => round.greenlight / round.bare),
    0.5,
  );
  const p99 = quantile(found.paced.greenlight.ms, 0.99);
  return [
    machineText({ command: `webhooks -- ${wordsOf(options)}`, loadBefore, note: options.note }),
    "",
    "| deliveries stored and answered | a second (median of the rounds) | p50, ms | p99, ms | not taken |",
    "| --- | ---: | ---: | ---: | ---: |",
    row("bare `node:http`", "bare", found),
    row("**Greenlight**", "greenlight", found),
    "",
    "| Greenlight | wanted | seen | reached |",
    "| --- | ---: | ---: | --- |",
    target(`deliveries a second over the bare server's of the same round, median of ${found.rounds.length} rounds`, {
      wanted: `>= ${LEAST_RATIO}`,
      seen: ratio.toFixed(2),
      reached: ratio >= LEAST_RATIO && found.lost === 0,
    }),
    target(`p99 of the answers at ${PACE_PER_SECOND} a second, ms`, {
      wanted: `< ${MOST_MS}`,
      seen: p99.toFixed(1),
      reached: p99 < MOST_MS,
    }),
    ...(found.burst === null ? [] : burstLines(found.burst)),
  ].join("\n");
}

function row(name: string, which: "bare" | "greenlight", { rounds, paced }: Found): string {
  const rate = quantile(
    rounds.map((round) => round[which]),
    0.5,
  );
  const { ms, lost } = paced[which];
  return `| ${name} | ${rate.toFixed(0)} | ${quantile(ms, 0.5).toFixed(1)} | ${quantile(ms, 0.99).toFixed(1)} | ${lost} |`;
}

function burstLines(burst: Burst): readonly string[] {
  const kept = burst.lost === 0 && burst.accepted === burst.sent;
  return [
    target(`${burst.sent} deliveries of ${APPS} apps, sent in ${burst.sendSeconds.toFixed(1)} s: folded`, {
      wanted: `${burst.sent}`,
      seen: `${burst.accepted}, the last ${burst.readSeconds.toFixed(1)} s after it was sent`,
      reached: kept,
    }),
    target(`all ${APPS} cards right after the last of them, s`, {
      wanted: `<= ${CARD_SECONDS.toFixed(1)}`,
      seen: burst.cardsRight === APPS ? burst.cardSeconds.toFixed(1) : `${burst.cardsRight} right after ${burst.cardSeconds.toFixed(1)}`,
      reached: burst.cardsRight === APPS && burst.cardSeconds <= CARD_SECONDS,
    }),
    target("cards posted for them", { wanted: `${APPS}`, seen: `${burst.posted}`, reached: burst.posted === APPS }),
    target(`calls of Slack meanwhile that it refused for being too many, of ${burst.calls}`, {
      wanted: "0",
      seen: `${burst.refused}`,
      reached: burst.refused === 0,
    }),
  ];
}

function target(what: string, { wanted, seen, reached }: { wanted: string; seen: string; reached: boolean }): string {
  return `| ${what} | ${wanted} | ${seen} | ${reached ? "yes" : "**no**"} |`;
}

function wordsOf({ rounds, seconds, connections, burst }: Options): string {
  return `--rounds ${rounds} --seconds ${seconds} --connections ${connections} --burst ${burst}`;
}
