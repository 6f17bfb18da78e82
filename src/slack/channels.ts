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
/** Tier 2: more than twenty pages are not read at a start. */
const PAGE = 1_000;
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
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const channel of answer.channels ?? []) {
      const known = channelOf(channel);
      if (known !== null) all.push(known);
    }
    cursor = answer.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === "") break;
  }
  return all;
}

function channelOf(said: Conversation | undefined): Channel | null {
  if (said?.id === undefined || said.name === undefined) return null;
  return {
    id: said.id,
    name: said.name,
    member: said.is_member === true,
    archived: said.is_archived === true,
    shared: said.is_ext_shared === true,
    private: said.is_private !== false,
  };
}

type Conversation = NonNullable<Awaited<ReturnType<WebClient["conversations"]["info"]>>["channel"]>;

/** One channel by its id, whatever the size of the workspace. Null when Slack does not show it to us. @throws when Slack cannot be asked */
export async function channelById(client: WebClient, id: string): Promise<Channel | null> {
  try {
    return channelOf((await client.conversations.info({ channel: id })).channel);
  } catch (error) {
    if (error instanceof WebAPIPlatformError && HIDDEN.has(error.data.error)) return null;
    throw error;
  }
}

const HIDDEN: ReadonlySet<string> = new Set(["channel_not_found", "missing_scope"]);

/** Is it written as an id, not as a name? */
export function isChannelId(channel: string): boolean {
  return /^[CG][A-Z0-9]{6,}$/u.test(channel);
}
