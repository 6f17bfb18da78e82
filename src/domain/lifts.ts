import type { WhyReason } from "./answers.ts";
import type { Blocker, Deployment, StateName } from "./deployment.ts";
import { BRING_THEM_IN } from "./live-content.ts";
import { actorName } from "./people.ts";

/** Where something is held back, and the slash command that people type there. */
export type LiftPlace = { readonly command: string; readonly app: string; readonly environment: string; readonly before: string | null };

/** The blocker with what lifts it: who has to do what. When it lifts by itself is its `liftsAt`. */
export function withLift(blocker: Blocker, place: LiftPlace, card: string | null): WhyReason {
  return { ...blocker, lifts: liftOf(blocker, place, card) };
}

/** `card`: the deployment that waits, as `#812`; null: nobody has asked for one. */
function liftOf(blocker: Blocker, { command, app, environment, before }: LiftPlace, card: string | null): string | null {
  switch (blocker.rule) {
    case "requirements":
      return /\bfailed\b|\bcancelled\b|\bskipped\b/u.test(blocker.text)
        ? "CI has to run it again, or a fix has to be pushed."
        : "CI has to pass it.";
    case "order":
      return blocker.liftsAt === null ? `It goes to ${before ?? "the environment before"} first.` : null;
    case "validation":
      return `Somebody else than its authors types \`${command} looks-good ${app} ${before ?? environment}\`.`;
    case "approval":
      return card === null ? null : `They press Approve & Deploy on the card of ${card}.`;
    case "lock":
      return `They, or somebody who may approve here, type \`${command} unlock ${app} ${environment}\`.`;
    case "freeze":
      return blocker.liftsAt === null ? "The calendar has no next opening: change `freeze` in greenlight.yml." : null;
    case "occupied":
      return "It goes on when that one is done.";
    case "attention":
      return blocker.owner === null
        ? `Somebody looks at the servers, then types \`${command} unlock ${app} ${environment}\`.`
        : `Somebody chooses a way out on the card of ${blocker.owner}.`;
    case "image":
      return "A new commit has to be built, once.";
    case "people":
      return "It starts by itself once Slack answers; the operator may override it on the bot’s machine.";
    case "configuration":
      return "Somebody has to change greenlight.yml.";
    case "live_content":
      return BRING_THEM_IN;
    case "later":
    case "blocked_commit":
    case "live":
      return null;
    default:
      return blocker.rule satisfies never;
  }
}

/** A deployment of it that is over, as a reason; `again` is what to type to ask for it once more; null: that alone would not help. */
export function endedReason(ended: Deployment, again: string | null): WhyReason {
  const by = "by" in ended.state && ended.state.by !== null ? actorName(ended.state.by) : null;
  const because = "because" in ended.state && ended.state.because !== "" ? `: ${ended.state.because}` : "";
  const words = `#${ended.number} ${ENDED[ended.state.state] ?? "is over"}${by === null ? "" : ` by ${by}`}${because}`;
  return { rule: "ended", text: words, owner: by, liftsAt: null, lifts: again === null ? null : `Ask for it again: \`${again}\`.` };
}

const ENDED: Readonly<Partial<Record<StateName, string>>> = {
  succeeded: "was live, and something else is now",
  succeeded_unverified: "was live, and something else is now",
  regressed: "was ended as regressed",
  failed: "failed",
  rejected: "was rejected",
  expired: "expired, nobody said yes in time",
  superseded: "was overtaken",
  cancelled: "was cancelled",
};
