import { Worker } from "node:worker_threads";
import type { WatchFigure } from "../domain/watch-figure.ts";

/** Drawing takes about a second on a busy machine; what takes longer than this hangs. */
const MOST_MS = 30_000;
/** Several times what it needs; a figure that were endless must not take the bot's memory with it. */
const MOST_MEMORY_MB = 256;

/** A picture of what a watch measured, as PNG. @throws when it could not be drawn */
export function drawFigure(figure: WatchFigure, timezone: string): Promise<Uint8Array> {
  // Nothing of the process goes along: neither its settings, which hold secrets, nor its options.
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: { figure, timezone },
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
  });
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const timer = setTimeout(() => reject(new Error("the picture was not drawn in time")), MOST_MS);
  worker.once("message", (png: unknown) => {
    if (png instanceof Uint8Array) resolve(png);
    else reject(new Error("what was drawn is no picture"));
  });
  worker.once("error", reject);
  worker.once("exit", (code) => reject(new Error(`the picture's thread ended with ${code}`)));
  return promise.finally(() => {
    clearTimeout(timer);
    void worker.terminate();
  });
}
