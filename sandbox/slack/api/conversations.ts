import { channelForBot, isBotIn, openDirect } from "../channels.ts";
import type { Context } from "../context.ts";
import { textOf, type Json } from "../json.ts";
import { findMessage, repliesOf } from "../messages.ts";
import type { Channel, Message } from "../state.ts";
import { failed, fine, type Answer } from "./answer.ts";
import { flagOf, numberOf, page } from "./arguments.ts";
import type { Methods } from "./method.ts";
import { channelShape, messageShape } from "./shapes.ts";

const reading = ["channels:read", "groups:read", "im:read", "mpim:read"];
const history = ["channels:history", "groups:history", "im:history", "mpim:history"];

const paged = ["cursor", "limit"];
const ranged = [...paged, "include_all_metadata", "inclusive", "latest", "oldest"];

export const conversationMethods: Methods = {
  "conversations.list": { tier: "t2", scopes: reading, optional: [...paged, "exclude_archived", "types"], run: all },
  "conversations.info": {
    tier: "t3",
    scopes: reading,
    required: ["channel"],
    optional: ["include_locale", "include_num_members"],
    run: (context, args) => withChannel(context, args, "read", (channel) => fine({ channel: channelShape(context, channel) })),
  },
  "conversations.members": {
    tier: "t4",
    scopes: reading,
    required: ["channel"],
    optional: paged,
    run: (context, args) => withChannel(context, args, "read", (channel) => members(context, channel, args)),
  },
  "conversations.join": { tier: "t3", scopes: ["channels:join"], required: ["channel"], run: join },
  "conversations.open": {
    tier: "t3",
    scopes: ["channels:manage", "groups:write", "im:write", "mpim:write"],
    optional: ["channel", "prevent_creation", "return_im", "users"],
    run: open,
  },
  "conversations.history": {
    tier: "t3",
    scopes: history,
    required: ["channel"],
    optional: ranged,
    run: (context, args) => withChannel(context, args, "history", (channel) => timeline(context, channel, args)),
  },
  "conversations.replies": {
    tier: "t3",
    scopes: history,
    required: ["channel", "ts"],
    optional: ranged,
    run: (context, args) => withChannel(context, args, "history", (channel) => thread(context, channel, args)),
  },
};

/** Public channels need channels:*, private ones groups:*, direct ones im:*. */
function scopeFor(channel: Channel, verb: "read" | "history"): string {
  if (channel.is_im) return `im:${verb}`;
  return channel.is_private ? `groups:${verb}` : `channels:${verb}`;
}

function withChannel(context: Context, args: Json, verb: "read" | "history", then: (channel: Channel) => Answer): Answer {
  const channel = channelForBot(context, textOf(args["channel"]) ?? "");
  if (!channel) return failed("channel_not_found");
  const scope = scopeFor(channel, verb);
  if (!context.seed.bot.scopes.includes(scope))
    return failed("missing_scope", { needed: scope, provided: context.seed.bot.scopes.join(",") });
  if (verb === "history" && !isBotIn(context, channel)) return failed("not_in_channel");
  return then(channel);
}

function all(context: Context, args: Json): Answer {
  const types = (textOf(args["types"]) ?? "public_channel").split(",").map((type) => type.trim());
  const known = ["public_channel", "private_channel", "im", "mpim"];
  if (!types.every((type) => known.includes(type))) return failed("invalid_types");
  const scopes: Record<string, string> = {
    public_channel: "channels:read",
    private_channel: "groups:read",
    im: "im:read",
    mpim: "mpim:read",
  };
  const missing = types.map((type) => scopes[type] ?? "").find((scope) => !context.seed.bot.scopes.includes(scope));
  if (missing !== undefined) return failed("missing_scope", { needed: missing, provided: context.seed.bot.scopes.join(",") });
  const wanted = [...context.state.channels.values()].filter((channel) => {
    const type = channel.is_im ? "im" : channel.is_private ? "private_channel" : "public_channel";
    if (flagOf(args, "exclude_archived") === true && channel.is_archived) return false;
    return types.includes(type) && (type === "public_channel" || isBotIn(context, channel));
  });
  const part = page(wanted, args, 100);
  if (!part) return failed("invalid_cursor");
  return fine({ channels: part.items.map((channel) => channelShape(context, channel)), response_metadata: { next_cursor: part.next } });
}

function members(context: Context, channel: Channel, args: Json): Answer {
  const active = channel.members.filter((user) => context.state.users.get(user)?.deleted !== true);
  const part = page(active, args, 100);
  return part ? fine({ members: part.items, response_metadata: { next_cursor: part.next } }) : failed("invalid_cursor");
}

function join(context: Context, args: Json): Answer {
  const channel = channelForBot(context, textOf(args["channel"]) ?? "");
  if (!channel) return failed("channel_not_found");
  if (channel.is_im || channel.is_private) return failed("method_not_supported_for_channel_type");
  if (channel.is_archived) return failed("is_archived");
  if (isBotIn(context, channel))
    return fine({
      channel: channelShape(context, channel),
      warning: "already_in_channel",
      response_metadata: { warnings: ["already_in_channel"] },
    });
  channel.members.push(context.seed.bot.user_id);
  context.bus.emit({ topic: "channel", key: channel.id, value: channel });
  return fine({ channel: channelShape(context, channel) });
}

function open(context: Context, args: Json): Answer {
  const given = textOf(args["channel"]);
  const users = (textOf(args["users"]) ?? "").split(",").filter((user) => user !== "");
  if (given === undefined && users.length === 0) return failed("users_list_not_supplied");
  if (users.length > 8) return failed("too_many_users");
  if (users.length > 1) return failed("method_not_supported_for_channel_type");
  const user = users[0];
  if (user === undefined) {
    const channel = channelForBot(context, given ?? "");
    return channel?.is_im ? opened(context, channel, args, true) : failed("channel_not_found");
  }
  if (!context.seed.bot.scopes.includes("im:write"))
    return failed("missing_scope", { needed: "im:write", provided: context.seed.bot.scopes.join(",") });
  const person = context.state.users.get(user);
  if (!person) return failed("user_not_found");
  if (person.deleted === true) return failed("user_disabled");
  const before = [...context.state.channels.values()].some((one) => one.is_im && one.user === user);
  return opened(context, openDirect(context, user), args, before);
}

function opened(context: Context, channel: Channel, args: Json, already: boolean): Answer {
  const body = flagOf(args, "return_im") === true ? channelShape(context, channel) : { id: channel.id };
  return fine({ ...(already ? { no_op: true, already_open: true } : {}), channel: body });
}

function timeline(context: Context, channel: Channel, args: Json): Answer {
  const seen = [...context.state.messages.values()].filter(
    (one) => one.channel === channel.id && (one.thread_ts === null || one.reply_broadcast),
  );
  const range = between(seen, args);
  if (typeof range === "string") return failed(range);
  const part = page(range.toReversed(), args, 100);
  if (!part) return failed("invalid_cursor");
  return fine({
    messages: part.items.map((one) => shape(context, one, args)),
    has_more: part.next !== "",
    pin_count: 0,
    channel_actions_ts: null,
    channel_actions_count: 0,
    response_metadata: { next_cursor: part.next },
  });
}

function thread(context: Context, channel: Channel, args: Json): Answer {
  const parent = findMessage(context, channel.id, textOf(args["ts"]) ?? "");
  if (!parent) return failed("thread_not_found");
  const root = parent.thread_ts === null ? parent : findMessage(context, channel.id, parent.thread_ts);
  const messages = [...(root ? [root] : []), ...repliesOf(context, channel.id, root?.ts ?? parent.ts)];
  const range = between(messages, args);
  if (typeof range === "string") return failed(range);
  const part = page(range, args, 1000);
  if (!part) return failed("invalid_cursor");
  return fine({
    messages: part.items.map((one) => shape(context, one, args)),
    has_more: part.next !== "",
    response_metadata: { next_cursor: part.next },
  });
}

function shape(context: Context, message: Message, args: Json): Json {
  const { metadata, ...rest } = messageShape(context, message);
  return flagOf(args, "include_all_metadata") === true && metadata !== undefined ? { ...rest, metadata } : rest;
}

function between(messages: readonly Message[], args: Json): Message[] | string {
  const [oldest, latest] = [
    args["oldest"] === undefined ? 0 : numberOf(args, "oldest"),
    args["latest"] === undefined ? Infinity : numberOf(args, "latest"),
  ];
  if (oldest === undefined) return "invalid_ts_oldest";
  if (latest === undefined) return "invalid_ts_latest";
  const inclusive = flagOf(args, "inclusive") === true;
  return messages.filter((one) => {
    const at = Number(one.ts);
    return inclusive ? at >= oldest && at <= latest : at > oldest && at < latest;
  });
}
