import { PEOPLE } from "../world/team.ts";

/** What really happened since the story began; nothing here is a matter of time. */
export type Facts = {
  readonly bot: "starting" | "up" | "down";
  /** A card asks for approval now. */
  readonly asksApproval: boolean;
  readonly eveWasRefused: boolean;
  /** The bot was killed while the good commit was being deployed. */
  readonly wasKilled: boolean;
  /** The good commit in production: servers were touched; all of them ran it at some time. */
  readonly good: { readonly started: boolean; readonly wasLive: boolean };
  readonly bad: null | {
    readonly started: boolean;
    readonly wasLive: boolean;
    /** A red Roll back button was seen. */
    readonly alarmed: boolean;
    /** It is there now. */
    readonly offersWayBack: boolean;
    /** It was live, and no server runs it any more. */
    readonly gone: boolean;
  };
};

type Button = { readonly label: string; readonly verb: string | null; readonly actAs?: string };

/** Part of the topic "world" of the page. */
export type Guide = {
  readonly step: number;
  readonly of: 7;
  readonly title: string;
  readonly text: string;
  readonly button: Button | null;
  /** What comes after it. */
  readonly next: string;
};

/** The one thing to do next. */
export function guideOf(facts: Facts): Guide {
  const { bad, good } = facts;
  if (bad !== null && bad.gone) return end;
  if (facts.bot === "down") return startAgain(bad === null ? (good.wasLive ? 5 : good.started ? 4 : 1) : bad.alarmed ? 6 : 5);
  if (bad !== null) return breaking(facts, bad);
  if (good.wasLive) return breakIt;
  if (good.started) return facts.wasKilled ? goesOn : killIt;
  if (facts.asksApproval) return facts.eveWasRefused ? approveAsAnn : approveAsEve;
  return facts.bot === "starting" ? starting : watchTests;
}

function breaking(facts: Facts, bad: NonNullable<Facts["bad"]>): Guide {
  if (bad.alarmed) return bad.offersWayBack ? rollBack : goesBack;
  if (facts.asksApproval && !bad.started) {
    const text = "All its tests have passed, nothing looks wrong. Approve it as Ann.";
    return guide(5, "Approve the commit that breaks", text, { label: "Act as Ann", verb: null, actAs: PEOPLE.ann }, toAlarm);
  }
  if (bad.started)
    return guide(5, "Wait for the alarm", "Visitors run into the error now. Greenlight compares with what was before.", null, toAlarm);
  return guide(5, "Let it pass its tests", "Nothing to press until it asks for approval: its tests do not find the fault.", null, toAlarm);
}

const toAlarm = "Then: see the alarm and roll back.";

const starting = guide(
  1,
  "The bot is starting",
  "A real bot, with a database of its own. It takes a few seconds.",
  null,
  "Then: watch a commit being tested.",
);

const watchTests = guide(
  1,
  "Watch a commit being tested",
  "The card is edited in place as the tests run. Nothing to press; it soon asks for approval.",
  null,
  "Then: try to approve it as somebody who may not.",
);

const approveAsEve = guide(
  2,
  "Press Approve & Deploy as Eve",
  "Eve is from support. She may not approve production. Press it as her and read the answer.",
  { label: "Act as Eve", verb: null, actAs: PEOPLE.eve },
  "Then: do it as Ann, who may.",
);

const approveAsAnn = guide(
  3,
  "Now approve it as Ann",
  "Ann is a product owner. Same card, same button, other rights.",
  { label: "Act as Ann", verb: null, actAs: PEOPLE.ann },
  "Then: kill the bot while it deploys.",
);

const killIt = guide(
  4,
  "Kill the bot in the middle",
  "The servers finish their step without it, and it picks up where it was. No step runs twice.",
  { label: "Kill the bot", verb: "kill" },
  "Then: start it and see it go on.",
);

const goesOn = guide(
  4,
  "See it go on",
  "It asked the servers what they did meanwhile and goes on from there. The card catches up.",
  null,
  "Then: watch it go live.",
);

const breakIt = guide(
  5,
  "Push a commit that breaks",
  "It passes all tests and fails only for visitors: what the watch is for. Approve it as Ann.",
  { label: "Push a bad commit", verb: "push-bad" },
  toAlarm,
);

const rollBack = guide(
  6,
  "Press Roll back",
  "Bob is on call. Ann may do it too; rolling back needs nobody’s approval.",
  { label: "Act as Bob", verb: null, actAs: PEOPLE.bob },
  "Then: read the story in the thread.",
);

const goesBack = guide(
  6,
  "See both servers go back",
  "Code only, one server after the other. Then Greenlight looks whether the errors have stopped.",
  null,
  "Then: read the story in the thread.",
);

const end = guide(
  7,
  "You have seen the whole story",
  "Both servers are back. Try “/deploy”, or look at Home.",
  { label: "Start again", verb: "restart-story" },
  "Next: connect your own app, see the README.",
);

function startAgain(step: number): Guide {
  return guide(
    step,
    "Start the bot again",
    "It reads what the servers did meanwhile and goes on. The card catches up.",
    { label: "Start the bot again", verb: "start" },
    "Then: watch it go live.",
  );
}

function guide(step: number, title: string, text: string, button: Button | null, next: string): Guide {
  return { step, of: 7, title, text, button, next };
}
