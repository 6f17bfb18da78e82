import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { TO_PAGE, whole } from "../options.ts";

/** The tests and the choice of the rule's constants used others. */
const SEED = 20_261_123;

export type Options = {
  /** Of a cell without a change: false alarms are rare, so they take more. */
  readonly unchangedRuns: number;
  readonly runs: number;
  readonly seed: number;
  /** Only cells whose name has this in it. */
  readonly cells: string;
  readonly workers: number;
  readonly write: boolean;
};

/** @throws with a sentence when an option is not understood. */
export function optionsOf(words: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...words],
    options: {
      unchanged: { type: "string", default: "10000" },
      runs: { type: "string", default: "2000" },
      seed: { type: "string", default: String(SEED) },
      cells: { type: "string", default: "" },
      workers: { type: "string", default: String(cpus().length) },
      write: TO_PAGE.write,
    },
  });
  return {
    unchangedRuns: whole(values.unchanged, "--unchanged"),
    runs: whole(values.runs, "--runs"),
    seed: whole(values.seed, "--seed"),
    cells: values.cells,
    workers: whole(values.workers, "--workers"),
    write: values.write,
  };
}
