import type { Validity } from "../measurement.ts";

const DAY_MS = 86_400_000;
/** Certificates of 90 days are renewed with 30 left (Let's Encrypt's advice): with 14 it has failed for two weeks, and there is time to mend it. */
const WARN_DAYS = 14;
/** Those of a few days are renewed later: by then the same advice has renewed any. */
const WARN_SHARE = 1 / 3;

/** Whole days until the certificate expires, where somebody should know; null: far enough away. */
export function expiringIn(certificate: Validity, now: Date): number | null {
  const leftMs = certificate.until.getTime() - now.getTime();
  const lifeMs = certificate.until.getTime() - certificate.from.getTime();
  if (leftMs > WARN_DAYS * DAY_MS || leftMs > WARN_SHARE * lifeMs) return null;
  return Math.max(0, Math.floor(leftMs / DAY_MS));
}
