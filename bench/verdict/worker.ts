import { parentPort } from "node:worker_threads";
import type { Cell } from "./cells.ts";
import { runCell } from "./run.ts";

/** Runs the cells it is sent, one at a time. */
parentPort?.on("message", ({ cell, runs, seed }: { readonly cell: Cell; readonly runs: number; readonly seed: number }) =>
  parentPort?.postMessage(runCell(cell, runs, seed)),
);
