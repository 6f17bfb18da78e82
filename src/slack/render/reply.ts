import type { KnownBlock } from "@slack/types";
import type { Reply } from "../../domain/card.ts";
import { ACTIONS } from "../action-ids.ts";
import { encodeValue } from "../action-value.ts";
import type { DueReply } from "../deps.ts";
import { clampMrkdwn, cut, escaped, visible } from "../escape.ts";
import { dated, spokenDates } from "../instants.ts";
import { LIMITS } from "../limits.ts";
import { clock, spoken } from "../words.ts";
import { button, section } from "./blocks.ts";
import type { RenderContext, Rendered } from "./drawing.ts";

/** `groups`: handle without `@` to user group id; a group that is not known is named, not mentioned. */
export type ReplyContext = {
  readonly groups: ReadonlyMap<string, string>;
  readonly rollBack: DueReply["rollBack"];
  readonly log: DueReply["log"];
  /** Absent: there is nothing to stop. */
  readonly stop?: DueReply["stop"];
  /** Authors who may be mentioned. Absent: nobody. */
  readonly authors?: readonly string[];
} & RenderContext;

/** A thread message: who is called first, then the sentence, then what it is about word for word, then the one button. */
export function renderReply(reply: Reply, context: ReplyContext): Rendered {
  const { ids, unread } = reply.duty?.answer ?? { ids: [], unread: [] };
  const all = [...reply.mention, ...ids, ...writers(context.authors ?? [])].map((mention) => mentioned(mention, context.groups));
  const called = [...new Set(all)].join(" ");
  const told = cut(unread.join(" "), LIMITS.dutyText);
  const full = [cut(reply.text, LIMITS.threadText - told.length), told].filter((part) => part !== "").join(" ");
  const said = clampMrkdwn(escaped(visible(full)), LIMITS.section - 400);
  const until = (words: string, as: (at: Date) => string): string =>
    ended(reply.deadline === undefined ? words : `${words}, until ${as(reply.deadline)}`, reply);
  const words = until(dated(said, context.now), (at) => clock(at, context.now));
  const spokenWords = until(spokenDates(said, context.now, context.timezone), (at) => spoken(at, context.now, context.timezone));
  const bold = reply.kind === "ping" ? emphasised(words) : words;
  const lead = [called, bold].filter((part) => part !== "").join(" ");
  const text = [called, spokenWords].filter((part) => part !== "").join(" ");
  const rollBack = reply.rollBackButton && context.rollBack !== null ? [rollBackBlock(context.rollBack)] : [];
  const log = reply.logButton === true && context.log !== null ? [logBlock(context.log)] : [];
  const stop = reply.stopButton === true && context.stop !== null && context.stop !== undefined ? [stopBlock(context.stop)] : [];
  return {
    text: text === "" ? "(no text)" : text,
    blocks: [section(lead), ...(reply.preformatted === null ? [] : preformatted(reply.preformatted)), ...rollBack, ...log, ...stop],
  };
}

/** Of a large change not everybody is called. */
function writers(authors: readonly string[]): readonly string[] {
  return authors.slice(0, LIMITS.authorsMentioned);
}

/** Only ids of a strict form become mentions: nobody is called by foreign text. */
export function mentioned(mention: string, groups: ReadonlyMap<string, string>): string {
  const person = /^(?:<@)?([UW][A-Z0-9]{2,20})>?$/u.exec(mention)?.[1];
  if (person !== undefined) return `<@${person}>`;
  const id = groups.get(mention.replace(/^@/u, ""));
  return id !== undefined && /^S[A-Z0-9]{2,20}$/u.test(id) ? `<!subteam^${id}>` : escaped(visible(cut(mention, LIMITS.name)));
}

/** A sentence that nothing follows ends with a full stop. */
function ended(words: string, reply: Reply): string {
  return reply.preformatted === null && /[\p{L}\p{N}>]$/u.test(words) ? `${words}.` : words;
}

function emphasised(words: string): string {
  // Bold does not go over the end of a line.
  const end = words.search(/(?<=[.:])(?:\s|$)|\n/u);
  return end < 1 ? `*${words}*` : `*${words.slice(0, end)}*${words.slice(end)}`;
}

/** The end of a log, since failures are at the end. */
function preformatted(log: string): KnownBlock[] {
  const kept = log.length <= LIMITS.preformatted ? log : `…${log.slice(-LIMITS.preformatted)}`;
  const shown = cut(visible(kept), LIMITS.section);
  if (shown.trim() === "") return [];
  return [{ type: "rich_text", elements: [{ type: "rich_text_preformatted", elements: [{ type: "text", text: shown }] }] }];
}

/** Of what starts soon: the same Cancel as on its card. */
function stopBlock(pressed: NonNullable<DueReply["stop"]>): KnownBlock {
  const stop = button({
    action: ACTIONS.cancel,
    label: "Stop",
    spoken: "Stop it before it starts",
    value: encodeValue(pressed),
    confirm: {
      title: "Stop it?",
      text: "Nothing has started. Nothing is changed, and the yes is gone.",
      yes: "Stop it",
      no: "Let it start",
    },
  });
  return { type: "actions", block_id: `act:soon:${pressed.deployment}:${pressed.counter}`, elements: [stop] };
}

function logBlock(pressed: NonNullable<DueReply["log"]>): KnownBlock {
  const whole = button({
    action: ACTIONS.logFile,
    label: "Whole log",
    spoken: "Send me the whole log as a file",
    value: encodeValue(pressed),
  });
  return { type: "actions", block_id: `act:log:${pressed.deployment}`, elements: [whole] };
}

function rollBackBlock(target: NonNullable<DueReply["rollBack"]>): KnownBlock {
  const short = target.revision.slice(0, 7);
  return {
    type: "actions",
    block_id: `act:reply:${target.pressed.deployment}:${target.pressed.counter}`,
    elements: [
      button({
        action: ACTIONS.rollBack,
        label: `Roll back to ${short}`,
        spoken: `Roll back ${target.app} in ${target.environment} to ${short}`,
        style: "danger",
        value: encodeValue(target.pressed),
        confirm: {
          title: `Roll back ${target.app} to ${short}?`,
          text: `All servers of ${target.environment} go back to ${short}. Code only, the database is not changed.`,
          yes: "Roll back",
          no: "Keep it",
          danger: true,
        },
      }),
    ],
  };
}
