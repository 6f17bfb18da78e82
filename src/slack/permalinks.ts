import type { WebClient } from "@slack/web-api";

/** A message of ours in Slack. */
export type Shown = { readonly channel: string; readonly ts: string };

export type Permalinks = {
  /** The address of a message; null when Slack does not give one now. Asked once a message. */
  of(message: Shown): Promise<string | null>;
};

/** More than the open cards of a large team; the oldest are asked again. */
const MOST_KEPT = 2_000;

/** Links to cards are shown where people are told of them; without one the words still say all. */
export function createPermalinks(client: WebClient): Permalinks {
  const known = new Map<string, string>();
  return {
    async of({ channel, ts }) {
      const key = `${channel}:${ts}`;
      const found = known.get(key);
      if (found !== undefined) return found;
      const answer = await client.chat.getPermalink({ channel, message_ts: ts }).catch(() => null);
      if (answer?.permalink === undefined) return null;
      const [oldest] = known.keys();
      if (known.size >= MOST_KEPT && oldest !== undefined) known.delete(oldest);
      known.set(key, answer.permalink);
      return answer.permalink;
    },
  };
}
