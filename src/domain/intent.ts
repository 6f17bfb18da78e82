import type { DeploymentId } from "./ids.ts";
import type { Blocker } from "./deployment.ts";
import type { CardModel } from "./card.ts";
import type { DiffAnswer, HistoryAnswer, QueueAnswer, ReviewsAnswer, TrustAnswer, WhyAnswer } from "./answers.ts";
import type { Verdict } from "./measurement.ts";
import type { RefChoice } from "./ref-choices.ts";
import type { WhatIf } from "./what-if.ts";

/** What a person wants, whatever front it came by: button, command, modal, command line. */
export type Intent =
  /** `about`: one word of the command; absent or null: all of it. */
  | { readonly kind: "help"; readonly about?: string | null }
  | { readonly kind: "status"; readonly app: string | null }
  /** Questions: environment null is each of the app's; nothing is done by asking. */
  | { readonly kind: "history" | "diff" | "why"; readonly app: string; readonly environment: string | null }
  | { readonly kind: "queue"; readonly app: string | null }
  /** What CI made for merge requests and has not thrown away yet. */
  | { readonly kind: "reviews"; readonly app: string | null }
  /** How far the judge of the watches could be trusted. */
  | { readonly kind: "trust"; readonly app: string | null }
  /** `mark_alarm` by names; `number` of the deployment. */
  | {
      readonly kind: "name_alarm";
      readonly app: string;
      readonly environment: string;
      readonly number: number;
      readonly isReal: boolean;
    }
  | { readonly kind: "deploy"; readonly app: string; readonly environment: string; readonly ref: string | null; readonly reason?: string }
  /** `later`: it starts then, not at once. */
  | ({ readonly kind: "approve"; readonly later?: Later | null } & Pressed)
  /** Break-glass: without the yeses that the environment wants. */
  | ({ readonly kind: "override"; readonly reason: string } & Pressed)
  /** An approver's right is somebody else's too; `to` is a Slack id, `untilMs` milliseconds since 1970, null: as long as usual. */
  | { readonly kind: "delegate"; readonly app: string; readonly to: string; readonly untilMs: number | null }
  | { readonly kind: "undelegate"; readonly app: string; readonly to: string }
  /** What was approved for later does not wait for that time. */
  | ({ readonly kind: "start_now" } & Pressed)
  /** A rejection is taken back: the same revision is asked for anew. */
  | ({ readonly kind: "offer_again" } & Pressed)
  | ({ readonly kind: "reject"; readonly reason: string } & Pressed)
  | ({ readonly kind: "cancel"; readonly thenRollBack: boolean; readonly reason?: string } & Pressed)
  /** `schema`: the database goes back too. `to`: a version that was live there, instead of the default. */
  | ({ readonly kind: "roll_back"; readonly reason: string | null; readonly schema?: boolean; readonly to?: string | null } & Pressed)
  | ({ readonly kind: "stop_countdown" } & Pressed)
  | ({ readonly kind: "keep_watching" } & Pressed)
  | ({ readonly kind: "on_it" } & Pressed)
  /** Whether the regression that its watch saw was one. */
  | ({ readonly kind: "mark_alarm"; readonly isReal: boolean } & Pressed)
  /** The whole output of a deployment as a file, to the presser alone. */
  | ({ readonly kind: "log_file" } & Pressed)
  | ({ readonly kind: "allow_again"; readonly reason: string } & Pressed)
  | ({ readonly kind: "resolve"; readonly way: AttentionWay; readonly reason: string } & Pressed)
  | { readonly kind: "lock"; readonly app: string; readonly environment: string; readonly reason: string; readonly forMs: number }
  /** A freeze set by a person holds everybody, its setter too; it always ends. */
  | { readonly kind: "freeze"; readonly app: string; readonly environment: string; readonly reason: string; readonly forMs: number }
  | { readonly kind: "unfreeze"; readonly app: string; readonly environment: string; readonly reason?: string }
  /** The lock's owner is told privately who waits and why. */
  | { readonly kind: "ask_unlock"; readonly app: string; readonly environment: string }
  /** "Looks good" for what is live on that environment now; `revision`: what the pressed card showed. */
  | { readonly kind: "validate"; readonly app: string; readonly environment: string; readonly revision?: string }
  | {
      readonly kind: "not_yet";
      readonly app: string;
      readonly environment: string;
      readonly reason: string;
      readonly revision?: string;
    }
  /** What a person does not want to hear of privately. App null: of any; `forMs` null: until they say so. */
  | { readonly kind: "mute"; readonly app: string | null; readonly forMs: number | null }
  /** App null: every mute of theirs ends. */
  | { readonly kind: "unmute"; readonly app: string | null }
  | { readonly kind: "unlock"; readonly app: string; readonly environment: string; readonly reason?: string };

/** What the form that asks "when?" offers. */
export type LaterChoices = {
  readonly app: string;
  readonly environment: string;
  /** When nothing that ends by the clock is in the way any more; null: nothing is, or nobody knows. */
  readonly opening: Date | null;
  readonly suggested: Date;
  readonly latest: Date;
  /** Of whoever opens it. IANA name. */
  readonly timezone: string;
};

/** When an approved deployment starts: when the calendar, a lock and the wait before it allow it next, or at a time. */
export type Later = { readonly kind: "opening" } | { readonly kind: "at"; readonly at: Date };

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
  /** `example`: an app of the configuration, the environment that examples deploy to, and the one before it. */
  | {
      readonly kind: "help";
      readonly command: string;
      readonly apps: readonly string[];
      readonly about?: string | null;
      readonly example?: { readonly app: string; readonly environment: string; readonly before: string | null };
    }
  | HistoryAnswer
  | DiffAnswer
  | WhyAnswer
  | QueueAnswer
  | ReviewsAnswer
  | TrustAnswer
  | { readonly kind: "status"; readonly rows: readonly StatusRow[]; readonly now: Date };

/** Not done, why (every rule), who can, what changes it. */
export type Refusal = {
  readonly title: string;
  readonly reasons: readonly Blocker[];
  readonly who: string | null;
  readonly change: string | null;
  /** A lock is in the way: its owner can be asked from the refusal. */
  readonly askUnlock?: { readonly app: string; readonly environment: string };
};

/** One environment in an answer to "what is live where". */
export type StatusRow = {
  readonly app: string;
  readonly environment: string;
  readonly live: {
    readonly revision: string;
    readonly since: Date;
    readonly title: string | null;
    readonly source: "ours" | "read from host" | "ci";
    /** "with acme/shop-theme 1f2e3d4"; absent: no companions, or nobody knows. */
    readonly companions?: string;
    /** Where CI tells of it, if it deployed it; null or absent: nowhere. */
    readonly url?: string | null;
  } | null;
  readonly mixed: boolean;
  readonly current: { readonly number: number; readonly state: string; readonly revision: string; readonly title: string | null } | null;
  /** What the watch of what is live says so far; absent: it is over, or there was none. `verdict` null: nothing was looked at yet. */
  readonly watched?: { readonly until: Date; readonly verdict: Verdict | null };
  readonly lock: { readonly owner: string; readonly reason: string; readonly until: Date } | null;
  /** `owner` null: the calendar of the configuration. `until` null: for ever. */
  readonly freeze: { readonly owner: string | null; readonly reason: string | null; readonly until: Date | null } | null;
  /** Who says yes for whom there, and until when. Absent: nobody does. */
  readonly standIns?: readonly { readonly name: string; readonly for: string; readonly until: Date }[];
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
  /** The version that is looked at; null: none has passed, and none was chosen. */
  readonly chosen: RefChoice | null;
  readonly preview: CardModel | null;
  readonly warnings: readonly Blocker[];
  readonly doing: WhatIf["doing"];
  /** What pressing the submit button will do: starts at once, asks whom, or waits for what. */
  readonly effect: string;
  /** Where the card of what brings it there already stands in Slack. Absent or null: nothing does, or it is not shown yet. */
  readonly card?: { readonly channel: string; readonly ts: string } | null;
};
