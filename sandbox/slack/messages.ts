import { allBlocks, allElements } from "./block-kit/walk.ts";
import type { Context } from "./context.ts";
import { isJson, type Json } from "./json.ts";
import { lintMessage } from "./lints.ts";
import type { Ephemeral, Message, Version } from "./state.ts";

/** The stored messages: post, edit, remove. Each change keeps a version and tells the page. */

export type NewMessage = Partial<Message> & Pick<Message, "channel" | "user" | "text">;

export function keyOf(channel: string, ts: string): string {
  return `${channel}/${ts}`;
}

export function findMessage(context: Context, channel: string, ts: string): Message | undefined {
  return context.state.messages.get(keyOf(channel, ts));
}

export function postMessage(context: Context, fresh: NewMessage): Message {
  const message: Message = {
    bot_id: null,
    app_id: null,
    blocks: null,
    attachments: null,
    thread_ts: null,
    reply_broadcast: false,
    subtype: null,
    edited: null,
    metadata: null,
    files: [],
    reactions: [],
    reply_count: 0,
    reply_users: [],
    editCount: 0,
    lastEditAt: null,
    ...fresh,
    ts: context.ids.ts(),
    postedAt: context.clock.now().toISOString(),
    lints: fresh.bot_id ? lintMessage(fresh.text, fresh.blocks ?? null) : [],
  };
  context.state.messages.set(keyOf(message.channel, message.ts), message);
  remember(context, message, message.user);
  emit(context, message);
  if (message.thread_ts !== null) countReply(context, message);
  return message;
}

/** Slack's rule of 2026: "(edited)" is shown only when text alone was given. */
export function editMessage(context: Context, message: Message, change: Partial<Message> & { readonly showEdited: boolean }): void {
  const { showEdited, ...members } = change;
  Object.assign(message, members);
  if (showEdited) message.edited = { user: message.user, ts: context.ids.ts() };
  message.editCount += 1;
  message.lastEditAt = context.clock.now().toISOString();
  message.lints = message.bot_id ? lintMessage(message.text, message.blocks) : [];
  remember(context, message, message.user);
  emit(context, message);
}

/** A parent with replies stays as a tombstone, as in Slack. */
export function removeMessage(context: Context, message: Message): void {
  const key = keyOf(message.channel, message.ts);
  const last = versionOf(context, message, message.user);
  context.state.versions.get(key)?.push({ ...last, deleted: true });
  if (message.reply_count > 0 && message.thread_ts === null) {
    Object.assign(message, {
      subtype: "tombstone",
      text: "This message was deleted.",
      blocks: null,
      user: "USLACKBOT",
      bot_id: null,
      lints: [],
    });
    emit(context, message);
    return;
  }
  context.state.messages.delete(key);
  context.bus.emit({ topic: "message", key, value: null });
  if (message.thread_ts !== null) countReply(context, message);
}

export function postEphemeral(context: Context, fresh: Omit<Ephemeral, "id" | "ts" | "at" | "lints">): Ephemeral {
  const at = context.clock.now().toISOString();
  const entry = { ...fresh, id: context.ids.next("Eph"), ts: context.ids.ts(), at, lints: lintMessage(fresh.text, fresh.blocks) };
  context.state.ephemerals.set(entry.id, entry);
  context.bus.emit({ topic: "ephemeral", key: entry.id, value: entry });
  return entry;
}

export function removeEphemeral(context: Context, entry: Ephemeral): void {
  context.state.ephemerals.delete(entry.id);
  context.bus.emit({ topic: "ephemeral", key: entry.id, value: null });
}

/** Blocks as Slack stores them: ids that were left out are filled in. */
export function fillIds(context: Context, blocks: readonly Json[]): Json[] {
  const copy = structuredClone(blocks).filter(isJson);
  for (const { block } of allBlocks(copy, "")) block["block_id"] ??= context.ids.next("b");
  for (const { element } of allElements(copy)) element["action_id"] ??= context.ids.next("a");
  return copy;
}

export function repliesOf(context: Context, channel: string, threadTs: string): Message[] {
  return [...context.state.messages.values()].filter((one) => one.channel === channel && one.thread_ts === threadTs && one.ts !== threadTs);
}

function countReply(context: Context, reply: Message): void {
  const parent = findMessage(context, reply.channel, reply.thread_ts ?? "");
  if (!parent) return;
  const replies = repliesOf(context, parent.channel, parent.ts);
  parent.reply_count = replies.length;
  parent.reply_users = [...new Set(replies.map((one) => one.user))];
  emit(context, parent);
}

function remember(context: Context, message: Message, by: string): void {
  const key = keyOf(message.channel, message.ts);
  context.state.versions.set(key, [...(context.state.versions.get(key) ?? []), versionOf(context, message, by)]);
}

function versionOf(context: Context, message: Message, by: string): Version {
  const { text, blocks, metadata, lints } = message;
  return { at: context.clock.now().toISOString(), by, text, blocks, metadata, lints };
}

function emit(context: Context, message: Message): void {
  context.bus.emit({ topic: "message", key: keyOf(message.channel, message.ts), value: message });
}
