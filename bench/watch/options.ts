import { parseArgs } from "node:util";

export type Options = {
  readonly rounds: number;
  /** Time between two looks where Sentry sends no webhooks. */
  readonly everySeconds: number;
  readonly write: boolean;
  /** A sentence for the page, of what else the machine did meanwhile. */
  readonly note: string;
};

/** @throws with a sentence when an option is not understood. */
export function optionsOf(words: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...words],
    options: {
      rounds: { type: "string", default: "7" },
      every: { type: "string", default: "5" },
      write: { type: "boolean", default: false },
      note: { type: "string", default: "" },
    },
  });
  return {
    rounds: whole(values.rounds, "--rounds"),
    everySeconds: whole(values.every, "--every"),
    write: values.write,
    note: values.note,
  };
}

function whole(text: string, name: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${name} takes a whole number from 1`);
  return number;
}
