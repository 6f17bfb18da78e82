import type { ServerResponse } from "node:http";
import type { Change } from "./bus.ts";
import type { Context } from "./context.ts";
import { devOf, snapshotOf } from "./snapshot.ts";

/** The strip's figures are sent at most this often. */
const DEV_MS = 250;
/** Calls of the last minute fade without anything happening. */
const FADE_MS = 5_000;

/** Gathers changes of the strip's figures into few messages. */
export function createDevTicker(send: () => void): { changed: () => void; close: () => void } {
  let waiting: NodeJS.Timeout | null = null;
  const fade = setInterval(send, FADE_MS);
  fade.unref();
  return {
    changed() {
      waiting ??= setTimeout(() => {
        waiting = null;
        send();
      }, DEV_MS);
      waiting.unref();
    },
    close() {
      clearInterval(fade);
      if (waiting) clearTimeout(waiting);
    },
  };
}

export function sendDev(context: Context): void {
  context.bus.emit({ topic: "dev", key: "dev", value: devOf(context) });
}

/** GET /_sim/stream: the whole state, then each change. */
export function openStream(context: Context, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store", "x-accel-buffering": "no" });
  write(response, "state", snapshotOf(context));
  const leave = context.bus.subscribe((change: Change) => write(response, "change", change));
  response.on("close", leave);
}

function write(response: ServerResponse, event: string, data: unknown): void {
  response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
