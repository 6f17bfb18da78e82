import type { App, BlockAction, OverflowAction } from "@slack/bolt";
import { ACTIONS } from "../action-ids.ts";
import { parseAlarm } from "../alarm-value.ts";
import type { Desk } from "./desk.ts";
import { oldButton, press } from "./press.ts";

/** "Real" or "False alarm", of a regression that was seen. */
export function listenToAlarms(app: App, desk: Desk): void {
  app.action<BlockAction<OverflowAction>>({ type: "block_actions", action_id: ACTIONS.alarmWord }, async ({ ack, body, action }) => {
    const said = parseAlarm(action.selected_option.value);
    if (said === null) return oldButton(desk, { ack, body });
    await press(desk, { ack, body, action }, { kind: "mark_alarm", isReal: said.isReal, ...said.pressed });
  });
}
