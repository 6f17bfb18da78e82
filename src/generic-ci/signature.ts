import type { IncomingHttpHeaders } from "node:http";
import { CLOCK_WINDOW_MS, hmacVerifier, standardSignatures } from "../domain/webhook-signature.ts";

const ID = /^[A-Za-z0-9._-]{1,128}$/;
const HUB = /^sha256=([0-9a-f]{64})$/i;

/** The two ways to sign: Standard Webhooks (id and moment are signed with the body), or as GitHub does (the body alone). */
export function authenticateCi(secret: string, headers: IncomingHttpHeaders, now: Date) {
  const standard = text(headers["webhook-signature"]);
  if (standard !== "") return authenticateStandard(keyOf(secret), headers, standard, now);
  const hex = HUB.exec(text(headers["x-hub-signature-256"]))?.[1];
  if (hex === undefined) return missing("send webhook-id, webhook-timestamp and webhook-signature (docs/ci.md), or X-Hub-Signature-256");
  return verifierOf(Buffer.from(secret), "", [Buffer.from(hex, "hex")]);
}

/** Whether id and moment are signed too: then they may be believed. */
export function isStandard(headers: IncomingHttpHeaders): boolean {
  return text(headers["webhook-signature"]) !== "";
}

function authenticateStandard(key: Buffer, headers: IncomingHttpHeaders, signatures: string, now: Date) {
  const id = text(headers["webhook-id"]);
  if (!ID.test(id)) return missing("webhook-id must be a text of letters, digits, `-`, `_` and `.`, at most 128, new for each message");
  const timestamp = text(headers["webhook-timestamp"]);
  if (!/^\d{1,12}$/.test(timestamp)) return missing("webhook-timestamp must be the seconds since 1970, as `date +%s` prints");
  if (Math.abs(now.getTime() - Number(timestamp) * 1000) > CLOCK_WINDOW_MS) {
    return missing("webhook-timestamp is more than 5 minutes from our time: is the sender's clock right?");
  }
  const given = standardSignatures(signatures);
  if (given.length === 0) return missing("webhook-signature must be `v1,` and the HMAC-SHA256 of `ID.TIMESTAMP.BODY` in base64");
  return verifierOf(key, `${id}.${timestamp}.`, given);
}

function verifierOf(key: Buffer, before: string, given: readonly Buffer[]) {
  return { kind: "verifier", verifier: hmacVerifier(key, given, before) } as const;
}

/** `whsec_` and base64 as Standard Webhooks has it; any other text is the key as it is. */
export function keyOf(secret: string): Buffer {
  return secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : Buffer.from(secret);
}

function missing(because: string) {
  return { kind: "missing", because } as const;
}

function text(value: string | string[] | undefined): string {
  return typeof value === "string" ? value : "";
}
