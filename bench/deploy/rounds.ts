import { directoryOf, type Fleet } from "./fleet.ts";
import { environmentOf, type Bot } from "./greenlight.ts";
import { GREENLIGHT, type Options } from "./options.ts";
import { FLOOR, PEERS, timePeer, type Job } from "./peers.ts";
import type { Recipe } from "./recipes.ts";
import { median } from "../statistics.ts";
import type { Mark } from "./timed-target.ts";

/** One tool at one number of hosts with one recipe: medians of all rounds, and of the ratios to the floor of the same round. */
export type Cell = { readonly tool: string; readonly ms: number; readonly ratio: number; readonly rounds: number };
export type Series = {
  readonly hosts: number;
  readonly recipe: Recipe;
  readonly cells: readonly Cell[];
  readonly marks: readonly (readonly Mark[])[];
};

/**
 * Every tool once a round, each round beginning with another one, so that a busy minute meets all alike. The first round warms up
 * and does not count. Each tool goes to and fro between the two commits, and finds the hosts where it left them.
 */
export async function runSeries(
  about: { readonly fleet: Fleet; readonly bot: Bot; readonly options: Options; readonly tools: readonly string[]; readonly until: number },
  hosts: number,
  recipe: Recipe,
): Promise<Series> {
  const { fleet, bot, options, tools } = about;
  const rounds: Map<string, number>[] = [];
  const marks: (readonly Mark[])[] = [];
  for (let round = -1; round < options.rounds; round += 1) {
    if (round > 0 && performance.now() > about.until) break;
    const [from, revision] = round % 2 === 0 ? fleet.revisions : fleet.revisions.toReversed();
    if (from === undefined || revision === undefined) throw new Error("the fleet has no two commits");
    const took = new Map<string, number>();
    for (let turn = 0; turn < tools.length; turn += 1) {
      const tool = tools[(turn + round + 1) % tools.length] ?? FLOOR;
      const job: Job = { fleet, hosts: fleet.hosts.slice(0, hosts), recipe, directory: directoryOf(hosts, recipe), revision };
      if (recipe === "fake") for (const host of job.hosts) fleet.placeAt(host, job.directory, from);
      await fleet.dropSessions();
      took.set(tool, tool === GREENLIGHT ? await ours(bot, job, marks) : await theirs(tool, job));
      check(tool, job);
    }
    if (round >= 0) rounds.push(took);
  }
  return { hosts, recipe, cells: tools.map((tool) => cellOf(tool, rounds)), marks: marks.slice(1) };
}

async function ours(bot: Bot, job: Job, marks: (readonly Mark[])[]): Promise<number> {
  const told = await bot.deploy(environmentOf(job.hosts.length, job.recipe), job.revision);
  marks.push(told.marks);
  return told.ms;
}

async function theirs(tool: string, job: Job): Promise<number> {
  const peer = PEERS.find(({ name }) => name === tool);
  if (peer === undefined) throw new Error(`no tool is called ${tool}`);
  return timePeer(peer, job);
}

/** A tool that did not do the work is not fast. */
function check(tool: string, job: Job): void {
  if (job.recipe === "null") return;
  for (const host of job.hosts) {
    const head = job.fleet.headOf(host, job.directory);
    if (head !== job.revision) throw new Error(`${tool} left ${host.name} at ${head}, not ${job.revision}`);
  }
}

function cellOf(tool: string, rounds: readonly ReadonlyMap<string, number>[]): Cell {
  const of = (name: string): readonly number[] => rounds.map((round) => round.get(name) ?? Number.NaN);
  const floor = of(FLOOR);
  return {
    tool,
    ms: median(of(tool)),
    ratio: median(of(tool).map((ms, index) => ms / (floor[index] ?? Number.NaN))),
    rounds: rounds.length,
  };
}
