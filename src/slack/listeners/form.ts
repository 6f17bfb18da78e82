import type { BlockAction } from "@slack/bolt";
import type { ModalView } from "@slack/types";
import { plainly } from "../presses.ts";
import type { Desk } from "./desk.ts";
import { whereOfAction } from "./envelope.ts";

export const OLD_FORM = "This form is of an earlier version of Greenlight. Close it and open it again.";
const NO_FORM = "Slack did not open the form in time. Nothing was done, press again.";

/** Opens the form that a press asks for: its trigger lives three seconds, and whoever pressed is told when that was too short. */
export async function openForm(desk: Desk, body: BlockAction, view: ModalView): Promise<void> {
  try {
    await desk.client.views.open({ trigger_id: body.trigger_id, view });
  } catch (error) {
    desk.deps.log("warn", "a form was not opened", { because: error instanceof Error ? error.message : "unknown" });
    await desk.presses.tell(body.user.id, whereOfAction(body), plainly(NO_FORM));
  }
}
