import type { Context } from "../context.ts";
import { readContent } from "../api/content.ts";
import { flagOf } from "../api/arguments.ts";
import { isJson, parseJson, textOf, type Json } from "../json.ts";
import { RESPONSE_MS, RESPONSE_USES } from "../limits.ts";
import { editMessage, findMessage, postEphemeral, postMessage, removeEphemeral, removeMessage } from "../messages.ts";
import type { Ephemeral, ResponseUrl } from "../state.ts";

/** response_urls: 5 uses in 30 minutes. */

export function createResponseUrl(context: Context, from: Omit<ResponseUrl, "id" | "at" | "uses">): string {
  const id = context.ids.next("");
  context.state.responses.set(id, { ...from, id, at: context.clock.now().getTime(), uses: 0 });
  return `${context.origin}/response/${id}`;
}

/** Answers a POST to a response_url. */
export function answerResponseUrl(context: Context, id: string, body: string): { status: number; body: string } {
  const url = context.state.responses.get(id);
  if (!url) return refused(404, "invalid_url");
  if (context.clock.now().getTime() - url.at > RESPONSE_MS) return refused(404, "expired_url");
  if (url.uses >= RESPONSE_USES) return refused(404, "used_url");
  const given = parseJson(body);
  if (!isJson(given)) return refused(400, "invalid_payload");
  const problem = applyResponse(context, url, given, "response_url");
  if (problem !== null) return { status: 400, body: JSON.stringify(problem) };
  url.uses += 1;
  return { status: 200, body: "ok" };
}

/** Carries out a response, also one that came as the ack of a slash command. @returns Slack's refusal, or null */
export function applyResponse(context: Context, url: ResponseUrl, given: Json, by: Ephemeral["by"]): Json | null {
  if (flagOf(given, "delete_original") === true) return removeOriginal(context, url);
  const read = readContent(context, given);
  if (!read.ok) return read.answer;
  const { text = "", blocks = null } = read.value;
  if (text === "" && (blocks?.length ?? 0) === 0) return { ok: false, error: "no_text" };
  if (flagOf(given, "replace_original") === true && url.source) return replaceOriginal(context, url, { text, blocks });
  const threadTs = textOf(given["thread_ts"]) ?? null;
  if (given["response_type"] === "in_channel") {
    const bot = { user: context.seed.bot.user_id, bot_id: context.seed.bot.bot_id, app_id: context.seed.bot.app_id };
    postMessage(context, { ...bot, channel: url.channel, text, blocks, thread_ts: threadTs });
    return null;
  }
  postEphemeral(context, { user: url.user, channel: url.channel, text, blocks, thread_ts: threadTs ?? url.thread_ts, by });
  return null;
}

function replaceOriginal(context: Context, url: ResponseUrl, content: { text: string; blocks: Json[] | null }): Json | null {
  const ephemeral = original(context, url);
  if (ephemeral) {
    Object.assign(ephemeral, content);
    context.bus.emit({ topic: "ephemeral", key: ephemeral.id, value: ephemeral });
    return null;
  }
  const message = findMessage(context, url.channel, url.source?.ts ?? "");
  if (!message) return { ok: false, error: "message_not_found" };
  editMessage(context, message, { ...content, showEdited: content.blocks === null });
  return null;
}

function removeOriginal(context: Context, url: ResponseUrl): Json | null {
  const ephemeral = original(context, url);
  const message = findMessage(context, url.channel, url.source?.ts ?? "");
  if (ephemeral) removeEphemeral(context, ephemeral);
  else if (message) removeMessage(context, message);
  else return { ok: false, error: "message_not_found" };
  return null;
}

function original(context: Context, url: ResponseUrl): Ephemeral | undefined {
  if (url.source?.ephemeral !== true) return undefined;
  return [...context.state.ephemerals.values()].find((one) => one.ts === url.source?.ts && one.channel === url.channel);
}

function refused(status: number, error: string): { status: number; body: string } {
  return { status, body: JSON.stringify({ ok: false, error }) };
}
