import type { ActionsBlockElement, KnownBlock, RichTextElement, RichTextSection } from "@slack/types";
import type { Change } from "../../domain/pipeline.ts";
import { clampMrkdwn, escaped, foreign, plain, safeUrl, unstyled, visible } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { changeTitle, spoken } from "../words.ts";
import { context as contextBlock, header, section } from "./blocks.ts";

/** When and for whom a card is drawn. `timezone` is for titles, which Slack cannot show in each reader's own. */
export type RenderContext = { readonly now: Date; readonly timezone: string };

export type Rendered = { readonly text: string; readonly blocks: KnownBlock[] };

/** The emoji of slot 2 gives the head its tone; the words stand without it. */
export type Tone =
  | "hourglass_flowing_sand"
  | "arrows_counterclockwise"
  | "double_vertical_bar"
  | "large_green_circle"
  | "white_check_mark"
  | "red_circle"
  | "no_entry_sign"
  | "white_circle"
  | "warning";

/** The five slots, the same in every state. All strings but `title` are escaped mrkdwn. */
export type Drawing = {
  readonly title: string;
  readonly tone: Tone;
  /** The fact now, in bold. */
  readonly fact: string;
  /** Until when, or what happens by itself. */
  readonly next: string | null;
  /** What `text` says instead of the state line, where that begins too far from what a notification has room for. */
  readonly lead?: string;
  readonly body: readonly BodyPart[];
  readonly detail: readonly (string | null)[];
  readonly buttons: readonly (ActionsBlockElement | null)[];
  /** Ends in the decision counter: an old press is known by itself. */
  readonly blockId: string;
};

export type BodyPart =
  | {
      readonly kind: "changes";
      readonly heading: string | null;
      readonly changes: readonly Change[];
      readonly rest: string | null;
      /** Where to look at them, before all of them. */
      readonly look?: { readonly words: string; readonly url: string };
    }
  | { readonly kind: "lines"; readonly lines: readonly (string | null)[] };

/** Slack's actions block takes 25; ours shows three and sometimes a menu. */
const MOST_BUTTONS = 4;

export function assemble(drawing: Drawing, context: RenderContext): Rendered {
  const state = continued(`:${drawing.tone}: *${drawing.fact}*`, drawing.next);
  const buttons = drawing.buttons.filter((button) => button !== null).slice(0, MOST_BUTTONS);
  const detail = drawing.detail.filter((part) => part !== null).join(" ");
  return {
    text: textOf(drawing, context),
    blocks: [
      header(drawing.title),
      section(state),
      ...drawing.body.flatMap((part) => blocksOf(part)),
      ...(detail === "" ? [] : [contextBlock(detail)]),
      ...(buttons.length === 0 ? [] : [{ type: "actions" as const, block_id: drawing.blockId, elements: buttons }]),
    ],
  };
}

function continued(fact: string, next: string | null): string {
  if (next === null || next === "") return fact;
  return /^[,.]/u.test(next) ? `${fact}${next}` : `${fact} ${next}`;
}

function blocksOf(part: BodyPart): KnownBlock[] {
  if (part.kind === "lines") {
    const lines = part.lines.filter((line) => line !== null);
    return lines.length === 0 ? [] : [section(lines.join("\n"))];
  }
  const items = part.changes.slice(0, LIMITS.changesListed).map((change) => changeItem(change));
  const rest = part.rest === null ? [] : [richSection([{ type: "text", text: visible(part.rest) }])];
  const url = part.look === undefined ? null : safeUrl(part.look.url);
  const look =
    url === null ? [] : [richSection([{ type: "link" as const, url, text: visible(part.look?.words ?? ""), style: { bold: true } }])];
  if (items.length + rest.length === 0) return look.length === 0 ? [] : [{ type: "rich_text", elements: look }];
  const heading =
    part.heading === null ? [] : [richSection([{ type: "text" as const, text: visible(part.heading), style: { bold: true } }])];
  return [
    { type: "rich_text", elements: [...look, ...heading, { type: "rich_text_list", style: "bullet", elements: [...items, ...rest] }] },
  ];
}

function changeItem(change: Change): RichTextSection {
  const url = safeUrl(change.url);
  const title = changeTitle(change);
  const words: RichTextElement = url === null ? { type: "text", text: title } : { type: "link", url, text: title };
  const tickets = (change.tickets ?? []).flatMap((ticket): RichTextElement[] => {
    const address = safeUrl(ticket.url);
    const key = plain(ticket.key, LIMITS.name);
    return address === null
      ? []
      : [
          { type: "text", text: " " },
          { type: "link", url: address, text: key },
        ];
  });
  return richSection([words, ...tickets, { type: "text", text: `, ${plain(change.author.name, LIMITS.name) || "somebody"}` }]);
}

function richSection(elements: RichTextElement[]): RichTextSection {
  return { type: "rich_text_section", elements };
}

/** Screen readers and notifications have only this: the same story as the blocks, without their marks. */
function textOf(drawing: Drawing, context: RenderContext): string {
  const state = continued(drawing.fact, drawing.next);
  const parts = [
    `${foreign(drawing.title, LIMITS.header)}.`,
    ended(drawing.lead ?? state),
    ...drawing.body.map((part) => bodyText(part)),
    drawing.detail.filter((part) => part !== null).join(" "),
  ];
  return clampMrkdwn(unmarked(dated(parts.filter((part) => part !== "").join(" "), context)), LIMITS.text);
}

function bodyText(part: BodyPart): string {
  if (part.kind === "lines")
    return part.lines
      .filter((line) => line !== null)
      .map((line) => ended(line))
      .join(" ");
  const titles = part.changes.slice(0, LIMITS.changesListed).map((change) => escaped(changeTitle(change)));
  const all = part.rest === null ? titles : [...titles, escaped(part.rest)];
  return all.length === 0 ? "" : ended(`${part.heading === null ? "Changes" : escaped(part.heading)}: ${all.join("; ")}`);
}

function ended(sentence: string): string {
  return /[.!?…]$/u.test(sentence) ? sentence : `${sentence}.`;
}

/** A notification cannot show each reader's own time: the team's, with its zone. */
function dated(mrkdwn: string, context: RenderContext): string {
  return mrkdwn.replace(/<!date\^(\d+)\^([^|<>]*)\|[^<>]*>/gu, (_, unix: string, format: string) =>
    spoken(new Date(Number(unix) * 1000), context.now, context.timezone, format.includes("secs")),
  );
}

/** Links to their words, dates to their fallback, no emoji names, no bold. */
export function unmarked(mrkdwn: string): string {
  return mrkdwn
    .replace(/<[^<>|]*\|([^<>]*)>/gu, "$1")
    .replace(/:[a-z_]+: ?/gu, "")
    .replace(/`([^`\n]+)`/gu, (_, words: string) => unstyled(words))
    .replace(/[*`]/gu, "")
    .replace(/[ \n]+/gu, " ")
    .trim();
}
