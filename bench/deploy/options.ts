import { parseArgs } from "node:util";
import { TO_PAGE, whole, type ToPage } from "../options.ts";
import { PEERS } from "./peers.ts";
import { RECIPES, type Recipe } from "./recipes.ts";

/** Ours, among the names of the tools. */
export const GREENLIGHT = "greenlight";
const TOOLS = [...PEERS.map((peer) => peer.name), GREENLIGHT];

export type Options = ToPage & {
  readonly rounds: number;
  readonly hosts: readonly number[];
  readonly recipes: readonly Recipe[];
  readonly tools: readonly string[];
  /** No further round begins after this many minutes. */
  readonly minutes: number;
  /** Only the comparison with the other tools, not the loud step and the detached one. */
  readonly seriesOnly: boolean;
};

/** @throws with a sentence when an option is not understood. */
export function optionsOf(words: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...words],
    options: {
      rounds: { type: "string", default: "7" },
      hosts: { type: "string", default: "1,4,16" },
      recipe: { type: "string", default: RECIPES.join(",") },
      tools: { type: "string", default: TOOLS.join(",") },
      minutes: { type: "string", default: "8" },
      only: { type: "string", default: "" },
      ...TO_PAGE,
    },
  });
  const hosts = values.hosts.split(",").map(Number);
  const recipes = RECIPES.filter((recipe) => values.recipe.split(",").includes(recipe));
  const tools = values.tools.split(",");
  const unknown = tools.filter((tool) => !TOOLS.includes(tool));
  if (unknown.length > 0) throw new Error(`no tool is called ${unknown.join(", ")}; there are ${TOOLS.join(", ")}`);
  if (recipes.length === 0) throw new Error(`--recipe takes ${RECIPES.join(" and ")}`);
  if (!hosts.every((count) => Number.isInteger(count) && count >= 1 && count <= 16)) throw new Error("--hosts takes numbers from 1 to 16");
  return {
    rounds: whole(values.rounds, "--rounds"),
    hosts,
    recipes,
    tools,
    minutes: Number(values.minutes),
    write: values.write,
    seriesOnly: values.only === "series",
    note: values.note,
  };
}
