import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startWorld, type World } from "../../sandbox/world/world.ts";
import type { Options } from "./options.ts";

/** How the bot hears of an error: it looks from time to time, or Sentry's webhook lets it look at once. */
export type Way = "polling" | "webhook";

/** The sandbox's team with the real bot, and a restart that notes when it began and ended. */
export type Shop = AsyncDisposable & {
  readonly world: World;
  /** Milliseconds in which at least one server was restarting since then, by the servers' own clock. */
  restarting(since: number): number;
};

/** Far longer than a round. */
const WATCH_FOR = "20m";
/** No look comes by itself in time. */
const WEBHOOK_EVERY = "60s";
/** CI and the commands on the servers take almost no time: what is measured comes after them. */
const PACE = 0.02;

const TIMED = `begin=$(date +%s%N)
"$@"
code=$?
echo "$begin $(date +%s%N)" >>"$0.log"
exit "$code"
`;

export async function openShop(way: Way, options: Options): Promise<Shop> {
  const world = await startWorld({ pace: PACE, sentryTells: way === "webhook" });
  const timed = join(world.folder, "timed.sh");
  writeFileSync(timed, TIMED);
  const config = readFileSync(world.configFile, "utf8");
  writeFileSync(
    world.configFile,
    replaced(config, [
      ["for: 25s", `for: ${WATCH_FOR}`],
      ["every: 2s", `every: ${way === "polling" ? `${options.everySeconds}s` : WEBHOOK_EVERY}`],
      ["restart: [node,", `restart: [sh, "${timed}", node,`],
    ]),
  );
  // Visitors meet errors of their own now and then.
  await world.visitors.stop();
  world.bot.start();
  await world.bot.ready();
  return {
    world,
    restarting: (since) => unionMs(readFileSync(`${timed}.log`, "utf8"), since),
    [Symbol.asyncDispose]: () => world.close(),
  };
}

/** @throws when the sandbox's configuration has changed so that one of them is not there */
function replaced(text: string, pairs: readonly (readonly [string, string])[]): string {
  return pairs.reduce((found, [from, to]) => {
    if (!found.includes(from)) throw new Error(`the sandbox's greenlight.yml has no "${from}"`);
    return found.replaceAll(from, to);
  }, text);
}

/** Lines of two times in nanoseconds; servers restart one after the other or side by side. */
function unionMs(log: string, since: number): number {
  const spans = log
    .trim()
    .split("\n")
    .map((line) => line.split(" ").map((time) => Number(time) / 1e6))
    .flatMap(([begin, end]) => (begin === undefined || end === undefined || begin < since ? [] : [{ begin, end }]))
    .toSorted((one, other) => one.begin - other.begin);
  let covered = 0;
  let until = 0;
  for (const { begin, end } of spans) {
    covered += Math.max(0, end - Math.max(begin, until));
    until = Math.max(until, end);
  }
  return covered;
}
