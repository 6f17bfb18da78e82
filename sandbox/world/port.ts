import { randomInt } from "node:crypto";
import { createServer } from "node:net";

const MOST_TRIES = 50;

/** The first port from `preferred` on that nobody listens on, on 127.0.0.1. @throws after fifty busy ones */
export async function freePortFrom(preferred: number): Promise<number> {
  for (let port = preferred; port < preferred + MOST_TRIES; port += 1) if (await isFree(port)) return port;
  throw new Error(`ports ${preferred} to ${preferred + MOST_TRIES - 1} of 127.0.0.1 are all taken: say another one with --port`);
}

/**
 * A free port of 127.0.0.1 that stays ours over a restart: below the range from which the kernel takes ports for connections,
 * one of which could otherwise hold it in the moment when nobody listens.
 */
export function anyFreePort(): Promise<number> {
  return freePortFrom(randomInt(10_000, 30_000));
}

function isFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const probe = createServer();
    probe.once("error", () => answer(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => answer(true)));
  });
}
