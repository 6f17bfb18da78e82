/** Why Sentry gave no usable answer. `because` is a whole sentence for people; it never contains the token. */
export type SentryFailure = {
  readonly kind: "token_refused" | "not_found" | "rejected" | "rate_limited" | "unreachable" | "nonsense";
  readonly because: string;
};

export function failure(kind: SentryFailure["kind"], because: string): { readonly ok: false; readonly refusal: SentryFailure } {
  return { ok: false, refusal: { kind, because } };
}

/** Longest piece of Sentry's own words in a sentence of ours. */
const MAX_FOREIGN = 200;

/** Sentry's `detail`, on one line, if it gave one. */
export function detailOf(body: unknown): string {
  if (typeof body !== "object" || body === null || !("detail" in body) || typeof body.detail !== "string") return "";
  return `: ${body.detail
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, MAX_FOREIGN)}`;
}
