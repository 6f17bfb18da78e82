import type { CompanionRevision } from "./companion.ts";
import type { ChangeSet } from "./deployment.ts";
import type { Sha } from "./ids.ts";

/** What a revision would bring, found out before it is decided, over the network; it holds for exactly these companions. */
export type Prepared = {
  readonly changes: ChangeSet;
  /** A commit that was rolled back here and that it brings back; null: none. */
  readonly containsBlocked: Sha | null;
  /** What it would come with; absent: nothing, or nobody could say what. */
  readonly companions?: readonly CompanionRevision[];
};
