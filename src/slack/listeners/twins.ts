import type { App } from "@slack/bolt";
import { z } from "zod";
import type { DeploymentId } from "../../domain/ids.ts";
import { parseValue } from "../action-value.ts";
import { section } from "../render/blocks.ts";
import { link } from "../escape.ts";
import type { Desk } from "./desk.ts";

/** A press in a message, as far as it says which one. */
const Pressed = z.object({
  type: z.literal("block_actions"),
  container: z.object({ type: z.literal("message"), message_ts: z.string(), channel_id: z.string(), is_ephemeral: z.boolean().optional() }),
  actions: z.array(z.object({ value: z.string().optional() })).min(1),
});

type Seen = { readonly channel: string; readonly ts: string; readonly deployment: DeploymentId };

/**
 * Without the right to read the channel a card whose answer was lost is posted again, and nobody knows of the first. A press in it
 * shows where it stands: it then points to the card that goes on. The press itself counts like any other.
 */
export function listenToTwins(app: App, desk: Desk): void {
  app.use(async ({ body, next }) => {
    await next();
    const seen = seenIn(body);
    if (seen !== null)
      void retire(desk, seen).catch((error: unknown) => desk.deps.report(error, { doing: "retiring a card posted twice" }));
  });
}

function seenIn(body: unknown): Seen | null {
  const parsed = Pressed.safeParse(body);
  if (!parsed.success || parsed.data.container.is_ephemeral === true) return null;
  const { container, actions } = parsed.data;
  const pressed = parseValue(actions[0]?.value);
  return pressed === null ? null : { channel: container.channel_id, ts: container.message_ts, deployment: pressed.deployment };
}

async function retire(desk: Desk, { channel, ts, deployment }: Seen): Promise<void> {
  const card = await desk.deps.cardElsewhere({ channel, ts }, deployment);
  // What tells of it elsewhere is no second card.
  if (card === null || card.channel !== channel) return;
  const answer = await desk.client.chat.getPermalink({ channel: card.channel, message_ts: card.ts }).catch(() => null);
  const there = answer?.permalink === undefined ? "another message" : link(answer.permalink, "another message");
  const text = "This card was posted twice. It goes on in another message.";
  await desk.client.chat
    .update({ channel, ts, text, blocks: [section(`This card was posted twice. It goes on in ${there}.`)] })
    .catch((error: unknown) =>
      // One that may not be edited any more stays: its buttons do what the others do.
      desk.deps.log("info", "a card posted twice was not replaced", { because: error instanceof Error ? error.message : "unknown" }),
    );
}
