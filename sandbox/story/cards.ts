import type { SlackSimulator } from "../slack/server.ts";
import { BOT_USER, CHANNEL } from "../world/team.ts";

type Message = ReturnType<SlackSimulator["messages"]>[number];

/** The bot's messages in the channel that are no thread replies, oldest first. */
export function cardsOf(slack: SlackSimulator): readonly Message[] {
  return slack.messages(CHANNEL.id).filter((message) => message.user === BOT_USER && message.thread_ts === null);
}

/** The bot's replies in a card's thread. */
export function repliesTo(slack: SlackSimulator, card: Message): readonly Message[] {
  return slack.thread(CHANNEL.id, card.ts).filter((message) => message.ts !== card.ts && message.user === BOT_USER);
}

/** Does the message show a button of this action id (and style) now? */
export function shows(message: Message, action: string, style?: string): boolean {
  return buttonsIn(message.blocks).some((button) => button["action_id"] === action && (style ?? button["style"]) === button["style"]);
}

/** The title of a card: its header. */
export function titleOf(message: Message): string {
  const header = message.blocks?.find((block) => block["type"] === "header")?.["text"];
  return isObject(header) && typeof header["text"] === "string" ? header["text"] : "";
}

function buttonsIn(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(buttonsIn);
  if (!isObject(value)) return [];
  return value["type"] === "button" ? [value] : Object.values(value).flatMap(buttonsIn);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
