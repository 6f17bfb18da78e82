import type { App, MessageShortcut } from "@slack/bolt";
import type { Pressed } from "../../domain/intent.ts";
import type { RollBackAsked } from "../../domain/roll-back-offer.ts";
import { SHORTCUTS } from "../action-ids.ts";
import { encodeValue } from "../action-value.ts";
import type { Where } from "../deps.ts";
import { plainly } from "../presses.ts";
import { renderRollBackView, renderRollBackWait } from "../render/roll-back-view.ts";
import { encodeViewData } from "../view-data.ts";
import type { Desk } from "./desk.ts";

export type RollBackForm = {
  readonly trigger: string;
  readonly user: string;
  readonly where: Where;
  readonly asked: RollBackAsked;
  /** What the button said when it was drawn; null: it was asked for by names or by a message. */
  readonly pressed: Pressed | null;
  /** The version that was named; null: the default. */
  readonly to: string | null;
};

const NOTHING = "There is nothing to roll back: Greenlight deployed nothing here.";

/** Opens at once and fills itself afterwards: says what goes where, offers what ran there, and asks why. */
export async function openRollBack(desk: Desk, form: RollBackForm): Promise<void> {
  try {
    const empty = encodeViewData("roll_back", form.where);
    const { view } = await desk.client.views.open({ trigger_id: form.trigger, view: renderRollBackWait(empty) });
    if (view?.id === undefined) return;
    await desk.client.views.update({ view_id: view.id, view: await filled(desk, form, empty) });
  } catch (error) {
    desk.deps.log("warn", "the roll back form was not opened", { because: error instanceof Error ? error.message : "unknown" });
    await desk.presses.tell(form.user, form.where, plainly("Slack did not open the form in time. Nothing was done, try again."));
  }
}

async function filled(desk: Desk, form: RollBackForm, empty: string): Promise<ReturnType<typeof renderRollBackWait>> {
  try {
    const offer = await desk.deps.rollBackOf({ ...form.asked, user: form.user });
    if (offer === null) return renderRollBackWait(empty, NOTHING);
    return renderRollBackView(offer, { data: encodeViewData(encodeValue(form.pressed ?? offer.pressed), form.where), to: form.to });
  } catch (error) {
    desk.deps.report(error, { doing: "filling the roll back form" });
    return renderRollBackWait(empty, ":warning: What may be rolled back could not be read. Close this and try again.");
  }
}

/** "Roll back this deploy" in the menu of a message: which one it is says the place of the message, never its text. */
export function listenToMessageShortcut(app: App, desk: Desk): void {
  app.shortcut<MessageShortcut>({ type: "message_action", callback_id: SHORTCUTS.rollBackMessage }, async ({ ack, body }) => {
    await ack();
    const thread: unknown = body.message["thread_ts"];
    const where = { channel: body.channel.id, thread: typeof thread === "string" ? thread : null, responseUrl: body.response_url };
    const asked = { channel: body.channel.id, ts: body.message_ts };
    await openRollBack(desk, { trigger: body.trigger_id, user: body.user.id, where, asked, pressed: null, to: null });
  });
}
