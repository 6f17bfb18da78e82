import { readContent } from "../api/content.ts";
import { nameInPayload, sees } from "../channels.ts";
import type { Context } from "../context.ts";
import { deliver } from "../deliver/deliver.ts";
import { applyResponse, createResponseUrl } from "../deliver/responses.ts";
import { isJson, type Json } from "../json.ts";
import { endPress, notify, notSent, outcomeOf, startPress, type Outcome } from "./outcome.ts";
import { channelOf, createTrigger, personOf } from "./payload.ts";
import { NotPossible } from "./values.ts";

/** Somebody types "/deploy shop" and presses Enter. */
export async function command(context: Context, act: { user: string; channel: string; text: string }): Promise<Outcome> {
  const user = personOf(context, act.user);
  const channel = channelOf(context, act.channel);
  if (!sees(context, user.id, channel)) throw new NotPossible(`${user.name} does not see #${channel.name}`);
  const [name = "", ...rest] = act.text.trim().split(/\s+(.*)/su);
  const known = context.seed.bot.commands;
  const registered = known?.find((one) => one.command === name);
  if (!name.startsWith("/")) throw new NotPossible(`a command starts with "/", this is ${JSON.stringify(act.text)}`);
  if (known && !registered) return unknownCommand(context, { user: user.id, channel: channel.id, name });
  const words = (rest[0] ?? "").trim();
  const source = { user: user.id, channel: channel.id, source: null, thread_ts: null };
  const responseUrl = createResponseUrl(context, source);
  const payload: Json = {
    token: "verification-token",
    team_id: context.seed.team.id,
    team_domain: context.seed.team.domain,
    channel_id: channel.id,
    channel_name: nameInPayload(channel),
    user_id: user.id,
    user_name: user.name,
    command: name,
    text: registered?.should_escape === true ? escapeMentions(context, words) : words,
    api_app_id: context.seed.bot.app_id,
    is_enterprise_install: "false",
    response_url: responseUrl,
    trigger_id: createTrigger(context, user.id, null),
  };
  const press = startPress(context, { user: user.id, kind: "command", channel: channel.id, command: act.text });
  const ack = await deliver(context, { kind: "slash_commands", label: name, payload, acceptsResponse: true });
  const failure = ack.result === "operation_timeout" ? "operation_timeout" : "dispatch_failed";
  const shown = ack.result === "ok" ? showReply(context, source, ack.body) : `${name} failed with the error "${failure}"`;
  if (shown !== null) notify(context, user.id, channel.id, shown);
  endPress(context, press, ack, shown);
  return outcomeOf("command", ack, shown);
}

function unknownCommand(context: Context, act: { user: string; channel: string; name: string }): Outcome {
  const text = `${act.name} is not a valid command. In Slack, all messages that start with the "/" character are interpreted as commands.`;
  notify(context, act.user, act.channel, text);
  return notSent("command", text);
}

/** An ack's text or blocks are the reply; an empty one shows nothing. */
function showReply(
  context: Context,
  source: { user: string; channel: string; source: null; thread_ts: null },
  body: unknown,
): string | null {
  const reply = typeof body === "string" && body !== "" ? { text: body } : isJson(body) ? body : null;
  if (!reply || (reply["text"] === undefined && reply["blocks"] === undefined)) return null;
  if (!readContent(context, reply).ok) return "The app's answer was refused: invalid_blocks";
  const url = { ...source, id: "", at: 0, uses: 0 };
  return applyResponse(context, url, reply, "command") === null ? null : "The app's answer was refused";
}

/** should_escape: @ann becomes <@U1|ann>, #x <#C1|x>, @group <!subteam^S1|@group>. */
function escapeMentions(context: Context, text: string): string {
  const { users, channels, usergroups } = context.state;
  return text
    .replaceAll(/(^|\s)@([\w.-]+)/gu, (whole: string, before: string, name: string) => {
      const user = [...users.values()].find((one) => one.name === name);
      const group = [...usergroups.values()].find((one) => one.handle === name && !one.deleted);
      return user ? `${before}<@${user.id}|${user.name}>` : group ? `${before}<!subteam^${group.id}|@${group.handle}>` : whole;
    })
    .replaceAll(/(^|\s)#([\w.-]+)/gu, (whole: string, before: string, name: string) => {
      const channel = [...channels.values()].find((one) => one.name === name && !one.is_private);
      return channel ? `${before}<#${channel.id}|${channel.name}>` : whole;
    });
}
