import { connect, createServer, type Socket } from "node:net";

/** A port behind which another one seems `ms` away, there and back: every byte waits for half of it in each direction. */
export async function openFarAway(port: number, ms: number): Promise<{ readonly port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: "127.0.0.1", port, noDelay: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk) => void setTimeout(() => void (to.destroyed || to.write(chunk)), ms / 2));
      from.on("error", () => to.destroy());
      from.on("close", () => setTimeout(() => to.destroy(), ms / 2));
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
