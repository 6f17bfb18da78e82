import type { Context } from "./context.ts";
import type { Channel } from "./state.ts";

/** Who sees which conversation, by Slack's rules. */

/** The conversation a bot means by C…, G…, D…, #name, name or (when `people`) a user id; undefined when it does not see it. */
export function channelForBot(context: Context, wanted: string, options: { people: boolean } = { people: false }): Channel | undefined {
  if (options.people && context.state.users.has(wanted)) return openDirect(context, wanted);
  const name = wanted.replace(/^#/u, "");
  const channel = context.state.channels.get(wanted) ?? [...context.state.channels.values()].find((one) => one.name === name && !one.is_im);
  return channel && (!hidden(channel) || isBotIn(context, channel)) ? channel : undefined;
}

export function isBotIn(context: Context, channel: Channel): boolean {
  return channel.is_im || channel.members.includes(context.seed.bot.user_id);
}

/** The conversation of the bot with this person, made when it is first needed. */
export function openDirect(context: Context, user: string): Channel {
  const known = [...context.state.channels.values()].find((one) => one.is_im && one.user === user);
  if (known) return known;
  const id = context.ids.next("D");
  const flags = { is_private: true, is_archived: false, is_ext_shared: false, is_general: false, is_im: true };
  const channel: Channel = { id, name: "directmessage", members: [user, context.seed.bot.user_id], user, topic: "", ...flags };
  context.state.channels.set(id, channel);
  context.bus.emit({ topic: "channel", key: id, value: channel });
  return channel;
}

/** May this person read it? Guests see only where they are members. */
export function sees(context: Context, userId: string, channel: Channel): boolean {
  const user = context.state.users.get(userId);
  if (!user) return false;
  const outsider = user.is_restricted === true || user.is_ultra_restricted === true || user.team_id !== context.seed.team.id;
  return channel.members.includes(userId) || (!hidden(channel) && !outsider);
}

/** The name Slack puts into payloads: private ones are not named. */
export function nameInPayload(channel: Channel): string {
  if (channel.is_im) return "directmessage";
  return channel.is_private ? "privategroup" : channel.name;
}

function hidden(channel: Channel): boolean {
  return channel.is_private || channel.is_im;
}
