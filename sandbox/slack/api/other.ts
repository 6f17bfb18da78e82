import { checkBlocks } from "../block-kit/validate.ts";
import { channelForBot } from "../channels.ts";
import type { Context } from "../context.ts";
import { textOf, type Json } from "../json.ts";
import { findMessage, keyOf } from "../messages.ts";
import { failed, fine, type Answer } from "./answer.ts";
import { structureOf } from "./arguments.ts";
import type { Methods } from "./method.ts";

export const otherMethods: Methods = {
  "auth.test": { tier: "special", scopes: [], run: who },
  "api.test": { tier: "t4", scopes: [], token: "none", run: (_context, args) => fine({ args }) },
  "apps.connections.open": { tier: "t3", scopes: [], token: "app", run: connection },
  "blocks.validate": { tier: "t4", scopes: [], token: "none", required: ["blocks"], run: validate },
  "reactions.add": { tier: "t3", scopes: ["reactions:write"], required: ["channel", "timestamp", "name"], run: react },
};

function who(context: Context): Answer {
  const { team, bot } = context.seed;
  const url = `https://${team.domain}.slack.com/`;
  return fine({
    url,
    team: team.name,
    user: bot.name,
    team_id: team.id,
    user_id: bot.user_id,
    bot_id: bot.bot_id,
    is_enterprise_install: false,
  });
}

function connection(context: Context): Answer {
  const ticket = context.sockets.ticket();
  const base = context.origin.replace(/^http/u, "ws");
  return fine({ url: `${base}/link/?ticket=${ticket}&app_id=${context.seed.bot.app_id}` });
}

/** Slack's own validator answers objects instead of sentences, with pointers from the list on. */
function validate(_context: Context, args: Json): Answer {
  const given = structureOf(args, "blocks");
  if (!Array.isArray(given.value)) return failed("invalid_blocks_format");
  const errors = checkBlocks(given.value, "message", "")
    .filter((fault) => fault.union === undefined)
    .map(({ code, message, pointer, constraint }) => ({ code, message, pointer, ...(constraint ? { constraint } : {}) }));
  return errors.length === 0 ? fine() : failed("invalid_blocks", { errors });
}

function react(context: Context, args: Json): Answer {
  const channel = channelForBot(context, textOf(args["channel"]) ?? "");
  if (!channel) return failed("channel_not_found");
  if (channel.is_archived) return failed("is_archived");
  const message = findMessage(context, channel.id, textOf(args["timestamp"]) ?? "");
  if (!message) return failed("message_not_found");
  const name = (textOf(args["name"]) ?? "").replaceAll(":", "");
  if (!/^[a-z0-9_+-]+$/u.test(name)) return failed("invalid_name");
  const reaction = message.reactions.find((one) => one.name === name);
  if (reaction?.users.includes(context.seed.bot.user_id)) return failed("already_reacted");
  if (reaction) reaction.users.push(context.seed.bot.user_id);
  else message.reactions.push({ name, users: [context.seed.bot.user_id] });
  context.bus.emit({ topic: "message", key: keyOf(channel.id, message.ts), value: message });
  return fine();
}
