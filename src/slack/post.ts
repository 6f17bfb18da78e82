import type { KnownBlock } from "@slack/types";
import type { MessageMetadata } from "@slack/types";
import type { WebClient } from "@slack/web-api";

export type Posted = { readonly channel: string; readonly ts: string };

/** A new message; never unfurled, so that a link in a card does not become a second card. @throws as the client does */
export async function post(
  client: WebClient,
  message: {
    readonly channel: string;
    readonly thread: string | null;
    readonly broadcast: boolean;
    readonly text: string;
    readonly blocks: KnownBlock[];
    readonly metadata: MessageMetadata | null;
  },
): Promise<Posted> {
  const { postMessage } = client.chat;
  const common = {
    channel: message.channel,
    text: message.text,
    unfurl_links: false,
    unfurl_media: false,
    ...(message.blocks.length === 0 ? {} : { blocks: message.blocks }),
    ...(message.metadata === null ? {} : { metadata: message.metadata }),
  };
  const answer = await postMessage(
    message.thread === null
      ? common
      : message.broadcast
        ? { ...common, thread_ts: message.thread, reply_broadcast: true }
        : { ...common, thread_ts: message.thread },
  );
  return { channel: answer.channel ?? message.channel, ts: answer.ts ?? "" };
}
