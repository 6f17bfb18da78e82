import type { LatePings } from "../../domain/card.ts";
import { clampMrkdwn, cut, escaped, visible } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { clock, count, spoken } from "../words.ts";
import { section } from "./blocks.ts";
import type { Rendered } from "./drawing.ts";
import { mentioned } from "./reply.ts";

/** So many lines fit into one section at their longest. */
const MOST_LINES = 8;
const LINE = 240;

/** What was to be said while nothing could be said: until when, then a line each; only who still has to act is called. */
export function renderLate(
  late: LatePings,
  context: { readonly groups: ReadonlyMap<string, string>; readonly now: Date; readonly timezone: string },
): Rendered {
  const { now, timezone } = context;
  // What still goes on comes first.
  const lines = late.lines.toSorted((a, b) => Number(b.mention.length > 0) - Number(a.mention.length > 0));
  const more = lines.length - MOST_LINES;
  const said = [
    ...lines.slice(0, MOST_LINES).map((line) => lineOf(line, context.groups)),
    ...(more > 0 ? [`and ${count(more, "more message")}, on their cards.`] : []),
  ];
  const shown = `${heading(late, (at) => clock(at, now), now)}\n${said.map((line) => `• ${line}`).join("\n")}`;
  return {
    text: `${heading(late, (at) => spoken(at, now, timezone), now)} ${said.join(" ")}`,
    blocks: [section(clampMrkdwn(shown, LIMITS.section))],
  };
}

function heading(late: LatePings, time: (at: Date) => string, now: Date): string {
  const span = `from ${time(late.since)} to ${time(now)}`;
  return late.why === "slack" ? `While Slack was away ${span}:` : `While Greenlight could not post here ${span}:`;
}

function lineOf(line: LatePings["lines"][number], groups: ReadonlyMap<string, string>): string {
  const unread = (line.duty?.answer?.unread ?? []).map((sentence) => cut(sentence, LINE));
  const words = clampMrkdwn(escaped(visible([cut(line.text, LINE), ...unread].join(" "))), 2 * LINE + 60);
  return [...new Set(line.mention.map((mention) => mentioned(mention, groups))), words].join(" ");
}
