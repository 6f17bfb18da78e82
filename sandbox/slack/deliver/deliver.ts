import type { Context } from "../context.ts";
import type { Json } from "../json.ts";
import { ACK_MS } from "../limits.ts";
import { encode, postSigned } from "./http.ts";

export type EnvelopeKind = "slash_commands" | "interactive" | "events_api";
export type AckResult = "ok" | "operation_timeout" | "dispatch_failed" | "http_error";

/** What came back within 3 s. `body` is the ack's payload, undefined when it was empty. */
export type Ack = {
  readonly id: string;
  readonly result: AckResult;
  readonly status: number | null;
  readonly body: unknown;
  readonly latencyMs: number;
  readonly noRetry: boolean;
  readonly cause: string | null;
};

export type Delivery = {
  readonly kind: EnvelopeKind;
  /** For the log: "block_actions", "/deploy", "app_home_opened". */
  readonly label: string;
  readonly payload: Json;
  readonly acceptsResponse: boolean;
  readonly retry?: { readonly attempt: number; readonly reason: string };
};

type Raw = Omit<Ack, "id" | "latencyMs">;

/** So many are kept for `redeliver`. */
const KEPT = 100;

/** Sends one thing to the bot and waits for its ack, at most 3 s of the simulator's clock. `id` is given when it is sent again. */
export async function deliver(context: Context, delivery: Delivery, id: string = envelopeId(context)): Promise<Ack> {
  context.deliveries.set(id, delivery);
  const [oldest] = context.deliveries.keys();
  if (context.deliveries.size > KEPT && oldest !== undefined) context.deliveries.delete(oldest);
  // Latency is real time: it measures the bot, whatever the simulated clock says.
  const started = performance.now();
  const raw = await (context.requestUrl === null ? overSocket(context, id, delivery) : overHttp(context, context.requestUrl, delivery));
  const latencyMs = Math.round(performance.now() - started);
  context.metrics.acked({ id, kind: delivery.label, at: context.clock.now().toISOString(), latencyMs, result: raw.result });
  context.devChanged();
  return { ...raw, id, latencyMs };
}

function overSocket(context: Context, id: string, delivery: Delivery): Promise<Raw> {
  const retry =
    delivery.kind === "events_api" ? { retry_attempt: delivery.retry?.attempt ?? 0, retry_reason: delivery.retry?.reason ?? "" } : {};
  const body = { type: delivery.kind, payload: delivery.payload, accepts_response_payload: delivery.acceptsResponse, ...retry };
  return new Promise((resolve) => {
    const cancel = context.clock.after(ACK_MS, () => {
      context.sockets.forget(id);
      resolve({ result: "operation_timeout", status: null, body: undefined, noRetry: false, cause: "timeout" });
    });
    const sent = context.sockets.send({ id, body }, (payload) => {
      cancel();
      resolve({ result: "ok", status: 200, body: payload, noRetry: false, cause: null });
    });
    if (sent) return;
    cancel();
    resolve({ result: "dispatch_failed", status: null, body: undefined, noRetry: false, cause: "connection_failed" });
  });
}

async function overHttp(context: Context, url: string, delivery: Delivery): Promise<Raw> {
  const abort = new AbortController();
  let late = false;
  const cancel = context.clock.after(ACK_MS, () => {
    late = true;
    abort.abort();
  });
  const retry =
    delivery.retry && delivery.retry.attempt > 0
      ? { "x-slack-retry-num": String(delivery.retry.attempt), "x-slack-retry-reason": delivery.retry.reason }
      : {};
  try {
    const reply = await postSigned(context, { url, ...encode(delivery.kind, delivery.payload), headers: retry, signal: abort.signal });
    const good = reply.status >= 200 && reply.status < 300;
    const redirected = reply.status >= 300 && reply.status < 400;
    const cause = good ? null : redirected ? "too_many_redirects" : "http_error";
    return { result: good ? "ok" : "http_error", status: reply.status, body: reply.body, noRetry: reply.noRetry, cause };
  } catch {
    const result = late ? "operation_timeout" : "dispatch_failed";
    return { result, status: null, body: undefined, noRetry: false, cause: late ? "http_timeout" : "connection_failed" };
  } finally {
    cancel();
  }
}

/** UUID-shaped, counted. */
function envelopeId(context: Context): string {
  return `00000000-0000-4000-8000-${context.ids.next("").toLowerCase().padStart(12, "0")}`;
}
