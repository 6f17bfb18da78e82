import { WebAPIPlatformError, type WebClient } from "@slack/web-api";
import { channelById, isChannelId, type Channel, type Channels } from "./channels.ts";
import type { Person } from "./deps.ts";
import { remembered } from "./remembered.ts";
import type { Clock } from "../ports.ts";

/** As many as Slack gives in one answer. */
const PAGE = 1_000;
/** A channel with more members than this is read by those on its first pages. */
const MOST_PAGES = 20;

export type ChannelReaders = { reads(user: string, channel: string): Promise<boolean> };

/**
 * Who can read a channel in Slack: its members, and of a public one all of our team but guests. A channel that Slack does not show us is
 * read by nobody. @throws when Slack cannot be asked
 */
export function createChannelReaders(
  client: WebClient,
  options: { readonly now: Clock; readonly channels: Channels; team(): Promise<string>; person(id: string): Promise<Person | null> },
): ChannelReaders {
  const places = remembered(
    (channel: string) => (isChannelId(channel) ? channelById(client, channel) : options.channels.find(channel)),
    options.now,
  );
  const members = remembered((id: string) => readMembers(client, id), options.now);

  async function mayJoin(user: string, place: Channel): Promise<boolean> {
    if (place.private) return false;
    const person = await options.person(user);
    return person !== null && !person.guest && !person.deleted && person.team === (await options.team());
  }

  return {
    async reads(user, channel) {
      const place = await places.get(channel);
      if (place === null) return false;
      return (await mayJoin(user, place)) || (await members.get(place.id)).has(user);
    },
  };
}

async function readMembers(client: WebClient, channel: string): Promise<ReadonlySet<string>> {
  const all = new Set<string>();
  let cursor: string | undefined;
  try {
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const answer = await client.conversations.members({ channel, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      for (const member of answer.members ?? []) all.add(member);
      cursor = answer.response_metadata?.next_cursor;
      if (cursor === undefined || cursor === "") break;
    }
  } catch (error) {
    // Refused, not away: then nobody is known to read it.
    if (error instanceof WebAPIPlatformError && CLOSED.has(error.data.error)) return new Set();
    throw error;
  }
  return all;
}

const CLOSED: ReadonlySet<string> = new Set(["channel_not_found", "missing_scope", "fetch_members_failed", "not_in_channel"]);
