import type { DeploymentId } from "./ids.ts";
import type { Blocker } from "./deployment.ts";
import type { CardModel } from "./card.ts";

/** What a person wants, whatever front it came by: button, command, modal, command line. */
export type Intent =
  | { readonly kind: "help" }
  | { readonly kind: "status"; readonly app: string | null }
  | { readonly kind: "deploy"; readonly app: string; readonly environment: string; readonly ref: string | null; readonly reason?: string }
  | ({ readonly kind: "approve" } & Pressed)
  | ({ readonly kind: "reject"; readonly reason: string } & Pressed)
  | ({ readonly kind: "cancel"; readonly thenRollBack: boolean; readonly reason?: string } & Pressed)
  /** `schema`: the database goes back too. `to`: a version that was live there, instead of the default. */
  | ({ readonly kind: "roll_back"; readonly reason: string | null; readonly schema?: boolean; readonly to?: string | null } & Pressed)
  | ({ readonly kind: "stop_countdown" } & Pressed)
  | ({ readonly kind: "keep_watching" } & Pressed)
  | ({ readonly kind: "on_it" } & Pressed)
  /** The whole output of a deployment as a file, to the presser alone. */
  | ({ readonly kind: "log_file" } & Pressed)
  | ({ readonly kind: "allow_again"; readonly reason: string } & Pressed)
  | ({ readonly kind: "resolve"; readonly way: AttentionWay; readonly reason: string } & Pressed)
  | { readonly kind: "lock"; readonly app: string; readonly environment: string; readonly reason: string; readonly forMs: number }
  /** "Looks good" for what is live on that environment now. */
  | { readonly kind: "validate"; readonly app: string; readonly environment: string }
  | { readonly kind: "unlock"; readonly app: string; readonly environment: string; readonly reason?: string };

/**
 * The ways out of `needs_attention`. `mark_live` and `mark_earlier` say what a person saw running on every server: its revision, or the
 * one that ran there before. `take_over` is there while another run's lock stands in the way and nothing of it runs any more.
 */
export type AttentionWay = "ask_hosts" | "mark_live" | "mark_earlier" | "roll_back" | "stays_broken" | "take_over";

/** What a button carries: the deployment, the counter of decisions and the digest of what its presser was shown. */
export type Pressed = { readonly deployment: DeploymentId; readonly counter: number; readonly digest: string };

/** What the presser sees: every click gets one (invariant 7). */
export type Answer =
  | { readonly kind: "done"; readonly text: string }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** Allowed: whoever shows the answer sends the file. */
  | { readonly kind: "log_file"; readonly deployment: DeploymentId }
  | { readonly kind: "help"; readonly command: string; readonly apps: readonly string[] }
  | { readonly kind: "status"; readonly rows: readonly StatusRow[]; readonly now: Date };

/** Not done, why (every rule), who can, what changes it. */
export type Refusal = {
  readonly title: string;
  readonly reasons: readonly Blocker[];
  readonly who: string | null;
  readonly change: string | null;
};

/** One environment in an answer to "what is live where". */
export type StatusRow = {
  readonly app: string;
  readonly environment: string;
  readonly live: {
    readonly revision: string;
    readonly since: Date;
    readonly title: string | null;
    readonly source: "ours" | "read from host";
  } | null;
  readonly mixed: boolean;
  readonly current: { readonly number: number; readonly state: string; readonly revision: string; readonly title: string | null } | null;
  readonly lock: { readonly owner: string; readonly reason: string; readonly until: Date } | null;
  /** What each server said when it was asked for this answer; empty: nobody was asked. */
  readonly hosts: readonly StatusHost[];
};

/** One server's own word beside what is recorded of it; revisions are short. */
export type StatusHost = {
  readonly host: string;
  readonly recorded: string | null;
  readonly said:
    | { readonly kind: "runs"; readonly revision: string }
    | { readonly kind: "nothing" }
    | { readonly kind: "silent"; readonly because: string };
};

/** What the modal offers for one app and environment: nothing starts by opening it. */
export type DeployChoices = {
  readonly apps: readonly string[];
  readonly app: string;
  readonly environments: readonly string[];
  readonly environment: string;
  readonly candidates: readonly { readonly revision: string; readonly label: string }[];
  readonly preview: CardModel | null;
  readonly warnings: readonly string[];
  /** What pressing the submit button will do: starts at once, or asks whom. */
  readonly effect: string;
};
