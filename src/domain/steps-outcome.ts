import type { LockHolder } from "./deployment.ts";
import type { Migrations } from "./django/record.ts";
import type { Sha } from "./ids.ts";

/** What one host says it runs. */
export type FoundRevision = { readonly host: string; readonly revision: Sha };

/** What the hosts did. `switched`: hosts that count as changed; `found`: what hosts said afterwards that they run. */
export type StepsOutcome =
  | { readonly kind: "done" }
  | {
      readonly kind: "failed";
      readonly because: string;
      readonly switched: readonly string[];
      readonly found?: readonly FoundRevision[];
      /** The roll went on to its last host in spite of it: nothing was stopped, and nothing goes back by itself. */
      readonly finished?: boolean;
    }
  | { readonly kind: "unknown"; readonly because: string }
  /** The true plan is worse than what was shown. Nothing was migrated, and the earlier code lies where it lay. */
  | { readonly kind: "worse"; readonly because: string; readonly migrations: Migrations }
  /** Another run's locks stand in the way, and nothing of it runs there any more. Nothing was started. */
  | { readonly kind: "held"; readonly because: string; readonly holders: readonly LockHolder[] };
