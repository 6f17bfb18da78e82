import type { App, BlockAction, OverflowAction } from "@slack/bolt";
import { ACTIONS } from "../action-ids.ts";
import { parseAlarm } from "../alarm-value.ts";
import { NOT_TAKEN, plainly } from "../presses.ts";
import { OLD_BUTTON } from "./actions.ts";
import type { Desk } from "./desk.ts";
import { clickOfAction, whereOfAction } from "./envelope.ts";

/** "Real" or "False alarm", of a regression that was seen. */
export function listenToAlarms(app: App, desk: Desk): void {
  app.action<BlockAction<OverflowAction>>({ type: "block_actions", action_id: ACTIONS.alarmWord }, async ({ ack, body, action }) => {
    const tell = (words: string): Promise<unknown> => desk.presses.tell(body.user.id, whereOfAction(body), plainly(words));
    const said = parseAlarm(action.selected_option.value);
    if (said === null) {
      await ack();
      return void (await tell(OLD_BUTTON));
    }
    const intent = { kind: "mark_alarm", isReal: said.isReal, ...said.pressed } as const;
    await desk.presses.press(clickOfAction(body, action, { intent, at: desk.deps.now() }), {
      ack: () => ack(),
      async late() {
        await ack();
        await tell(NOT_TAKEN);
      },
    });
  });
}
