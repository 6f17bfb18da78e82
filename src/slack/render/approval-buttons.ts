import type { Button, Overflow } from "@slack/types";
import type { DeploymentCard } from "../../domain/card.ts";
import { ACTIONS } from "../action-ids.ts";
import { encodeValue, pressedOf } from "../action-value.ts";
import { button, option } from "./blocks.ts";
import { openRun } from "./buttons.ts";

/** What a menu's link carries: its press is acknowledged and means nothing. */
export const LINK_ONLY = "link";

/** The same yes, for a start at another time. */
export function laterButton(card: DeploymentCard): Button {
  return button({
    action: ACTIONS.later,
    label: "Later…",
    spoken: `Approve ${card.app} to ${card.environment.name} for later`,
    value: encodeValue(pressedOf(card.deployment)),
  });
}

/** What waits for a time that somebody chose: null where it does not. */
export function startNowButton(card: DeploymentCard): Button | null {
  const { state } = card.deployment;
  const blockers = state.state !== "queued" ? [] : (card.queue?.blockers ?? state.blockers);
  if (!blockers.some(({ rule }) => rule === "later")) return null;
  const others = blockers.length > 1;
  return button({
    action: ACTIONS.startNow,
    label: "Start now",
    spoken: `Start ${card.app} to ${card.environment.name} now, not at its time`,
    value: encodeValue(pressedOf(card.deployment)),
    confirm: {
      title: "Start it now?",
      text: `It does not wait for the time that was chosen.${others ? " What else is in the way still is." : ""} Whoever said yes for later is told.`,
      yes: "Start now",
      no: "Wait",
    },
  });
}

/** What is wanted seldom: the run's page, and the glass to be broken, where somebody may. Behind a menu nobody presses it by accident. */
export function approvalMenu(card: DeploymentCard): Overflow | null {
  const { release } = card.environment;
  const run = openRun(card);
  const options: Overflow["options"] = [];
  if (run?.url !== undefined) options.push({ ...option("Open the run", LINK_ONLY), url: run.url });
  if (release.mode === "approval" && release.approval.override !== undefined)
    options.push(option("Override the approval…", encodeValue(pressedOf(card.deployment))));
  return options.length === 0 ? null : { type: "overflow", action_id: ACTIONS.approvalMore, options };
}

/** A rejection is taken back, as long as nothing newer was started there. */
export function offerAgainButton(card: DeploymentCard): Button | null {
  if (!card.offerable) return null;
  return button({
    action: ACTIONS.offerAgain,
    label: "Offer again",
    spoken: `Offer ${card.app} to ${card.environment.name} again`,
    value: encodeValue(pressedOf(card.deployment)),
    confirm: {
      title: "Offer it again?",
      text: "The same version asks for a yes once more, on a card of its own. This rejection stays in the history.",
      yes: "Offer again",
      no: "Not now",
    },
  });
}
