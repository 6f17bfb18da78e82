import type { Verb } from "./authorize.ts";
import type { DeploymentCard, ValidationView } from "./card.ts";
import type { ChangeSet, StateName } from "./deployment.ts";
import type { Sha } from "./ids.ts";
import type { Mute } from "./mute.ts";

/** How much of each part the Home tab shows: Slack takes 100 blocks a view, and all parts at their most are below that. */
export const HOME_MOST = { troubles: 4, waiting: 8, running: 8, holds: 10, places: 24, mutes: 6 } as const;

/** The first of a list, and how many are left out. */
export type Few<Item> = { readonly shown: readonly Item[]; readonly more: number };

/** A message of ours in Slack; null: it stands in no channel now. */
export type ShownAt = { readonly channel: string; readonly ts: string } | null;

/** A deployment on the Home tab: drawn from the same facts as its card, so that a press means the same. */
export type HomeCard = {
  readonly kind: "deployment";
  readonly card: DeploymentCard;
  readonly at: ShownAt;
  /** What its reader may press. */
  readonly may: readonly Verb[];
};

/** People are asked to look at what is live there before it goes on. */
export type HomeLook = {
  readonly kind: "look";
  readonly app: string;
  readonly view: ValidationView;
  readonly changes: ChangeSet;
  readonly at: ShownAt;
};

/** One environment: what is live, since when, and what its reader may do there. */
export type HomePlace = {
  readonly app: string;
  readonly environment: string;
  /** Null: nothing is known to be live. `title`: of its own commit, null when nobody told it. */
  readonly live: {
    readonly revision: Sha;
    readonly since: Date;
    readonly title: string | null;
    readonly source: "ours" | "read from host" | "ci";
  } | null;
  /** Its servers differ. */
  readonly mixed: boolean;
  /** What is on its way there; null: nothing. */
  readonly current: { readonly number: number; readonly state: StateName } | null;
  readonly locked: boolean;
  /** Verbs of the menu beside it. */
  readonly may: readonly Verb[];
};

/** Something that keeps an environment closed. */
export type HomeHold = {
  /** `restore`: the database was restored, and nobody has looked at the servers since. */
  readonly kind: "lock" | "freeze" | "restore";
  readonly app: string;
  readonly environment: string;
  /** Null: the calendar of the configuration, or a restore. */
  readonly owner: string | null;
  /** Its owner is the reader. */
  readonly own: boolean;
  readonly reason: string | null;
  /** Null: it does not end by itself. */
  readonly until: Date | null;
  /** Of `unlock`, `ask_unlock` and `unfreeze`. */
  readonly may: readonly Verb[];
};

/** The Home tab of one person: only what they may see, and of the buttons those that they may press. */
export type Home = {
  /** With its slash. */
  readonly command: string;
  /** Of its reader. IANA name. */
  readonly timezone: string;
  /** Channels that take no cards now, each with what to do. */
  readonly troubles: readonly string[];
  readonly waiting: Few<HomeCard | HomeLook>;
  readonly running: Few<HomeCard>;
  readonly holds: Few<HomeHold>;
  readonly places: Few<HomePlace>;
  readonly mutes: readonly Mute[];
};

/** The first of these, as many as there is room for. `more`: how many were left out before. */
export function few<Item>(items: readonly Item[], most: number, more = 0): Few<Item> {
  return { shown: items.slice(0, most), more: more + Math.max(0, items.length - most) };
}
