import { createServer } from "node:net";

const MOST_TRIES = 50;

/** The first port from `preferred` on that nobody listens on, on 127.0.0.1. @throws after fifty busy ones */
export async function freePortFrom(preferred: number): Promise<number> {
  for (let port = preferred; port < preferred + MOST_TRIES; port += 1) if (await isFree(port)) return port;
  throw new Error(`ports ${preferred} to ${preferred + MOST_TRIES - 1} of 127.0.0.1 are all taken: say another one with --port`);
}

/** Below the range from which the kernel takes ports for connections, one of which could hold it in a moment when nobody listens. */
const FIRST_PORT = 10_000;
/** More than a world takes. */
const BLOCK = 50;
const BLOCKS = 400;
let taken = 0;

/**
 * A free port of 127.0.0.1 that stays ours over a restart. Worlds start side by side: each process looks in a block of its own, or two would
 * find the same port free before either listens.
 * @throws when all of the block are busy
 */
export async function anyFreePort(): Promise<number> {
  const first = FIRST_PORT + (process.pid % BLOCKS) * BLOCK;
  for (let tries = 0; tries < BLOCK; tries += 1) {
    const port = first + (taken % BLOCK);
    taken += 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`ports ${first} to ${first + BLOCK - 1} of 127.0.0.1 are all taken`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const probe = createServer();
    probe.once("error", () => answer(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => answer(true)));
  });
}
