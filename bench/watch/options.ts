import { parseArgs } from "node:util";
import { TO_PAGE, whole, type ToPage } from "../options.ts";

export type Options = ToPage & {
  readonly rounds: number;
  /** Time between two looks where Sentry sends no webhooks. */
  readonly everySeconds: number;
};

/** @throws with a sentence when an option is not understood. */
export function optionsOf(words: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...words],
    options: {
      rounds: { type: "string", default: "7" },
      every: { type: "string", default: "5" },
      ...TO_PAGE,
    },
  });
  return {
    rounds: whole(values.rounds, "--rounds"),
    everySeconds: whole(values.every, "--every"),
    write: values.write,
    note: values.note,
  };
}
