import { messageShape } from "../api/shapes.ts";
import { viewShape } from "../api/shapes.ts";
import { openDirect, sees } from "../channels.ts";
import type { Context } from "../context.ts";
import { deliver } from "../deliver/deliver.ts";
import { sendEvent } from "../deliver/events.ts";
import { createResponseUrl } from "../deliver/responses.ts";
import type { Json } from "../json.ts";
import { findMessage, postMessage } from "../messages.ts";
import type { Message } from "../state.ts";
import { endPress, outcomeOf, startPress, type Outcome } from "./outcome.ts";
import { channelOf, channelPart, createTrigger, envelope, personOf } from "./payload.ts";
import { NotPossible } from "./values.ts";

/** Somebody writes a message. With a mention of the bot, and its scope, the bot hears of it. */
export function say(context: Context, act: { user: string; channel: string; text: string; thread_ts?: string | undefined }): Message {
  const user = personOf(context, act.user);
  const channel = channelOf(context, act.channel);
  if (!sees(context, user.id, channel)) throw new NotPossible(`${user.name} does not see ${channel.id}`);
  if (channel.is_archived) throw new NotPossible(`#${channel.name} is archived`);
  const message = postMessage(context, { channel: channel.id, user: user.id, text: act.text, thread_ts: act.thread_ts ?? null });
  const mentioned = act.text.includes(`<@${context.seed.bot.user_id}>`) && context.seed.bot.scopes.includes("app_mentions:read");
  if (mentioned) void sendEvent(context, { ...messageShape(context, message), type: "app_mention", channel: channel.id });
  return message;
}

/** Somebody opens the app: its Home or its Messages tab. */
export async function openHome(context: Context, act: { user: string; tab?: "home" | "messages" | undefined }): Promise<Outcome> {
  const user = personOf(context, act.user);
  const home = context.state.homes.get(user.id);
  const channel = openDirect(context, user.id);
  const tab = act.tab ?? "home";
  const view = home && tab === "home" ? { view: viewShape(home) } : {};
  const ack = await sendEvent(context, { type: "app_home_opened", user: user.id, channel: channel.id, tab, ...view });
  return outcomeOf("app_home_opened", ack, null);
}

/** Somebody picks a global shortcut, or one of a message when `channel` and `ts` are given. */
export async function shortcut(
  context: Context,
  act: { user: string; callback_id: string; channel?: string | undefined; ts?: string | undefined },
): Promise<Outcome> {
  const user = personOf(context, act.user);
  const wanted = act.ts === undefined ? "global" : "message";
  const offered = context.seed.bot.shortcuts ?? [];
  if (!offered.some((one) => one.callback_id === act.callback_id && one.type === wanted))
    throw new NotPossible(`the app has registered no ${wanted} shortcut ${act.callback_id}`);
  const base = {
    ...envelope(context, user),
    callback_id: act.callback_id,
    trigger_id: createTrigger(context, user.id, null),
    action_ts: context.ids.ts(),
  };
  const payload: Json =
    act.ts === undefined
      ? { type: "shortcut", ...base }
      : { type: "message_action", ...base, ...messagePart(context, act.user, act.channel ?? "", act.ts) };
  const kind = act.ts === undefined ? "shortcut" : "message_action";
  const press = startPress(context, { user: user.id, kind, channel: act.channel ?? null, ts: act.ts ?? null, action_id: act.callback_id });
  const ack = await deliver(context, { kind: "interactive", label: `${kind} ${act.callback_id}`, payload, acceptsResponse: false });
  const shown = ack.result === "ok" ? null : "We had some trouble connecting. Try again?";
  endPress(context, press, ack, shown);
  return outcomeOf(kind, ack, shown);
}

function messagePart(context: Context, user: string, channelId: string, ts: string): Json {
  const channel = channelOf(context, channelId);
  const message = findMessage(context, channel.id, ts);
  if (!message || !sees(context, user, channel)) throw new NotPossible(`${user} sees no message ${ts} in ${channel.id}`);
  const url = createResponseUrl(context, { user, channel: channel.id, source: { ts, ephemeral: false }, thread_ts: message.thread_ts });
  return { channel: channelPart(channel), message: messageShape(context, message), message_ts: ts, response_url: url };
}

/** Any event of the Events API, as it is given. */
export async function event(context: Context, given: Json): Promise<Outcome> {
  return outcomeOf(String(given["type"]), await sendEvent(context, given), null);
}

/**
 * The same thing once more, as Slack sometimes does: same envelope id, same payload, same event id.
 * `id` is an outcome's; without one, the last thing that was sent.
 */
export async function redeliver(context: Context, id?: string): Promise<Outcome> {
  const wanted = id ?? [...context.deliveries.keys()].at(-1) ?? "";
  const delivery = context.deliveries.get(wanted);
  if (!delivery) throw new NotPossible(`nothing was sent under the id ${JSON.stringify(wanted)}`);
  const again =
    delivery.kind === "events_api" ? { ...delivery, retry: { attempt: (delivery.retry?.attempt ?? 0) + 1, reason: "timeout" } } : delivery;
  return outcomeOf(delivery.label, await deliver(context, again, wanted), null);
}
