import { loadNow } from "../machine.ts";
import { FAR_MS, runDetached } from "./detached.ts";
import { openFleet } from "./fleet.ts";
import { environmentOf, startBot } from "./greenlight.ts";
import { GREENLIGHT, optionsOf } from "./options.ts";
import { runLoud } from "./output.ts";
import { PEERS, versionOf } from "./peers.ts";
import { reportText, writeReport, type Findings } from "./report.ts";
import { runSeries, type Series } from "./rounds.ts";
import { seriesTable } from "./table.ts";

/** Deployments after which the bot is one that has been running: its code is compiled, its pools are open. */
const WARM_UP = 12;
/** Rounds of what is measured beside the series: each takes seconds. */
const FEW = 5;

const options = optionsOf(process.argv.slice(2));
const loadBefore = loadNow();
const until = performance.now() + options.minutes * 60_000;
const versions = new Map(PEERS.map((peer) => [peer.name, versionOf(peer)]));
const tools = options.tools.filter((tool) => tool === GREENLIGHT || (versions.get(tool) ?? null) !== null);
for (const peer of PEERS) if (options.tools.includes(peer.name) && !tools.includes(peer.name)) console.log(`not here: ${peer.name}`);
await using fleet = await openFleet(options.hosts);
await using bot = await startBot(fleet, options.hosts);
// Servers of a run that is cut short would stay behind.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void leave());
const [smallest = 1] = options.hosts;
if (tools.includes(GREENLIGHT))
  for (let run = 0; run < WARM_UP; run += 1) {
    await fleet.dropSessions();
    await bot.deploy(environmentOf(smallest, "null"), fleet.revisions[run % 2 === 0 ? 0 : 1]);
  }
const series: Series[] = [];
for (const hosts of options.hosts)
  for (const recipe of options.recipes) {
    const one = await runSeries({ fleet, bot, options, tools, until }, hosts, recipe);
    series.push(one);
    console.log(`${seriesTable([one])}\n`);
  }
const more = tools.includes(GREENLIGHT) && !options.seriesOnly;
const found: Findings = {
  options,
  loadBefore,
  versions: [...new Set([...versions.values()].flatMap((version) => version ?? []))],
  series,
  loud: more ? await runLoud(fleet, bot, Math.min(options.rounds, FEW)) : null,
  near: more ? await runDetached(fleet, options.rounds * FEW, 0) : null,
  far: more ? await runDetached(fleet, options.rounds + FEW, FAR_MS) : null,
};
console.log(reportText(found));
if (options.write) writeReport(found);

async function leave(): Promise<void> {
  await fleet[Symbol.asyncDispose]();
  process.exit(130);
}
