import { createHmac } from "node:crypto";
import { connect } from "node:net";
import type { HttpLimits } from "../../src/http/limits.ts";
import type { HttpLog } from "../../src/http/log.ts";
import type { Route } from "../../src/http/route.ts";
import { startHttp } from "../../src/http/server.ts";
import { webhookRoutes } from "../../src/http/webhook-route.ts";
import type { Delivery } from "../../src/http/webhook-source.ts";
import { githubWebhook } from "../../src/github/webhook.ts";

export const SECRET = "a-secret-of-the-test";

export const silent: HttpLog = { debug() {}, warn() {}, error() {} };

/** The real server with GitHub's source and a store in memory. */
export async function startWorld(
  options: { readonly limits?: Partial<HttpLimits>; readonly routes?: readonly Route[]; readonly brokenStore?: boolean } = {},
) {
  const stored = new Map<string, Delivery>();
  const sources = [
    githubWebhook({ connection: "default", secret: SECRET }),
    githubWebhook({ connection: "acme", secret: "another-secret" }),
  ];
  async function store(delivery: Delivery): Promise<"stored" | "duplicate"> {
    if (options.brokenStore === true) throw new Error("the database is away");
    if (stored.has(delivery.id)) return "duplicate";
    stored.set(delivery.id, { ...delivery, body: Buffer.from(delivery.body) });
    return "stored";
  }
  const server = await startHttp({
    port: 0,
    host: "127.0.0.1",
    routes: [...webhookRoutes({ sources, store, log: silent }), ...(options.routes ?? [])],
    log: silent,
    ready: async () => ({ ok: true, because: [] }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  return { url: server.url, port: server.port, stored, [Symbol.asyncDispose]: () => server.close(0) };
}

export function sign(body: string | Uint8Array, secret = SECRET): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}

let deliveries = 0;

/** A signed GitHub delivery through the ordinary client; each call has a new id unless one is given. */
export async function deliver(
  url: string,
  event: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly json: Readonly<Record<string, unknown>> }> {
  deliveries += 1;
  const response = await fetch(`${url}/webhooks/github`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-github-event": event,
      "x-github-delivery": `00000000-0000-4000-8000-${String(deliveries).padStart(12, "0")}`,
      "x-hub-signature-256": sign(body),
      ...headers,
    },
  });
  return { status: response.status, json: JSON.parse(await response.text()) };
}

/**
 * Speaks to the port by hand: sends the head and `bytes` of a body, and says what came back before the server closed or
 * `until` matched, and how much of the body it took.
 */
export function rawRequest(
  port: number,
  request: { readonly head: readonly string[]; readonly body?: Iterable<Buffer>; readonly until?: RegExp },
): Promise<{ readonly answer: string; readonly sent: number }> {
  return new Promise((resolve) => {
    let answer = "";
    let sent = 0;
    const body = request.body?.[Symbol.iterator]();
    const socket = connect({ port, host: "127.0.0.1" });
    const done = () => {
      socket.destroy();
      resolve({ answer, sent: Math.max(0, socket.bytesWritten - sent) });
    };
    function more(): void {
      for (;;) {
        const next = body?.next();
        if (next === undefined || next.done === true || socket.destroyed) return;
        if (!socket.write(next.value)) return void socket.once("drain", more);
      }
    }
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      if (request.until?.test(answer) === true) done();
    });
    socket.on("error", () => {});
    socket.on("close", done);
    socket.on("end", done);
    socket.on("connect", () => {
      const head = `${request.head.join("\r\n")}\r\n\r\n`;
      sent = Buffer.byteLength(head);
      socket.write(head);
      more();
    });
  });
}
