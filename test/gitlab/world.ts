import { createHmac } from "node:crypto";
import { startHttp } from "../../src/http/server.ts";
import { webhookRoutes } from "../../src/http/webhook-route.ts";
import type { Delivery } from "../../src/http/webhook-source.ts";
import { gitlabWebhook } from "../../src/gitlab/webhook.ts";
import { silent } from "../http/world.ts";

export const SECRET = "a-hook-secret-of-the-test";
export const SIGNING_TOKEN = `whsec_${Buffer.from("a signing token of the test").toString("base64")}`;

const now = (): Date => new Date();

/** The real server with two GitLab connections, `default` with a secret token and `signed` with a signing token; a store in memory. */
export async function startWorld() {
  const stored = new Map<string, Delivery>();
  const sources = [
    gitlabWebhook({ connection: "default", secret: SECRET, signingToken: null, now }),
    gitlabWebhook({ connection: "signed", secret: SECRET, signingToken: SIGNING_TOKEN, now }),
  ];
  async function store(delivery: Delivery): Promise<"stored" | "duplicate"> {
    if (stored.has(delivery.id)) return "duplicate";
    stored.set(delivery.id, { ...delivery, body: Buffer.from(delivery.body) });
    return "stored";
  }
  const server = await startHttp({
    port: 0,
    host: "127.0.0.1",
    routes: webhookRoutes({ sources, store, log: silent }),
    log: silent,
    ready: async () => ({ ok: true, because: [] }),
  });
  return { url: server.url, stored, [Symbol.asyncDispose]: () => server.close(0) };
}

/** Standard Webhooks, as GitLab 19 signs. */
export function signature(id: string, timestamp: string, body: string | Buffer, token = SIGNING_TOKEN): string {
  const key = Buffer.from(token.replace("whsec_", ""), "base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64")}`;
}

export function seconds(at = Date.now()): string {
  return String(Math.floor(at / 1000));
}

let deliveries = 0;

/** A delivery through the ordinary client, with the secret token at `default` and signed at `signed`; a header given as "" is not sent. */
export async function deliver(
  url: string,
  body: string | Buffer,
  options: { readonly connection?: "default" | "signed"; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly status: number; readonly json: Readonly<Record<string, unknown>> }> {
  deliveries += 1;
  const id = `msg_${deliveries}`;
  const timestamp = seconds();
  const connection = options.connection ?? "default";
  const own: Readonly<Record<string, string>> =
    connection === "default"
      ? { "x-gitlab-token": SECRET, "idempotency-key": id }
      : { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature(id, timestamp, body) };
  const headers = Object.entries({ "content-type": "application/json", "x-gitlab-event": "Pipeline Hook", ...own, ...options.headers });
  const response = await fetch(`${url}/webhooks/gitlab/${connection}`, {
    method: "POST",
    body,
    headers: Object.fromEntries(headers.filter(([, value]) => value !== "")),
  });
  return { status: response.status, json: JSON.parse(await response.text()) };
}
