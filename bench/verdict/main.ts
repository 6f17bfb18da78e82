import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { writeSection } from "../page.ts";
import { allCells, isUnchanged, nameOf } from "./cells.ts";
import { optionsOf } from "./options.ts";
import { reportText, rowText } from "./report.ts";
import type { Found } from "./run.ts";

const options = optionsOf(process.argv.slice(2));
const cells = allCells().filter((cell) => nameOf(cell).includes(options.cells));
if (cells.length === 0) throw new Error(`no cell has "${options.cells}" in its name`);
const began = performance.now();
const found: Found[] = [];
let next = 0;
await Promise.all(Array.from({ length: Math.min(options.workers, cells.length) }, () => work()));
const ordered = cells.flatMap((cell) => found.find((one) => nameOf(one.cell) === nameOf(cell)) ?? []);
const text = reportText(options, ordered, (performance.now() - began) / 1000);
console.log(`\n${text}`);
if (options.write) writeSection("verdict", text);

async function work(): Promise<void> {
  const worker = new Worker(new URL("worker.ts", import.meta.url));
  for (let cell = cells[next]; cell !== undefined; cell = cells[next]) {
    next += 1;
    worker.postMessage({ cell, runs: isUnchanged(cell) ? options.unchangedRuns : options.runs, seed: options.seed });
    const [answer] = (await once(worker, "message")) as [Found];
    found.push(answer);
    console.log(rowText(answer));
  }
  await worker.terminate();
}
