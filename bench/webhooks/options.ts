import { parseArgs } from "node:util";
import { TO_PAGE, whole, type ToPage } from "../options.ts";

export type Options = ToPage & {
  readonly rounds: number;
  /** Of one turn of one app. */
  readonly seconds: number;
  /** Connections of the sender, each with one delivery under way. */
  readonly connections: number;
  /** Deliveries of the burst; 0: no burst. */
  readonly burst: number;
};

/** @throws with a sentence when an option is not understood. */
export function optionsOf(words: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...words],
    options: {
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "4" },
      connections: { type: "string", default: "32" },
      burst: { type: "string", default: "10000" },
      ...TO_PAGE,
    },
  });
  return {
    rounds: whole(values.rounds, "--rounds"),
    seconds: whole(values.seconds, "--seconds"),
    connections: whole(values.connections, "--connections"),
    burst: whole(values.burst, "--burst", 0),
    write: values.write,
    note: values.note,
  };
}
