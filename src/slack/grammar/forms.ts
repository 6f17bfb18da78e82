/** Every word of the command: what it takes, what it does, and how it looks with names that exist. */

export type Verb =
  | "status"
  | "history"
  | "diff"
  | "why"
  | "queue"
  | "reviews"
  | "trust"
  | "rollback"
  | "cancel"
  | "looks-good"
  | "not-yet"
  | "real-alarm"
  | "false-alarm"
  | "lock"
  | "unlock"
  | "ask-unlock"
  | "freeze"
  | "unfreeze"
  | "delegate"
  | "undelegate"
  | "mute"
  | "unmute"
  | "help";

/** Names for examples; `before` null: the app has one environment. */
export type Example = { readonly app: string; readonly environment: string; readonly before: string | null };

export type Form = {
  readonly verb: Verb;
  readonly group: "Look" | "Decide" | "Hold" | "For you";
  /** What comes behind the word. */
  readonly takes: string;
  readonly example: (at: Example) => string;
  /** In a few words, for the list. */
  readonly says: string;
  /** What else there is to know, for `help WORD`. */
  readonly more: string;
};

const TIMES = "A time is `for 30m`, `for 2h`, `for 3d`, `for 1w`, `until 18:00`, `until fri` or `until 2026-12-01`, by your own clock.";
const HOLDS = `${TIMES} Without one it is 2 hours, and 14 days at most: what nobody remembers must not stop a team for ever.`;
const where = (at: Example): string => `${at.app} ${at.environment}`;
const looked = (at: Example): string => `${at.app} ${at.before ?? at.environment}`;

export const FORMS: readonly Form[] = [
  {
    verb: "status",
    group: "Look",
    takes: "[APP]",
    example: (at) => `status ${at.app}`,
    says: "what is live where; of one app the servers are asked",
    more: "Without an app it shows what is recorded of all of them. Who holds an environment is shown too.",
  },
  {
    verb: "history",
    group: "Look",
    takes: "APP [ENVIRONMENT]",
    example: (at) => `history ${where(at)}`,
    says: "the last 10 deployments: who wanted them, how they ended",
    more: "Without an environment it shows each of the app's.",
  },
  {
    verb: "diff",
    group: "Look",
    takes: "APP [ENVIRONMENT]",
    example: (at) => `diff ${where(at)}`,
    says: "what the newest version that may go there would change",
    more: "It also says which version is newer still, and what that one waits for.",
  },
  {
    verb: "why",
    group: "Look",
    takes: "APP [ENVIRONMENT]",
    example: (at) => `why ${where(at)}`,
    says: "why the newest version is not live, every reason",
    more: "Each line is one rule: whose it is, what lifts it, and when. If nothing stands in the way it says what to type.",
  },
  {
    verb: "queue",
    group: "Look",
    takes: "[APP]",
    example: (at) => `queue ${at.app}`,
    says: "what runs and what waits, in which order, for what",
    more: "Rollbacks come first, then whoever asked first. A start is estimated where earlier deployments were measured.",
  },
  {
    verb: "reviews",
    group: "Look",
    takes: "[APP]",
    example: (at) => `reviews ${at.app}`,
    says: "what CI made for merge requests, with link, age and author",
    more: "CI makes and stops them; they are listed from when it says so until it says that they are gone.",
  },
  {
    verb: "trust",
    group: "Look",
    takes: "[APP]",
    example: (at) => `trust ${at.app}`,
    says: "how often the watch was right, and what acting alone would do",
    more: "It counts what people said of each regression: the menu on its card, or real-alarm and false-alarm.",
  },
  {
    verb: "rollback",
    group: "Decide",
    takes: "APP ENVIRONMENT [to VERSION]",
    example: (at) => `rollback ${where(at)}`,
    says: "back to the last good version; asks for a reason first",
    more: "`to VERSION` names another one, of those that were live there. No lock and no freeze stops it. The button on the card does the same.",
  },
  {
    verb: "cancel",
    group: "Decide",
    takes: "APP [ENVIRONMENT] [#NUMBER]",
    example: (at) => `cancel ${where(at)}`,
    says: "stop what waits or runs there",
    more: "If more than one could be meant nothing is stopped, and you are told their numbers. Stop and roll back is a button on the card.",
  },
  {
    verb: "looks-good",
    group: "Decide",
    takes: "APP ENVIRONMENT",
    example: (at) => `looks-good ${looked(at)}`,
    says: "you have looked at what is live there, and it is good",
    more: "It counts for exactly that version, and not for its authors. The button is on the card.",
  },
  {
    verb: "not-yet",
    group: "Decide",
    takes: "APP ENVIRONMENT REASON",
    example: (at) => `not-yet ${looked(at)} the price is wrong`,
    says: "you have looked, and it is not good yet; its authors read why",
    more: "Your newest word counts: say looks-good when it is better.",
  },
  {
    verb: "real-alarm",
    group: "Decide",
    takes: "APP ENVIRONMENT #NUMBER",
    example: (at) => `real-alarm ${where(at)} #12`,
    says: "the regression seen of that deployment was one",
    more: "For those who may roll back. The last word counts, and the menu on the card does the same.",
  },
  {
    verb: "false-alarm",
    group: "Decide",
    takes: "APP ENVIRONMENT #NUMBER",
    example: (at) => `false-alarm ${where(at)} #12`,
    says: "it was none",
    more: "It is counted by trust, and decides whether a rollback without people can be advised.",
  },
  {
    verb: "lock",
    group: "Hold",
    takes: "APP ENVIRONMENT [REASON] [for 2h]",
    example: (at) => `lock ${where(at)} the sale is on for 2h`,
    says: "nobody but you deploys there",
    more: `${HOLDS} A rollback still goes through, and you are told.`,
  },
  {
    verb: "unlock",
    group: "Hold",
    takes: "APP ENVIRONMENT [REASON]",
    example: (at) => `unlock ${where(at)}`,
    says: "ends your lock there",
    more: "Somebody who may approve there can end it too.",
  },
  {
    verb: "ask-unlock",
    group: "Hold",
    takes: "APP ENVIRONMENT",
    example: (at) => `ask-unlock ${where(at)}`,
    says: "tells whoever holds it that you wait",
    more: "They are told privately, once.",
  },
  {
    verb: "freeze",
    group: "Hold",
    takes: "APP ENVIRONMENT [REASON] [for 2h]",
    example: (at) => `freeze ${where(at)} the trade fair until fri`,
    says: "nobody deploys there, you neither",
    more: `${HOLDS} What is frozen every week belongs to \`freeze\` in greenlight.yml. A rollback still goes through.`,
  },
  {
    verb: "unfreeze",
    group: "Hold",
    takes: "APP ENVIRONMENT [REASON]",
    example: (at) => `unfreeze ${where(at)}`,
    says: "ends a freeze that somebody set",
    more: "What the calendar in greenlight.yml freezes stays frozen.",
  },
  {
    verb: "delegate",
    group: "For you",
    takes: "APP to @PERSON [until fri]",
    example: (at) => `delegate ${at.app} to @bea until fri`,
    says: "their yes counts for yours",
    more: TIMES,
  },
  {
    verb: "undelegate",
    group: "For you",
    takes: "APP @PERSON",
    example: (at) => `undelegate ${at.app} @bea`,
    says: "ends that",
    more: "It ends by itself too, at the time that you were told.",
  },
  {
    verb: "mute",
    group: "For you",
    takes: "[APP] [for 2h]",
    example: (at) => `mute ${at.app} for 3d`,
    says: "no private messages; channels are as before",
    more: `Without an app it is all of them, without a time until you say unmute. ${TIMES}`,
  },
  {
    verb: "unmute",
    group: "For you",
    takes: "[APP]",
    example: (at) => `unmute ${at.app}`,
    says: "private messages again",
    more: "Without an app it ends every mute of yours.",
  },
  {
    verb: "help",
    group: "For you",
    takes: "[WORD]",
    example: () => "help lock",
    says: "this, or one word of it",
    more: "",
  },
];

export const VERBS: readonly Verb[] = FORMS.map((form) => form.verb);

/** Other spellings of the same word. */
const SPELT: Readonly<Record<string, Verb>> = {
  "roll-back": "rollback",
  looksgood: "looks-good",
  lgtm: "looks-good",
  notyet: "not-yet",
  askunlock: "ask-unlock",
  "--help": "help",
  "-h": "help",
  "?": "help",
};

/** Words that people bring from elsewhere: what they mean is suggested, never done. */
export const ELSEWHERE: Readonly<Record<string, Verb>> = {
  stop: "cancel",
  abort: "cancel",
  undo: "rollback",
  revert: "rollback",
  hold: "lock",
  release: "unlock",
  log: "history",
  logs: "history",
  list: "status",
  changes: "diff",
  compare: "diff",
  pending: "queue",
  blocked: "why",
  thaw: "unfreeze",
  silence: "mute",
  validate: "looks-good",
};

/** What is a button, since a yes counts only for what its presser was shown. */
export const BUTTONS: ReadonlySet<string> = new Set(["approve", "reject"]);

/** The verb that these words begin with, and how many of them it takes; null: none. */
export function verbOf(words: readonly string[]): { readonly verb: Verb; readonly size: number } | null {
  const [first = "", second = ""] = words.map((word) => word.toLowerCase());
  const joined = `${first}-${second}`;
  const two = VERBS.find((verb) => verb === joined && verb.includes("-")) ?? (joined === "roll-back" ? "rollback" : undefined);
  if (two !== undefined) return { verb: two, size: 2 };
  const one = VERBS.find((verb) => verb === first) ?? (Object.hasOwn(SPELT, first) ? SPELT[first] : undefined);
  return one === undefined ? null : { verb: one, size: 1 };
}

export function formOf(verb: string): Form | null {
  return FORMS.find((form) => form.verb === verb) ?? null;
}

/** "lock APP ENVIRONMENT [REASON] [for 2h]" */
export function usageOf({ verb, takes }: Form): string {
  return `${verb} ${takes}`;
}
