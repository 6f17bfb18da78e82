import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import { asObject } from "../../sandbox/loopback.ts";
import type { JsonObject } from "../../sandbox/loopback.ts";

export type Received = {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly payload: JsonObject;
  readonly event: string;
};

/** The bot's side of the webhooks: keeps what arrives; answers 500 while `broken`. */
export async function startReceiver() {
  const received: Received[] = [];
  const state = { broken: false };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      response.writeHead(state.broken ? 500 : 202).end("{}");
      if (!state.broken)
        received.push({
          headers: request.headers,
          text,
          payload: asObject(JSON.parse(text)) ?? {},
          event: String(request.headers["x-github-event"]),
        });
    });
  });
  await new Promise<void>((listening) => {
    server.listen(0, "127.0.0.1", listening);
  });
  const address = server.address();
  const port = address === null || typeof address === "string" ? 0 : address.port;
  return {
    url: `http://127.0.0.1:${port}/webhooks/github`,
    received,
    state,
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** Waits until `look` gives something; the deadline is generous, a success is quick. */
export async function eventually<T>(
  what: string,
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  deadlineMs = 20_000,
): Promise<T> {
  for (const end = Date.now() + deadlineMs; Date.now() < end;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    await new Promise((later) => setTimeout(later, 25));
  }
  throw new Error(`${what} did not happen within ${deadlineMs} ms`);
}
