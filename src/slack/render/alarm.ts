import type { Overflow } from "@slack/types";
import { wordName } from "../../domain/alarm.ts";
import type { DeploymentCard } from "../../domain/card.ts";
import { isFinal, isWatched } from "../../domain/deployment.ts";
import { ACTIONS } from "../action-ids.ts";
import { encodeAlarm } from "../alarm-value.ts";
import { pressedOf } from "../action-value.ts";
import { clock } from "../words.ts";
import { option } from "./blocks.ts";
import type { Drawing, RenderContext } from "./drawing.ts";
import { who } from "./parts.ts";

/**
 * Where a regression was seen, people may say what it was: behind a menu, so that it does not crowd the buttons that matter more on a
 * phone. Nobody is asked while they have something to decide; afterwards the card does ask.
 */
export function withAlarm(drawing: Drawing, card: DeploymentCard, context: RenderContext): Drawing {
  const { alarm } = card;
  if (alarm === null || alarm === undefined || isBusy(card)) return drawing;
  const { word } = alarm;
  const line = word === null ? null : `*${wordName(word.isReal)}*, says ${who(word.by)} at ${clock(word.at, context.now)}`;
  const asks = word === null && isFinal(card.deployment.state);
  return {
    ...drawing,
    body: line === null ? drawing.body : [...drawing.body, { kind: "lines", lines: [line] }],
    detail: asks ? [...drawing.detail, "Was it real? Say so in the menu beside the buttons."] : drawing.detail,
    buttons: [...drawing.buttons, menu(card)],
  };
}

/** It is going back, or stuck on the way: that comes first. */
function isBusy({ deployment, rollback }: DeploymentCard): boolean {
  const { state } = rollback === null ? deployment : rollback.deployment;
  return !isFinal(state) && !isWatched(state);
}

function menu({ deployment }: DeploymentCard): Overflow {
  const pressed = pressedOf(deployment);
  return {
    type: "overflow",
    action_id: ACTIONS.alarmWord,
    options: [option("Real: it did harm", encodeAlarm(pressed, true)), option("False alarm", encodeAlarm(pressed, false))],
  };
}
