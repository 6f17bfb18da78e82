import { Worker } from "node:worker_threads";
import type { WatchFigure } from "../domain/watch-figure.ts";

/** It takes about a second of work, more on a busy machine; what takes longer than this hangs. Milliseconds. */
const MOST_MS = 60_000;
/** Twice what it needs, in megabytes: a figure without end must not take the bot's memory with it. */
const MEMORY = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 };

/** The last picture that was asked for: drawn one after the other, since each needs room of its own. */
let before: Promise<unknown> = Promise.resolve();

/** A picture of what a watch measured, as PNG. @throws when it could not be drawn */
export function drawFigure(figure: WatchFigure, timezone: string): Promise<Uint8Array> {
  const drawn = before.then(() => draw(figure, timezone));
  before = drawn.catch(() => undefined);
  return drawn;
}

async function draw(figure: WatchFigure, timezone: string): Promise<Uint8Array> {
  // Nothing of the process goes along: neither its settings, which hold secrets, nor its options.
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: { figure, timezone },
    env: {},
    execArgv: [],
    resourceLimits: MEMORY,
  });
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const timer = setTimeout(() => reject(new Error("the picture was not drawn in time")), MOST_MS);
  worker.once("message", (png: unknown) => {
    if (png instanceof Uint8Array) resolve(png);
    else reject(new Error("what was drawn is no picture"));
  });
  worker.once("error", reject);
  worker.once("exit", (code) => reject(new Error(`the picture's thread ended with ${code}`)));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
