import { createHash } from "node:crypto";
import type { EnvironmentId, Sha } from "./ids.ts";

/** First 64 bits: enough that no two plans of one deployment agree by chance, short enough for a button's value. */
const HEX_DIGITS = 16;

/**
 * What the presser of a button was shown, as one short word. A click whose digest differs from the stored deployment's is
 * answered, not obeyed.
 */
export function digestOf(shown: { readonly revision: Sha; readonly environment: EnvironmentId; readonly planHash: string }): string {
  return createHash("sha256")
    .update(JSON.stringify([shown.revision, shown.environment, shown.planHash]))
    .digest("hex")
    .slice(0, HEX_DIGITS);
}
