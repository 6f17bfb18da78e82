import type { Button } from "@slack/types";
import type { Closing, DeploymentCard } from "../../domain/card.ts";
import type { DeploymentState } from "../../domain/deployment.ts";
import { positionWords } from "../../domain/queue.ts";
import { ACTIONS } from "../action-ids.ts";
import { foreign } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { encodePlace, type Place } from "../place-value.ts";
import { clock } from "../words.ts";
import { startNowButton } from "./approval-buttons.ts";
import { button } from "./blocks.ts";
import { cancelButton, openRun } from "./buttons.ts";
import type { Drawing, RenderContext } from "./drawing.ts";
import { differingLine } from "./host-lines.ts";
import { changesLine, names, saidYes, sentence, title, troubleLine } from "./parts.ts";
import { replaces } from "./version.ts";

type Queued = Extract<DeploymentState, { readonly state: "queued" }>;
type Reason = Closing["blockers"][number];

/** Closer than this an estimate says no more than "in a moment". */
const MOMENT_MS = 30_000;
const MOST_REASONS = 6;
/** More do not fit beside each other on a phone; the run can be opened from elsewhere. */
const MOST_BUTTONS = 3;

/** What it waits for, how far it is, and when it may begin. */
export function drawQueued(card: DeploymentCard, state: Queued, context: RenderContext): Drawing {
  const { deployment, queue } = card;
  const rollback = deployment.kind === "rollback";
  const reasons: readonly Reason[] = queue?.blockers ?? state.blockers.map((blocker) => ({ ...blocker, lifts: null }));
  const [first, ...others] = reasons.slice(0, MOST_REASONS);
  return {
    title: title(rollback ? "Roll back waits" : "Waiting", names(card), rollback ? "in" : "to"),
    tone: "double_vertical_bar",
    fact: first === undefined ? "It is next and starts in a moment." : sentence(first.text),
    next:
      first === undefined
        ? null
        : `${lifting(first, context)} ${first.rule === "later" ? "You can still stop it." : "Then it goes on by itself."}`.trimStart(),
    body: [
      {
        kind: "lines",
        lines: [
          placeLine(queue, context),
          ...others.map((reason) => `:double_vertical_bar: ${sentence(reason.text)} ${lifting(reason, context)}`.trimEnd()),
          queue === null ? null : opensLine(queue, context),
          changesLine(deployment.changes),
          differingLine(card),
          troubleLine(card),
        ],
      },
    ],
    detail: [replaces(card, context), saidYes(card)],
    buttons: [
      startNowButton(card),
      cancelButton(card),
      reasons.some(({ rule }) => rule === "lock") ? askUnlockButton({ app: card.app, environment: card.environment.name }) : null,
      openRun(card),
    ]
      .filter((one) => one !== null)
      .slice(0, MOST_BUTTONS),
    blockId: `act:${deployment.id}:${deployment.counter}`,
  };
}

/** Below the card of what waits for a yes: a yes starts nothing while it is closed. Null: it is open. */
export function closingLine({ closing }: DeploymentCard, context: RenderContext): string | null {
  const [first, ...others] = closing?.blockers ?? [];
  if (closing === null || first === undefined) return null;
  const more = others.map(({ text }) => sentence(text)).join(" ");
  const opens = closing.opensAt === null ? "" : ` A yes now starts it at ${clock(closing.opensAt, context.now)}.`;
  return `:double_vertical_bar: *Closed:* ${sentence(first.text)}${more === "" ? "" : ` ${more}`}${opens}`;
}

/** Tells the owner of the lock, privately, who waits. */
export function askUnlockButton(place: Place): Button {
  return button({
    action: ACTIONS.askUnlock,
    label: "Ask to unlock",
    spoken: `Ask whoever holds ${place.app} in ${place.environment} to unlock it`,
    value: encodePlace(place),
  });
}

/** "*In the queue:* 2nd of 3, starts at about 14:20". */
function placeLine(queue: DeploymentCard["queue"], context: RenderContext): string | null {
  if (queue === null) return null;
  const { startsAt } = queue;
  const soon = startsAt !== null && startsAt.getTime() - context.now.getTime() < MOMENT_MS;
  const when = startsAt === null || soon ? "" : `, starts at about ${clock(startsAt, context.now)}`;
  return `:hourglass_flowing_sand: *In the queue:* ${positionWords(queue)}${when}`;
}

/** Only where no single reason says it: several of them, or a window that begins before another one ends. */
function opensLine({ blockers, opensAt }: Closing, context: RenderContext): string | null {
  const ends = blockers.flatMap(({ liftsAt }) => (liftsAt === null ? [] : [liftsAt.getTime()]));
  if (opensAt === null || (ends.length === 1 && ends[0] === opensAt.getTime())) return null;
  return `:double_vertical_bar: *Open again:* ${clock(opensAt, context.now)}, when all of that is over`;
}

/** Who lifts it, and when it ends by itself. */
function lifting({ rule, text, owner, lifts, liftsAt }: Reason, context: RenderContext): string {
  const ask = owner === null || text.includes(owner) ? "" : `Ask ${foreign(owner, LIMITS.name)}.`;
  const ends = liftsAt === null ? "" : `It ${rule === "later" ? "starts" : "ends"} at ${clock(liftsAt, context.now)}.`;
  return [lifts === null ? ask : sentence(lifts), ends].filter((part) => part !== "").join(" ");
}
