import { PEOPLE, PLAYED, PLAYED_TOO } from "../world/team.ts";
import type { BotState } from "../world/bot.ts";
import type { Guide } from "./guide.ts";

type Action = {
  readonly verb: string;
  readonly label: string;
  readonly note: string;
  readonly icon: string;
  readonly pressed: boolean | null;
  readonly hidden: boolean;
};

/** The topic "world" of the page: all that stands around the chat. */
export type Bench = {
  /** Null where no story is told. */
  readonly guide: Guide | null;
  readonly people: readonly {
    readonly id: string;
    readonly key: string;
    readonly name: string;
    readonly note: string;
    readonly role: string;
  }[];
  readonly actions: readonly Action[];
  readonly bot: { readonly state: BotState["state"]; readonly since: string; readonly note: string | null };
};

export function benchOf(given: {
  readonly guide: Guide | null;
  readonly bot: BotState;
  readonly silent: boolean;
  readonly slow: boolean;
}): Bench {
  const { bot } = given;
  return {
    guide: given.guide,
    people: (given.guide === null ? [...PLAYED, ...PLAYED_TOO] : PLAYED).map((person) => ({ id: PEOPLE[person.key], ...person })),
    actions: [
      action("push-good", "Push a good commit", "passes, deploys, stays healthy", "ok"),
      action("push-bad", "Push a bad commit", "passes, then fails for visitors", "bad"),
      { ...action("kill", "Kill the bot", "at once, in the middle of anything", "no"), hidden: bot.state === "down" },
      { ...action("start", "Start the bot again", "it goes on where it was", "live"), hidden: bot.state !== "down" },
      { ...action("silence-sentry", "Silence Sentry", "no events: not the same as healthy", "wait"), pressed: given.silent },
      { ...action("slow-slack", "Slack says “slow down”", "error 429 for 20 s", "warn"), pressed: given.slow },
    ],
    bot: { state: bot.state, since: bot.since.toISOString(), note: noteOf(bot) },
  };
}

/** Under the page's own words "Bot down. The deployment goes on." */
function noteOf(bot: BotState): string | null {
  if (bot.state === "up") return null;
  if (bot.state === "starting") return "It reads what happened meanwhile.";
  return bot.note === "killed" ? "Servers finish the step they are at; the card catches up when the bot is back." : bot.note;
}

function action(verb: string, label: string, note: string, icon: string): Action {
  return { verb, label, note, icon, pressed: null, hidden: false };
}
