import type { BlockAction, BlockElementAction } from "@slack/bolt";
import type { Intent } from "../../domain/intent.ts";
import { NOT_TAKEN, plainly } from "../presses.ts";
import type { Desk } from "./desk.ts";
import { clickOfAction, whereOfAction } from "./envelope.ts";

const OLD_BUTTON = "This button is of an earlier version of Greenlight. Nothing was done; use the newest card.";

type Acked = { ack(): Promise<void>; readonly body: BlockAction };
type Pressed = Acked & { readonly action: BlockElementAction };

/** A press that says all by itself: stored, acknowledged, then carried out. */
export async function press(desk: Desk, { ack, body, action }: Pressed, intent: Intent): Promise<void> {
  await desk.presses.press(clickOfAction(body, action, { intent, at: desk.deps.now() }), {
    ack: () => ack(),
    async late() {
      await ack();
      await desk.presses.tell(body.user.id, whereOfAction(body), plainly(NOT_TAKEN));
    },
  });
}

/** A button whose value cannot be read any more. */
export async function oldButton(desk: Desk, { ack, body }: Acked): Promise<void> {
  await ack();
  await desk.presses.tell(body.user.id, whereOfAction(body), plainly(OLD_BUTTON));
}
