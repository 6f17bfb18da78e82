import type { App, BlockAction, ButtonAction } from "@slack/bolt";
import { ACTIONS } from "../action-ids.ts";
import { parsePlace } from "../place-value.ts";
import { NOT_TAKEN, plainly } from "../presses.ts";
import { OLD_BUTTON } from "./actions.ts";
import type { Desk } from "./desk.ts";
import { clickOfAction, whereOfAction } from "./envelope.ts";

/** Buttons about an environment that somebody holds. */
export function listenToHolds(app: App, desk: Desk): void {
  app.action<BlockAction<ButtonAction>>({ type: "block_actions", action_id: ACTIONS.askUnlock }, async ({ ack, body, action }) => {
    const place = parsePlace(action.value);
    const say = async (words: string): Promise<void> => {
      await ack();
      await desk.presses.tell(body.user.id, whereOfAction(body), plainly(words));
    };
    if (place === null) return say(OLD_BUTTON);
    await desk.presses.press(clickOfAction(body, action, { intent: { kind: "ask_unlock", ...place }, at: desk.deps.now() }), {
      ack: () => ack(),
      late: () => say(NOT_TAKEN),
    });
  });
}
