import type { IncomingHttpHeaders } from "node:http";

/** Computes a signature while the body comes in; `verify` compares in constant time and never throws. */
export type Verifier = { update(chunk: Buffer): void; verify(): boolean };

/** `missing`: no usable signature was sent, which is known before the body. The sentence says what to set. */
export type Authentication =
  | { readonly kind: "missing"; readonly because: string }
  | { readonly kind: "verifier"; readonly verifier: Verifier };

/** Who may send us deliveries, and what of them is read before they are stored. Each adapter makes its own; nothing of it does I/O. */
export type WebhookSource = {
  /** The part of the path: `github`, `gitlab`, `ci`, `sentry` ... */
  readonly kind: string;
  /** The connection the secret belongs to; `default` listens at `/webhooks/KIND` too. */
  readonly connection: string;
  readonly contentTypes: readonly string[];
  /** The only headers that are stored; a secret header is never among them. */
  readonly storedHeaders: readonly string[];
  authenticate(headers: IncomingHttpHeaders): Authentication;
  /** The dedupe key. `bodyDigest` (SHA-256, hex) is what to use when the sender names no id. */
  deliveryId(headers: IncomingHttpHeaders, bodyDigest: string): string;
  event(headers: IncomingHttpHeaders): string | null;
  /** Why nobody needs this delivery, if that is plain at a glance; null when it is worth reading. Never throws. */
  ignore(event: string | null, body: Buffer): string | null;
  /**
   * What the sender must mend in its body, by the field's name: it is answered 422, and nothing is stored. Only for a sender that
   * is the users' own script: a provider switches a hook off that is told no. Never throws.
   */
  fault?(body: Buffer): { readonly field: string; readonly says: string } | null;
  /** The body without what must not be stored, such as a pipeline's variables; absent: as it came. Never throws. */
  stored?(body: Buffer): Buffer;
};

/** A verified delivery, as it is stored: bytes as they came (but for what `stored` takes out), since text columns refuse what a sender may put in JSON. */
export type Delivery = {
  readonly id: string;
  readonly source: string;
  readonly connection: string;
  readonly event: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Null: what it means is yet to be found out, by the job that the store queues. */
  readonly result: "ignored" | null;
  /** Why it was ignored. */
  readonly reason: string | null;
};

/**
 * Stores a delivery once per id. One without a result is queued for normalising in the same
 * transaction, so that a crash loses neither. Rejects when it could not be stored: the sender is then told 503, and its log shows it.
 */
export type StoreDelivery = (delivery: Delivery) => Promise<"stored" | "duplicate">;
