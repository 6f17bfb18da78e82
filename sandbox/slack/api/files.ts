import { channelForBot, isBotIn } from "../channels.ts";
import type { Context } from "../context.ts";
import { objectsOf, textOf, type Json } from "../json.ts";
import { postMessage } from "../messages.ts";
import type { UploadedFile } from "../state.ts";
import { badArguments, failed, fine, type Answer } from "./answer.ts";
import { numberOf, structureOf } from "./arguments.ts";
import type { Methods } from "./method.ts";

/** Characters that Slack takes of a picture's description. */
const MOST_ALT = 1000;

export const fileMethods: Methods = {
  "files.getUploadURLExternal": {
    tier: "t4",
    scopes: ["files:write"],
    required: ["filename", "length"],
    optional: ["alt_txt", "snippet_type"],
    run: uploadUrl,
  },
  "files.completeUploadExternal": {
    tier: "t4",
    scopes: ["files:write"],
    required: ["files"],
    optional: ["blocks", "channel_id", "initial_comment", "thread_ts"],
    run: complete,
  },
};

function uploadUrl(context: Context, args: Json): Answer {
  const size = numberOf(args, "length") ?? 0;
  if (size <= 0)
    return failed("invalid_arguments", { response_metadata: { messages: ["[ERROR] must be greater than 0 [json-pointer:/length]"] } });
  const alt = textOf(args["alt_txt"]) ?? null;
  if ((alt ?? "").length > MOST_ALT) return failed("alt_txt_too_large");
  const id = context.ids.next("F");
  const name = textOf(args["filename"]) ?? "file";
  context.state.files.set(id, { id, name, title: name, size, alt, bytes: null, completed: false });
  return fine({ upload_url: `${context.origin}/upload/v1/${id}`, file_id: id });
}

function complete(context: Context, args: Json): Answer {
  const wanted = objectsOf(structureOf(args, "files").value);
  if (wanted.length === 0) return badArguments("must provide at least 1 items [json-pointer:/files]");
  const files: UploadedFile[] = [];
  for (const one of wanted) {
    const file = context.state.files.get(textOf(one["id"]) ?? "");
    if (!file || file.bytes === null || file.completed) return failed("file_not_found");
    files.push(file);
  }
  const channelId = textOf(args["channel_id"]);
  const channel = channelId === undefined ? undefined : channelForBot(context, channelId);
  if (channelId !== undefined && !channel) return failed("channel_not_found");
  if (channel && !isBotIn(context, channel)) return failed("not_in_channel");
  if (channel?.is_archived) return failed("posting_to_channel_denied");
  for (const [index, file] of files.entries())
    Object.assign(file, { completed: true, title: textOf(wanted[index]?.["title"]) ?? file.name });
  const shapes = files.map(({ id, name, title, size, alt }) => ({ id, name, title, size, ...(alt === null ? {} : { alt_txt: alt }) }));
  if (channel) {
    const bot = { user: context.seed.bot.user_id, bot_id: context.seed.bot.bot_id, app_id: context.seed.bot.app_id };
    const text = textOf(args["initial_comment"]) ?? "";
    postMessage(context, { ...bot, channel: channel.id, text, thread_ts: textOf(args["thread_ts"]) ?? null, files: shapes });
  }
  return fine({ files: shapes.map(({ id, title }) => ({ id, title })) });
}
