import { parseArgs } from "node:util";

export const MODES = ["http", "socket"] as const;
/** How Slack reaches the app. */
export type Mode = (typeof MODES)[number];

export type Options = {
  readonly modes: readonly Mode[];
  readonly rounds: number;
  /** Of one turn of one app. */
  readonly seconds: number;
  readonly perSecond: number;
  readonly write: boolean;
  /** A sentence for the page, of what else the machine did meanwhile. */
  readonly note: string;
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
      write: { type: "boolean", default: false },
      note: { type: "string", default: "" },
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

function whole(text: string, name: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${name} takes a whole number from 1`);
  return number;
}
