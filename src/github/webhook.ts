import type { IncomingHttpHeaders } from "node:http";
import { hmacVerifier } from "../domain/webhook-signature.ts";
import { normaliseGitHub, whyUnused } from "./normalise.ts";

/** Up to this size a body is read at once, so that the answer can say `ignored`; a larger one is judged by its event alone. */
const READ_AT_ONCE_BYTES = 256 * 1024;

const SIGNATURE = /^sha256=([0-9a-f]{64})$/i;
const GUID = /^[0-9A-Za-z-]{8,64}$/;

/**
 * GitHub's side of `/webhooks/github`. Delivery id and event come in headers that are not signed: both only choose how the
 * signed body is read and whether it was seen before, never what it may do.
 * @throws when the secret is empty.
 */
export function githubWebhook(options: { readonly connection: string; readonly secret: string }) {
  if (options.secret === "") throw new Error(`the webhook secret of the GitHub connection ${options.connection} is empty: set one`);
  return {
    kind: "github",
    connection: options.connection,
    contentTypes: ["application/json"],
    storedHeaders: [
      "content-type",
      "user-agent",
      "x-github-delivery",
      "x-github-event",
      "x-github-hook-id",
      "x-github-hook-installation-target-id",
      "x-github-hook-installation-target-type",
    ],
    authenticate: (headers: IncomingHttpHeaders) => authenticate(options.secret, headers),
    /** The GUID of the event; a manual redelivery and a second hook on the same event carry the same. */
    deliveryId(headers: IncomingHttpHeaders, bodyDigest: string): string {
      const id = text(headers["x-github-delivery"]);
      return GUID.test(id) ? id : bodyDigest;
    },
    event(headers: IncomingHttpHeaders): string | null {
      const event = text(headers["x-github-event"]);
      return /^[a-z_]{1,64}$/.test(event) ? event : null;
    },
    ignore(event: string | null, body: Buffer): string | null {
      if (event === null) return "the header X-GitHub-Event names no event";
      const unused = whyUnused(event);
      if (unused !== null) return unused;
      if (body.length > READ_AT_ONCE_BYTES) return null;
      const read = normaliseGitHub(event, body);
      return read.kind === "ignored" ? read.reason : null;
    },
  };
}

function authenticate(secret: string, headers: IncomingHttpHeaders) {
  const hex = SIGNATURE.exec(text(headers["x-hub-signature-256"]))?.[1];
  if (hex === undefined) {
    const because = "X-Hub-Signature-256 is missing or is no SHA-256: set the webhook's secret to the one of this connection";
    return { kind: "missing", because } as const;
  }
  return { kind: "verifier", verifier: hmacVerifier(secret, [Buffer.from(hex, "hex")]) } as const;
}

function text(value: string | string[] | undefined): string {
  return typeof value === "string" ? value : "";
}
