import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { CLOCK_WINDOW_MS, hmacVerifier, standardSignatures } from "../domain/webhook-signature.ts";
import { normaliseGitLab } from "./normalise.ts";

/** Up to this size a body is read at once, so that the answer can say `ignored`; a larger one is judged when it is processed. */
const READ_AT_ONCE_BYTES = 256 * 1024;

const ID = /^[0-9A-Za-z._-]{1,128}$/;

export type GitLabWebhookOptions = {
  readonly connection: string;
  /** The hook's secret token; GitLab sends it as it is. */
  readonly secret: string | null;
  /** `whsec_...`, GitLab 19 and later. With one, only a signature counts. */
  readonly signingToken: string | null;
  now(): Date;
};

/**
 * GitLab's side of `/webhooks/gitlab`. Only a bad secret is answered 4xx: GitLab disables a hook for good after four of them in a
 * row, so that what we do not use is answered 202, too.
 * @throws when there is neither secret nor signing token, or the signing token is none.
 */
export function gitlabWebhook(options: GitLabWebhookOptions) {
  const { connection } = options;
  const authenticate = authenticationOf(options);
  return {
    kind: "gitlab",
    connection,
    contentTypes: ["application/json"],
    storedHeaders: [
      "content-type",
      "user-agent",
      "x-gitlab-event",
      "x-gitlab-instance",
      "x-gitlab-webhook-uuid",
      "x-gitlab-event-uuid",
      "idempotency-key",
      "webhook-id",
      "webhook-timestamp",
    ],
    authenticate,
    deliveryId,
    event(headers: IncomingHttpHeaders): string | null {
      const event = text(headers["x-gitlab-event"]);
      return /^[A-Za-z ]{1,64}$/.test(event) ? event : null;
    },
    ignore(_event: string | null, body: Buffer): string | null {
      if (body.length > READ_AT_ONCE_BYTES) return null;
      const read = normaliseGitLab(body);
      return read.kind === "ignored" ? read.reason : null;
    },
    stored: withoutVariables,
  };
}

function authenticationOf({ connection, secret, signingToken, now }: GitLabWebhookOptions) {
  if (signingToken !== null) {
    const key = signingKey(signingToken);
    if (key === null) throw new Error(`the signing token of the GitLab connection ${connection} is not one that GitLab showed: whsec_...`);
    return (headers: IncomingHttpHeaders) => authenticateSignature(key, headers, now());
  }
  if (secret === null || secret === "") throw new Error(`the GitLab connection ${connection} has no webhook secret: set one`);
  const digest = digestOf(secret);
  return (headers: IncomingHttpHeaders) => authenticateToken(digest, headers);
}

/** The digests are compared, so that neither the length nor the beginning of the secret shows in how long it takes. */
function authenticateToken(secret: Buffer, headers: IncomingHttpHeaders) {
  if (!timingSafeEqual(secret, digestOf(text(headers["x-gitlab-token"])))) {
    return missing("X-Gitlab-Token is missing or another one: set the webhook's secret token to the one of this connection");
  }
  return { kind: "verifier", verifier: { update() {}, verify: () => true } } as const;
}

/** Without a token of its own GitLab sends id and moment too, but no signature: that is not one more way in. */
function authenticateSignature(key: Buffer, headers: IncomingHttpHeaders, now: Date) {
  const id = text(headers["webhook-id"]);
  const timestamp = text(headers["webhook-timestamp"]);
  const given = standardSignatures(text(headers["webhook-signature"]));
  if (given.length === 0 || !ID.test(id) || !/^\d{1,12}$/.test(timestamp)) {
    return missing("webhook-id, webhook-timestamp or webhook-signature is missing: give the webhook the signing token of this connection");
  }
  if (Math.abs(now.getTime() - Number(timestamp) * 1000) > CLOCK_WINDOW_MS) {
    return missing("webhook-timestamp is more than 5 minutes from our time: are the clocks of GitLab and of this machine right?");
  }
  return { kind: "verifier", verifier: hmacVerifier(key, given, `${id}.${timestamp}.`) } as const;
}

/**
 * A resent delivery has the same `webhook-id` and `Idempotency-Key` (GitLab 17.4), and a new event UUID. Servers before that name
 * the event alone, which hooks and statuses share: with the hook and the body it is one.
 */
function deliveryId(headers: IncomingHttpHeaders, bodyDigest: string): string {
  for (const name of ["webhook-id", "idempotency-key"]) {
    const id = text(headers[name]);
    if (ID.test(id)) return id;
  }
  const [event, hook] = [text(headers["x-gitlab-event-uuid"]), text(headers["x-gitlab-webhook-uuid"])];
  return ID.test(event) ? digestOf(`${event} ${hook} ${bodyDigest}`).toString("hex") : bodyDigest;
}

/** A pipeline's variables may hold secrets, and nobody here reads them: they are not stored. What is no JSON is not, either. */
function withoutVariables(body: Buffer): Buffer {
  if (!body.includes('"variables"')) return body;
  try {
    const parsed: unknown = JSON.parse(body.toString());
    return Buffer.from(JSON.stringify(parsed, (key, value: unknown) => (key === "variables" ? [] : value)));
  } catch {
    return Buffer.alloc(0);
  }
}

/** Null: not base64 behind `whsec_`. */
function signingKey(token: string): Buffer | null {
  const base64 = /^whsec_([A-Za-z0-9+/]{16,}={0,2})$/.exec(token)?.[1];
  return base64 === undefined ? null : Buffer.from(base64, "base64");
}

function missing(because: string) {
  return { kind: "missing", because } as const;
}

function digestOf(words: string): Buffer {
  return createHash("sha256").update(words).digest();
}

function text(value: string | string[] | undefined): string {
  return typeof value === "string" ? value : "";
}
