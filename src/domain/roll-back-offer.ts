import type { WayBack } from "./card.ts";
import type { DeploymentId, Sha } from "./ids.ts";
import type { Pressed } from "./intent.ts";

/** What somebody wants to roll back: a place by its names, a deployment, or the message in which it stands. */
export type RollBackAsked =
  /** `to`: a tag, branch or commit that somebody named; absent or null: the default. */
  | { readonly app: string; readonly environment: string; readonly to?: string | null }
  | { readonly deployment: DeploymentId }
  | { readonly channel: string; readonly ts: string };

/** What a rollback would do now, for whoever is asked before it begins. Nothing starts by reading it. */
export type RollBackOffer = {
  /** The deployment that goes, as a presser of its card would be shown it. */
  readonly pressed: Pressed;
  readonly app: string;
  readonly environment: string;
  readonly number: number;
  readonly revision: Sha;
  /** Every version that it may go back to, the default first; empty: there is none. */
  readonly ways: readonly WayBack[];
  /** What the version that was named is; null: nobody knows it by that name. Absent: none was named. */
  readonly chosen?: Sha | null;
  /** Why it cannot be rolled back now, and what changes that; null: it can. */
  readonly against: { readonly because: string; readonly change: string | null } | null;
  /** It is being deployed still: it is stopped first. */
  readonly running: boolean;
};
