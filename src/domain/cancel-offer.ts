import type { StateName } from "./deployment.ts";
import type { Pressed } from "./intent.ts";

/** What somebody wants to cancel, by names. Environment and number null: whatever it is. */
export type CancelAsked = { readonly app: string; readonly environment: string | null; readonly number: number | null };

/** What a cancellation asked for by names concerns. Nothing is done by reading it. */
export type CancelOffer =
  /** As a presser of its card would be shown it. */
  | { readonly kind: "one"; readonly pressed: Pressed }
  /** Nobody can tell which is meant. */
  | {
      readonly kind: "several";
      readonly found: readonly { readonly environment: string; readonly number: number; readonly state: StateName }[];
    }
  | { readonly kind: "none" };
