import type { Button, Overflow } from "@slack/types";
import type { DeploymentCard } from "../../domain/card.ts";
import type { Deployment, LockHolder } from "../../domain/deployment.ts";
import { shortSha } from "../../domain/ids.ts";
import { ACTIONS } from "../action-ids.ts";
import { encodeValue, pressedOf } from "../action-value.ts";
import { count } from "../words.ts";
import { button, option } from "./blocks.ts";
import { onItButton } from "./buttons.ts";
import { rollBackSchemaButton, schemaBack } from "./database.ts";

/** The ways out of needs_attention: the two that help most as buttons, all that need a reason behind a form. */
export function attentionButtons(card: DeploymentCard, deployment: Deployment): readonly (Button | Overflow)[] {
  const pressed = pressedOf(deployment);
  const where = `${card.app} in ${card.environment.name}`;
  const ask = button({
    action: ACTIONS.attentionAskHosts,
    label: "Ask servers again",
    spoken: `Ask the servers of ${where} again`,
    value: encodeValue(pressed, "ask_hosts"),
    style: "primary",
    confirm: {
      title: "Ask the servers again?",
      text: "Greenlight looks what is done on each server and goes on from there.",
      yes: "Ask again",
      no: "Not now",
    },
  });
  const held = deployment.state.state === "needs_attention" ? deployment.state.held : undefined;
  if (held !== undefined)
    return [
      takeOverButton(card, held, encodeValue(pressed, "take_over")),
      ask,
      menu([...onItOption(card), option("Give up, nothing was changed…", encodeValue(pressed, "stays_broken"))]),
    ];
  const ways = [
    option(`${shortSha(deployment.revision)} is live, I looked…`, encodeValue(pressed, "mark_live")),
    ...(deployment.from === null ? [] : [option(`${shortSha(deployment.from)} is live, I looked…`, encodeValue(pressed, "mark_earlier"))]),
    ...(card.wayBack === null
      ? []
      : [option(deployment.kind === "deploy" ? "Roll back…" : "Roll back again…", encodeValue(pressed, "roll_back"))]),
    option("It stays broken…", encodeValue(pressed, "stays_broken")),
  ];
  const schema = schemaBack(card);
  const back = schema === null ? null : rollBackSchemaButton(card, schema);
  if (back !== null) return [ask, back, menu([...onItOption(card), ...ways])];
  const onIt = onItButton(card);
  return [ask, ...(onIt === null ? [] : [onIt]), menu(ways)];
}

function takeOverButton(card: DeploymentCard, held: readonly LockHolder[], value: string): Button {
  const where = count(held.length, "server");
  const who = [...new Set(held.map((lock) => lock.who))].slice(0, 2).join(" and ");
  return button({
    action: ACTIONS.attentionTakeOver,
    label: "Take over…",
    spoken: `Take over ${where} for ${card.app} in ${card.environment.name}`,
    value,
    style: "danger",
    confirm: {
      title: `Take over ${where}?`,
      text: `${who} holds ${held.length === 1 ? "it" : "them"}, and nothing of it runs there any more. What it left half-done stays as it is, and it can start nothing there again. Then this deployment starts.`,
      yes: "Take over",
      no: "Not now",
      danger: true,
    },
  });
}

function menu(options: Overflow["options"]): Overflow {
  return { type: "overflow", action_id: ACTIONS.attentionWays, options };
}

/** Where three buttons are there already. A choice without a way out names who looks after it, and stops whoever would be called. */
function onItOption(card: DeploymentCard): Overflow["options"] {
  return card.onIt === null ? [option("I’m on it", encodeValue(pressedOf(card.deployment)))] : [];
}
