import type { App, BlockAction, ButtonAction, OverflowAction, ViewSubmitAction } from "@slack/bolt";
import type { Intent } from "../../domain/intent.ts";
import { ACTIONS, INPUTS, VIEWS } from "../action-ids.ts";
import { encodeValue, parseValue } from "../action-value.ts";
import { parseLook, type LookValue } from "../look-value.ts";
import { NOT_TAKEN } from "../presses.ts";
import { parseViewData, whereOf } from "../view-data.ts";
import { openReason } from "./actions.ts";
import type { Desk } from "./desk.ts";
import { actorOf, teamOf } from "./envelope.ts";
import { OLD_FORM } from "./form.ts";
import { oldButton, press } from "./press.ts";

/** As long as somebody needs to look in peace; it can be ended before. */
const HOLD_MS = 2 * 3_600_000;

/** "Looks good", "Not yet…" and the menu beside them, where people look before a version goes on. */
export function listenToLooks(app: App, desk: Desk): void {
  app.action<BlockAction<ButtonAction>>({ type: "block_actions", action_id: ACTIONS.looksGood }, async ({ ack, body, action }) => {
    const look = parseLook(action.value);
    if (look === null || look.revision === null) return oldButton(desk, { ack, body });
    await press(desk, { ack, body, action }, { kind: "validate", ...placeOf(look) });
  });

  app.action<BlockAction<ButtonAction>>({ type: "block_actions", action_id: ACTIONS.notYet }, async ({ ack, body, action }) => {
    if (action.value === undefined || parseLook(action.value) === null) return oldButton(desk, { ack, body });
    await ack();
    await openReason(desk, body, { kind: "not_yet", value: action.value });
  });

  app.action<BlockAction<OverflowAction>>({ type: "block_actions", action_id: ACTIONS.lookWays }, async ({ ack, body, action }) => {
    const { value } = action.selected_option;
    const pressed = parseValue(value);
    if (pressed !== null) {
      await ack();
      return openReason(desk, body, { kind: "roll_back", value: encodeValue(pressed) });
    }
    const look = parseLook(value);
    if (look === null || look.way === null) return oldButton(desk, { ack, body });
    const place = { app: look.app, environment: look.environment };
    const intent: Intent =
      look.way === "hold" ? { kind: "lock", ...place, reason: "looking at it", forMs: HOLD_MS } : { kind: "unlock", ...place };
    await press(desk, { ack, body, action }, intent);
  });

  app.view<ViewSubmitAction>({ type: "view_submission", callback_id: VIEWS.notYet }, async ({ ack, body }) => {
    const refuse = (because: string): Promise<void> => ack({ response_action: "errors", errors: { [INPUTS.reason]: because } });
    const data = parseViewData(body.view.private_metadata);
    const look = data === null ? null : parseLook(data.value);
    if (data === null || look === null) return refuse(OLD_FORM);
    const typed = body.view.state.values[INPUTS.reason]?.[INPUTS.text]?.value;
    const reason = typeof typed === "string" ? typed.trim() : "";
    if (reason === "") return refuse("Say why, in a few words.");
    const intent: Intent = { kind: "not_yet", reason, ...placeOf(look) };
    const click = { id: `form:${body.user.id}:${body.view.id}`, actor: actorOf(body.user), team: teamOf(body), at: desk.deps.now() };
    await desk.presses.press({ ...click, intent, where: whereOf(data) }, { ack: () => ack(), late: () => refuse(NOT_TAKEN) });
  });
}

function placeOf({ app, environment, revision }: LookValue): {
  readonly app: string;
  readonly environment: string;
  readonly revision?: string;
} {
  return { app, environment, ...(revision === null ? {} : { revision }) };
}
