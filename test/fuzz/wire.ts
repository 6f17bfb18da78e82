import { connect, type Socket } from "node:net";

export type Sent = {
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
  readonly chunked: boolean;
};

/** A connection that stays open, and writes headers as they are: an ordinary client would refuse half of them. */
export function openWire(port: number) {
  let socket: Socket | null = null;
  let received = "";
  let waiting: ((status: number) => void) | null = null;
  function answered(status: number): void {
    const settle = waiting;
    waiting = null;
    settle?.(status);
  }
  function take(chunk: Buffer): void {
    received += chunk.toString("latin1");
    for (;;) {
      const end = received.indexOf("\r\n\r\n");
      if (end === -1) return;
      const head = received.slice(0, end);
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (received.length < end + 4 + length) return;
      received = received.slice(end + 4 + length);
      const status = Number(head.slice(9, 12));
      if (status === 100) continue;
      if (/\r\nconnection: close/i.test(head)) drop();
      answered(status);
    }
  }
  function drop(): void {
    socket?.destroy();
    socket = null;
    received = "";
  }
  function opened(): Socket {
    if (socket !== null) return socket;
    const fresh = connect({ port, host: "127.0.0.1", noDelay: true });
    fresh.on("data", (chunk) => fresh === socket && take(chunk));
    fresh.on("error", () => undefined);
    fresh.on("close", () => {
      if (fresh !== socket) return;
      drop();
      answered(0);
    });
    socket = fresh;
    return fresh;
  }
  return {
    /** The status; 0: the connection was closed without an answer. */
    send({ path, headers, body, chunked }: Sent): Promise<number> {
      const length = chunked ? "transfer-encoding: chunked" : `content-length: ${body.length}`;
      const head = [`POST ${path} HTTP/1.1`, "host: greenlight.test", length, ...headers.map(([name, value]) => `${name}: ${value}`)].join(
        "\r\n",
      );
      const framed = chunked
        ? Buffer.concat([
            Buffer.from(body.length === 0 ? "" : `${body.length.toString(16)}\r\n`),
            body,
            Buffer.from(body.length === 0 ? "0\r\n\r\n" : "\r\n0\r\n\r\n"),
          ])
        : body;
      return new Promise((resolve) => {
        waiting = resolve;
        opened().write(Buffer.concat([Buffer.from(`${head}\r\n\r\n`, "latin1"), framed]));
      });
    },
    close: drop,
  };
}
