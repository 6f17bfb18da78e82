import type { IncomingHttpHeaders } from "node:http";
import { hmacVerifier } from "../domain/webhook-signature.ts";
import { hintToStore, readHint } from "./hint.ts";

const SIGNATURE = /^[0-9a-f]{64}$/i;

/**
 * Sentry's side of `/webhooks/sentry`: an internal integration, signed over the bytes with its client secret. Resource and time come in
 * headers that are not signed; nothing is decided by them. A webhook only makes the bot look sooner.
 * @throws when the secret is empty.
 */
export function sentryWebhook(options: { readonly connection: string; readonly secret: string }) {
  if (options.secret === "") throw new Error(`the webhook secret of the Sentry connection ${options.connection} is empty: set one`);
  return {
    kind: "sentry",
    connection: options.connection,
    contentTypes: ["application/json"],
    storedHeaders: ["content-type", "request-id", "sentry-hook-resource", "sentry-hook-timestamp"],
    authenticate: (headers: IncomingHttpHeaders) => authenticate(options.secret, headers),
    /** `Request-ID` is new with each attempt: what is the same is the body. */
    deliveryId: (_headers: IncomingHttpHeaders, bodyDigest: string): string => bodyDigest,
    event(headers: IncomingHttpHeaders): string | null {
      const resource = text(headers["sentry-hook-resource"]);
      return /^[a-z_]{1,64}$/.test(resource) ? resource : null;
    },
    ignore(_event: string | null, body: Buffer): string | null {
      const read = readHint(body);
      return read.kind === "ignored" ? read.reason : null;
    },
    stored: hintToStore,
  };
}

function authenticate(secret: string, headers: IncomingHttpHeaders) {
  // Older installations sign under the second name.
  const hex = text(headers["sentry-hook-signature"]) || text(headers["sentry-app-signature"]);
  if (!SIGNATURE.test(hex)) {
    const because =
      "Sentry-Hook-Signature is missing or is no SHA-256: set the integration's client secret as this connection's webhook secret";
    return { kind: "missing", because } as const;
  }
  return { kind: "verifier", verifier: hmacVerifier(secret, [Buffer.from(hex, "hex")]) } as const;
}

function text(value: string | string[] | undefined): string {
  return typeof value === "string" ? value : "";
}
