import { createServer } from "node:http";
import type { ServerResponse } from "node:http";

export type Asked = { readonly method: string; readonly url: URL; readonly authorization: string | null; readonly body: string };
export type Reply =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: unknown;
      readonly text?: string;
      readonly afterMs?: number;
    }
  | "hang";

export type FarSide = { readonly url: string; readonly asked: Asked[]; [Symbol.asyncDispose](): Promise<void> };

/** The far side of the wire: a loopback server that answers as told and remembers what it was asked. */
export async function startFarSide(answer: (asked: Asked) => Reply): Promise<FarSide> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://far-side");
      const body = Buffer.concat(chunks).toString("utf8");
      const one = { method: request.method ?? "", url, authorization: request.headers.authorization ?? null, body };
      asked.push(one);
      send(response, answer(one));
    });
  });
  await new Promise<void>((listening) => {
    server.listen(0, "127.0.0.1", listening);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the far side has no port");
  async function close(): Promise<void> {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
  return { url: `http://127.0.0.1:${address.port}`, asked, [Symbol.asyncDispose]: close };
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply === "hang") return;
  if (reply.afterMs !== undefined && reply.afterMs > 0)
    return void setTimeout(() => send(response, { ...reply, afterMs: 0 }), reply.afterMs);
  response.writeHead(reply.status ?? 200, { "content-type": "application/json", ...reply.headers });
  response.end(reply.text ?? JSON.stringify(reply.body ?? null));
}
