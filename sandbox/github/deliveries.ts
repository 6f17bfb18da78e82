import { createHmac, randomUUID } from "node:crypto";
import type { JsonObject } from "../loopback.ts";
import { asText } from "../loopback.ts";

export type Webhook = { readonly url: string; readonly secret: string };

/** One attempt to hand an event to the hook. A redelivery is a new attempt with the old `guid`. */
export type Delivery = {
  readonly id: number;
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly deliveredAt: Date;
  readonly redelivery: boolean;
  readonly durationSeconds: number;
  /** HTTP status of the receiver; 0 when there was none. */
  readonly statusCode: number;
  readonly status: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  /** The exact text that was signed and sent. */
  readonly body: string;
  readonly responseBody: string;
};

export type Deliveries = ReturnType<typeof createDeliveries>;

/** GitHub gives a receiver 10 s and never tries again by itself. */
const TIMEOUT_MS = 10_000;
const RESPONSE_KEPT_CHARACTERS = 2_000;

/** Sends signed webhooks and remembers every attempt, failed ones too, as GitHub does. */
export function createDeliveries(options: {
  readonly webhook: Webhook;
  readonly hookId: number;
  readonly repositoryId: number;
  readonly newId: () => number;
  readonly log?: ((line: string) => void) | undefined;
}) {
  const kept: Delivery[] = [];
  const underway = new Set<Promise<unknown>>();
  let duplicates = 0;

  async function attempt(event: {
    guid: string;
    event: string;
    action: string | null;
    body: string;
    redelivery: boolean;
  }): Promise<Delivery> {
    const requestHeaders = headersFor(options, event);
    const started = Date.now();
    const answer = await post(options.webhook.url, requestHeaders, event.body);
    const delivery: Delivery = {
      id: options.newId(),
      ...event,
      deliveredAt: new Date(started),
      durationSeconds: (Date.now() - started) / 1000,
      ...answer,
      requestHeaders,
    };
    kept.push(delivery);
    options.log?.(`webhook ${event.event}${event.action === null ? "" : `.${event.action}`} -> ${answer.statusCode || answer.status}`);
    return delivery;
  }

  function track<T>(work: Promise<T>): Promise<T> {
    underway.add(work);
    void work.finally(() => underway.delete(work));
    return work;
  }

  /** Sends one event; does not wait for the receiver, like the original. */
  function send(event: string, payload: JsonObject): void {
    const sent = { guid: randomUUID(), event, action: asText(payload["action"]), body: JSON.stringify(payload), redelivery: false };
    void track(attempt(sent));
    if (duplicates > 0) {
      duplicates -= 1;
      void track(attempt(sent));
    }
  }

  /** The same guid and bytes again; null when no such delivery is known. */
  async function redeliver(id: number): Promise<Delivery | null> {
    const old = kept.find((delivery) => delivery.id === id);
    if (old === undefined) return null;
    return track(attempt({ guid: old.guid, event: old.event, action: old.action, body: old.body, redelivery: true }));
  }

  /** Newest first, as the API lists them. */
  const list = () => kept.toReversed();
  const duplicateNext = () => void (duplicates += 1);
  const settled = async () => {
    while (underway.size > 0) await Promise.allSettled(underway);
  };
  return { send, redeliver, list, duplicateNext, settled };
}

function headersFor(
  options: { webhook: Webhook; hookId: number; repositoryId: number },
  event: { guid: string; event: string; body: string },
) {
  return {
    accept: "*/*",
    "content-type": "application/json",
    "user-agent": "GitHub-Hookshot/5a1db0f",
    "x-github-delivery": event.guid,
    "x-github-event": event.event,
    "x-github-hook-id": String(options.hookId),
    "x-github-hook-installation-target-id": String(options.repositoryId),
    "x-github-hook-installation-target-type": "repository",
    "x-hub-signature-256": `sha256=${createHmac("sha256", options.webhook.secret).update(event.body).digest("hex")}`,
  };
}

async function post(url: string, headers: Readonly<Record<string, string>>, body: string) {
  try {
    const response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.text();
    const status = response.ok ? "OK" : `Invalid HTTP Response: ${response.status}`;
    return { statusCode: response.status, status, responseBody: text.slice(0, RESPONSE_KEPT_CHARACTERS) };
  } catch (fault) {
    const timedOut = fault instanceof Error && fault.name === "TimeoutError";
    return { statusCode: 0, status: timedOut ? "timed out" : "failed to connect to host", responseBody: "" };
  }
}
