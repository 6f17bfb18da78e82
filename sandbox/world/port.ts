import { createServer } from "node:net";

const MOST_TRIES = 50;

/** The first port from `preferred` on that nobody listens on, on 127.0.0.1. @throws after fifty busy ones */
export async function freePortFrom(preferred: number): Promise<number> {
  for (let port = preferred; port < preferred + MOST_TRIES; port += 1) if ((await listensOn(port)) !== null) return port;
  throw new Error(`ports ${preferred} to ${preferred + MOST_TRIES - 1} of 127.0.0.1 are all taken: say another one with --port`);
}

/** Any free port of 127.0.0.1. */
export async function anyFreePort(): Promise<number> {
  const port = await listensOn(0);
  if (port === null) throw new Error("127.0.0.1 has no free port");
  return port;
}

/** The port that could be listened on for a moment; null when it is taken. */
function listensOn(port: number): Promise<number | null> {
  return new Promise((answer) => {
    const probe = createServer();
    probe.once("error", () => answer(null));
    probe.listen(port, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => answer(typeof address === "object" && address !== null ? address.port : null));
    });
  });
}
