import { WebAPIPlatformError, type WebClient } from "@slack/web-api";

/** A channel as Slack lists it to the bot: private ones only where the bot is. */
export type Channel = {
  readonly id: string;
  readonly name: string;
  readonly member: boolean;
  readonly archived: boolean;
  readonly shared: boolean;
  readonly private: boolean;
};

export type Channels = {
  /** `#name` or an id, to the channel; null when Slack does not show it to us. @throws when Slack cannot be asked */
  find(channel: string): Promise<Channel | null>;
};

/** Names are looked up again after this long, and at once when one is unknown. */
const KEPT_MS = 300_000;
/** 200 a page, tier 2: more than twenty pages are not read at a start. */
const MOST_PAGES = 20;

export function createChannels(client: WebClient, now: () => number): Channels {
  let known: { readonly at: number; readonly all: readonly Channel[] } | null = null;
  let asking: Promise<readonly Channel[]> | null = null;

  async function read(): Promise<readonly Channel[]> {
    asking ??= readAll(client).finally(() => {
      asking = null;
    });
    const all = await asking;
    known = { at: now(), all };
    return all;
  }

  return {
    async find(channel) {
      const matches = (candidate: Channel): boolean => candidate.id === channel || candidate.name === channel.replace(/^#/u, "");
      const fresh = known !== null && now() - known.at < KEPT_MS ? known.all.find(matches) : undefined;
      return fresh ?? (await read()).find(matches) ?? null;
    },
  };
}

/** Private channels are listed only with groups:read, which is not asked for: without it the whole call is refused. */
async function readAll(client: WebClient): Promise<readonly Channel[]> {
  try {
    return await readTypes(client, "public_channel,private_channel");
  } catch (error) {
    if (error instanceof WebAPIPlatformError && error.data.error === "missing_scope") return readTypes(client, "public_channel");
    throw error;
  }
}

async function readTypes(client: WebClient, types: string): Promise<readonly Channel[]> {
  const all: Channel[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await client.conversations.list({
      types,
      limit: 200,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const channel of answer.channels ?? []) {
      if (channel.id === undefined || channel.name === undefined) continue;
      all.push({
        id: channel.id,
        name: channel.name,
        member: channel.is_member === true,
        archived: channel.is_archived === true,
        shared: channel.is_ext_shared === true,
        private: channel.is_private !== false,
      });
    }
    cursor = answer.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === "") break;
  }
  return all;
}
