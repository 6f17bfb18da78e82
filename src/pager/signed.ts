import { createHmac } from "node:crypto";
import type { Page } from "../domain/page.ts";

/** The key of a secret as Standard Webhooks writes it. @throws when it is none: the configuration has asked before. */
export function signingKey(secret: string): Buffer {
  const base64 = /^whsec_([A-Za-z0-9+/]{16,}={0,2})$/.exec(secret)?.[1];
  if (base64 === undefined) throw new Error("a pager's secret is not `whsec_` and base64");
  return Buffer.from(base64, "base64");
}

/**
 * A call as a webhook signed by Standard Webhooks: HMAC-SHA256 over id, moment and body. A try that comes again has the same id, by
 * which it is told apart, and its own moment, since receivers refuse an old one.
 */
export function signed(key: Buffer, { id, at, page }: { readonly id: string; readonly at: Date; readonly page: Page }) {
  const body = JSON.stringify(plainBody(page, at));
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { body, headers: { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` } };
}

/** The envelope that Standard Webhooks asks for: type, timestamp, data. */
function plainBody(page: Page, at: Date) {
  const { event, since, deployment, ...rest } = page;
  return { type: `greenlight.${event}`, timestamp: at.toISOString(), data: { key: deployment, since: since.toISOString(), ...rest } };
}
