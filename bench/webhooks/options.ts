import { parseArgs } from "node:util";

export type Options = {
  readonly rounds: number;
  /** Of one turn of one app. */
  readonly seconds: number;
  /** Connections of the sender, each with one delivery under way. */
  readonly connections: number;
  /** Deliveries of the burst; 0: no burst. */
  readonly burst: number;
  readonly write: boolean;
  /** A sentence for the page, of what else the machine did meanwhile. */
  readonly note: string;
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
      write: { type: "boolean", default: false },
      note: { type: "string", default: "" },
    },
  });
  return {
    rounds: whole(values.rounds, "--rounds", 1),
    seconds: whole(values.seconds, "--seconds", 1),
    connections: whole(values.connections, "--connections", 1),
    burst: whole(values.burst, "--burst", 0),
    write: values.write,
    note: values.note,
  };
}

function whole(text: string, name: string, least: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least) throw new Error(`${name} takes a whole number from ${least}`);
  return number;
}
