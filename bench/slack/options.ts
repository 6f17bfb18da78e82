import { parseArgs } from "node:util";
import { TO_PAGE, whole, type ToPage } from "../options.ts";

export const MODES = ["http", "socket"] as const;
/** How Slack reaches the app. */
export type Mode = (typeof MODES)[number];

export type Options = ToPage & {
  readonly modes: readonly Mode[];
  readonly rounds: number;
  /** Of one turn of one app. */
  readonly seconds: number;
  readonly perSecond: number;
};

/** @throws with a sentence when an option is not understood. */
export function optionsOf(words: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...words],
    options: {
      modes: { type: "string", default: MODES.join(",") },
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "4" },
      rate: { type: "string", default: "50" },
      ...TO_PAGE,
    },
  });
  const modes = MODES.filter((mode) => values.modes.split(",").includes(mode));
  if (modes.length === 0) throw new Error(`--modes takes ${MODES.join(" and ")}`);
  return {
    modes,
    rounds: whole(values.rounds, "--rounds"),
    seconds: whole(values.seconds, "--seconds"),
    perSecond: whole(values.rate, "--rate"),
    write: values.write,
    note: values.note,
  };
}
