import { messageShape, viewShape } from "../api/shapes.ts";
import { nameInPayload } from "../channels.ts";
import type { Context } from "../context.ts";
import type { Json } from "../json.ts";
import type { Channel, Ephemeral, Message, User, View } from "../state.ts";
import { NotPossible } from "./values.ts";

/** Parts that Slack's payloads share. */

export function personOf(context: Context, id: string): User {
  const user = context.state.users.get(id);
  if (!user) throw new NotPossible(`there is no user ${id} in the team`);
  if (user.deleted === true) throw new NotPossible(`${user.name} is deactivated and can do nothing`);
  return user;
}

export function channelOf(context: Context, wanted: string): Channel {
  const name = wanted.replace(/^#/u, "");
  const channel = context.state.channels.get(wanted) ?? [...context.state.channels.values()].find((one) => one.name === name);
  if (!channel) throw new NotPossible(`there is no channel ${wanted}`);
  return channel;
}

/** A trigger_id: 3 s, one use. */
export function createTrigger(context: Context, user: string, view: string | null): string {
  const id = context.ids.trigger();
  context.state.triggers.set(id, { user, at: context.clock.now().getTime(), used: false, view });
  return id;
}

export function envelope(context: Context, user: User): Json {
  const { team, bot } = context.seed;
  return {
    user: { id: user.id, username: user.name, name: user.name, team_id: user.team_id },
    api_app_id: bot.app_id,
    token: "verification-token",
    team: { id: team.id, domain: team.domain },
    enterprise: null,
    is_enterprise_install: false,
  };
}

export function channelPart(channel: Channel): Json {
  return { id: channel.id, name: nameInPayload(channel) };
}

/** Where the element stood: a message, an ephemeral or a view. An ephemeral's content is not sent along. */
export type Place =
  | { readonly kind: "message"; readonly channel: Channel; readonly message: Message }
  | { readonly kind: "ephemeral"; readonly channel: Channel; readonly entry: Ephemeral }
  | { readonly kind: "view"; readonly view: View };

export function placePart(context: Context, place: Place): Json {
  if (place.kind === "view") return { container: { type: "view", view_id: place.view.id }, view: viewShape(place.view) };
  const stored = place.kind === "message" ? place.message : place.entry;
  const container = {
    type: "message",
    message_ts: stored.ts,
    channel_id: place.channel.id,
    is_ephemeral: place.kind === "ephemeral",
    ...(stored.thread_ts === null ? {} : { thread_ts: stored.thread_ts }),
  };
  const message = place.kind === "message" ? { message: messageShape(context, place.message) } : {};
  return { container, channel: channelPart(place.channel), ...message };
}

export function blocksAt(place: Place): unknown {
  if (place.kind === "view") return place.view.body["blocks"];
  return place.kind === "message" ? place.message.blocks : place.entry.blocks;
}
