import { createHmac, timingSafeEqual } from "node:crypto";

/** How far a sender's clock may be from ours, by Standard Webhooks; ids are remembered for much longer. */
export const CLOCK_WINDOW_MS = 5 * 60_000;

const STANDARD = /^v1,([A-Za-z0-9+/]{43}=)$/;
/** A sender that rotates its secret signs with both; more is nobody's habit. */
const MOST_SIGNATURES = 4;

/** What the header `webhook-signature` of Standard Webhooks gives; empty: nothing that could be one. */
export function standardSignatures(header: string): readonly Buffer[] {
  return header
    .split(" ")
    .slice(0, MOST_SIGNATURES)
    .flatMap((signature) => {
      const base64 = STANDARD.exec(signature)?.[1];
      return base64 === undefined ? [] : [Buffer.from(base64, "base64")];
    });
}

/**
 * Takes a body piece by piece, and then says whether one of `given` is its HMAC-SHA256 under that key: in constant time. Each of `given`
 * has 32 bytes. `before` is signed in front of the body.
 */
export function hmacVerifier(key: string | Buffer, given: readonly Buffer[], before = "") {
  const hmac = createHmac("sha256", key).update(before);
  return {
    update(chunk: Buffer): void {
      hmac.update(chunk);
    },
    verify(): boolean {
      const own = hmac.digest();
      return given.map((digest) => timingSafeEqual(own, digest)).includes(true);
    },
  };
}
