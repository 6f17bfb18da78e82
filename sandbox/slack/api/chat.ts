import { channelForBot, isBotIn, sees } from "../channels.ts";
import type { Context } from "../context.ts";
import { textOf, type Json } from "../json.ts";
import { MOST_TEXT, MOST_UPDATED_TEXT } from "../limits.ts";
import { editMessage, findMessage, postEphemeral, postMessage, removeMessage, repliesOf } from "../messages.ts";
import type { Channel, Message } from "../state.ts";
import { failed, fine, type Answer } from "./answer.ts";
import { flagOf } from "./arguments.ts";
import { readContent, type Content } from "./content.ts";
import type { Methods } from "./method.ts";
import { messageShape } from "./shapes.ts";

const said = ["as_user", "attachments", "blocks", "link_names", "markdown_text", "metadata", "parse", "text"];
const named = ["icon_emoji", "icon_url", "thread_ts", "username"];
const posted = ["mrkdwn", "reply_broadcast", "unfurl_links", "unfurl_media"];

export const chatMethods: Methods = {
  "chat.postMessage": {
    tier: "special",
    scopes: ["chat:write"],
    required: ["channel"],
    optional: [...said, ...named, ...posted],
    run: post,
  },
  "chat.update": {
    tier: "t3",
    scopes: ["chat:write"],
    required: ["channel", "ts"],
    optional: [...said, "reply_broadcast", "file_ids"],
    run: update,
  },
  "chat.delete": { tier: "t3", scopes: ["chat:write"], required: ["channel", "ts"], optional: ["as_user"], run: remove },
  "chat.postEphemeral": { tier: "t4", scopes: ["chat:write"], required: ["channel", "user"], optional: [...said, ...named], run: whisper },
  "chat.getPermalink": { tier: "special", scopes: [], required: ["channel", "message_ts"], run: permalink },
};

function post(context: Context, args: Json): Answer {
  const channel = channelForBot(context, textOf(args["channel"]) ?? "", { people: true });
  if (!channel) return failed("channel_not_found");
  const barred = barredFrom(context, channel);
  if (barred) return failed(barred);
  const content = readContent(context, args);
  if (!content.ok) return content.answer;
  if (empty(content.value)) return failed("no_text");
  const threadTs = textOf(args["thread_ts"]) ?? null;
  const parent = threadTs === null ? undefined : findMessage(context, channel.id, threadTs);
  if (threadTs !== null && !/^\d+\.\d{6}$/u.test(threadTs)) return failed("invalid_thread_ts");
  if (parent && parent.subtype === "channel_join") return failed("cannot_reply_to_message");
  const { text, blocks, attachments, metadata } = content.value;
  const message = postMessage(context, {
    channel: channel.id,
    user: context.seed.bot.user_id,
    bot_id: context.seed.bot.bot_id,
    app_id: context.seed.bot.app_id,
    text: (text ?? "").slice(0, MOST_TEXT),
    blocks: blocks ?? null,
    attachments: attachments ?? null,
    metadata: metadata ?? null,
    thread_ts: parent?.thread_ts ?? threadTs,
    reply_broadcast: threadTs !== null && flagOf(args, "reply_broadcast") === true,
    subtype: threadTs !== null && flagOf(args, "reply_broadcast") === true ? "thread_broadcast" : null,
  });
  const warning =
    (text ?? "").length > MOST_TEXT ? { warning: "message_truncated", response_metadata: { warnings: ["message_truncated"] } } : {};
  return fine({ channel: channel.id, ts: message.ts, message: messageShape(context, message), ...warning });
}

/**
 * Blocks left out are kept only when text is left out too; text alone removes them and marks the message "(edited)".
 * Source: the docs copy of chat.update of May 2026.
 */
function update(context: Context, args: Json): Answer {
  const found = ownMessage(context, args, "cant_update_message");
  if (!found.ok) return found.answer;
  const { message, channel } = found;
  if (channel.is_archived) return failed("is_inactive");
  const content = readContent(context, args);
  if (!content.ok) return content.answer;
  const { text, blocks, attachments, metadata, metadataGiven } = content.value;
  if (text === undefined && blocks === undefined && attachments === undefined) return failed("no_text");
  if ((text ?? "").length > MOST_UPDATED_TEXT) return failed("msg_too_long");
  const kept = blocks ?? (text === undefined ? message.blocks : null);
  if ((text ?? message.text) === "" && (kept?.length ?? 0) === 0 && (attachments?.length ?? 0) === 0) return failed("no_text");
  editMessage(context, message, {
    text: text ?? message.text,
    blocks: kept,
    attachments: attachments ?? message.attachments,
    metadata: metadataGiven ? (metadata ?? null) : message.metadata,
    showEdited: blocks === undefined && text !== undefined,
  });
  return fine({ channel: channel.id, ts: message.ts, text: message.text, message: messageShape(context, message) });
}

function remove(context: Context, args: Json): Answer {
  const found = ownMessage(context, args, "cant_delete_message");
  if (!found.ok) return found.answer;
  removeMessage(context, found.message);
  return fine({ channel: found.channel.id, ts: found.message.ts });
}

function whisper(context: Context, args: Json): Answer {
  const channel = channelForBot(context, textOf(args["channel"]) ?? "");
  if (!channel) return failed("channel_not_found");
  if (channel.is_archived) return failed("is_archived");
  if (!isBotIn(context, channel)) return failed("not_in_channel");
  const user = textOf(args["user"]) ?? "";
  const person = context.state.users.get(user);
  if (!person || person.deleted === true || !sees(context, user, channel) || !channel.members.includes(user))
    return failed("user_not_in_channel");
  const content = readContent(context, args);
  if (!content.ok) return content.answer;
  if (empty(content.value)) return failed("no_text");
  if ((content.value.text ?? "").length > MOST_TEXT) return failed("msg_too_long");
  const threadTs = textOf(args["thread_ts"]) ?? null;
  const entry = { user, channel: channel.id, text: content.value.text ?? "", blocks: content.value.blocks ?? null, thread_ts: threadTs };
  // Slack accepts an ephemeral for a thread without replies and shows it to nobody.
  if (threadTs !== null && repliesOf(context, channel.id, threadTs).length === 0) return fine({ message_ts: context.ids.ts() });
  return fine({ message_ts: postEphemeral(context, { ...entry, by: "postEphemeral" }).ts });
}

function permalink(context: Context, args: Json): Answer {
  const channel = channelForBot(context, textOf(args["channel"]) ?? "");
  if (!channel) return failed("channel_not_found");
  const message = findMessage(context, channel.id, textOf(args["message_ts"]) ?? "");
  if (!message) return failed("message_not_found");
  const thread = message.thread_ts === null ? "" : `?thread_ts=${message.thread_ts}&cid=${channel.id}`;
  const link = `https://${context.seed.team.domain}.slack.com/archives/${channel.id}/p${message.ts.replace(".", "")}${thread}`;
  return fine({ channel: channel.id, permalink: link });
}

function barredFrom(context: Context, channel: Channel): string | null {
  if (channel.is_archived) return "is_archived";
  if (isBotIn(context, channel)) return null;
  const everywhere = context.seed.bot.scopes.includes("chat:write.public") && !channel.is_private;
  return everywhere ? null : "not_in_channel";
}

type Found = { ok: true; message: Message; channel: Channel } | { ok: false; answer: Answer };

function ownMessage(context: Context, args: Json, foreign: string): Found {
  const channel = channelForBot(context, textOf(args["channel"]) ?? "");
  if (!channel) return { ok: false, answer: failed("channel_not_found") };
  const message = findMessage(context, channel.id, textOf(args["ts"]) ?? "");
  if (!message || message.subtype === "tombstone") return { ok: false, answer: failed("message_not_found") };
  return message.bot_id === context.seed.bot.bot_id ? { ok: true, message, channel } : { ok: false, answer: failed(foreign) };
}

function empty(content: Content): boolean {
  return (content.text ?? "") === "" && (content.blocks?.length ?? 0) === 0 && (content.attachments?.length ?? 0) === 0;
}
