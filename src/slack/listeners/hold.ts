import type { App, BlockAction, ButtonAction, ViewSubmitAction } from "@slack/bolt";
import type { Intent } from "../../domain/intent.ts";
import { ACTIONS, INPUTS, VIEWS } from "../action-ids.ts";
import { encodePlace, parsePlace, type Place } from "../place-value.ts";
import { NOT_TAKEN } from "../presses.ts";
import { HOLD_FORMS, renderHoldView, type HoldVerb } from "../render/hold-view.ts";
import { encodeViewData, parseViewData, whereOf } from "../view-data.ts";
import type { Desk } from "./desk.ts";
import { actorOf, teamOf, whereOfAction } from "./envelope.ts";
import { OLD_FORM, openForm } from "./form.ts";
import { oldButton, press } from "./press.ts";

const OPENERS: Readonly<Record<string, (place: Place) => Intent>> = {
  [ACTIONS.askUnlock]: (place) => ({ kind: "ask_unlock", ...place }),
  [ACTIONS.unlock]: (place) => ({ kind: "unlock", ...place }),
  [ACTIONS.unfreeze]: (place) => ({ kind: "unfreeze", ...place }),
};

/** Buttons about an environment that is closed, and the forms that close one. */
export function listenToHolds(app: App, desk: Desk): void {
  for (const [id, intentOf] of Object.entries(OPENERS)) {
    app.action<BlockAction<ButtonAction>>({ type: "block_actions", action_id: id }, async ({ ack, body, action }) => {
      const place = parsePlace(action.value);
      if (place === null) return oldButton(desk, { ack, body });
      await press(desk, { ack, body, action }, intentOf(place));
    });
  }

  for (const verb of ["lock", "freeze"] as const) listenToForm(app, desk, verb);
}

function listenToForm(app: App, desk: Desk, verb: HoldVerb): void {
  app.view<ViewSubmitAction>({ type: "view_submission", callback_id: VIEWS[verb] }, async ({ ack, body }) => {
    const refuse = (because: string): Promise<void> => ack({ response_action: "errors", errors: { [INPUTS.reason]: because } });
    const data = parseViewData(body.view.private_metadata);
    const place = data === null ? null : parsePlace(data.value);
    const { values } = body.view.state;
    const forMs = Number(values[INPUTS.when]?.[INPUTS.when]?.selected_option?.value);
    if (data === null || place === null || !HOLD_FORMS[verb].times.includes(forMs)) return refuse(OLD_FORM);
    const typed = values[INPUTS.reason]?.[INPUTS.text]?.value;
    const reason = typeof typed === "string" ? typed.trim() : "";
    if (reason === "") return refuse("Say why, in a few words.");
    const click = { id: `form:${body.user.id}:${body.view.id}`, actor: actorOf(body.user), team: teamOf(body), at: desk.deps.now() };
    const intent: Intent = { kind: verb, ...place, reason, forMs };
    await desk.presses.press({ ...click, intent, where: whereOf(data) }, { ack: () => ack(), late: () => refuse(NOT_TAKEN) });
  });
}

/** Asks why and for how long, before anything is held. */
export async function openHold(desk: Desk, body: BlockAction, verb: HoldVerb, place: Place): Promise<void> {
  await openForm(desk, body, renderHoldView(verb, place, encodeViewData(encodePlace(place), whereOfAction(body))));
}
