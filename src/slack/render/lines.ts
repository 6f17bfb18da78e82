import type { KnownBlock } from "@slack/types";
import { clampMrkdwn } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { section } from "./blocks.ts";
import { unmarked, type Rendered } from "./drawing.ts";

/** As many sections as the lines need, each within Slack's length. */
export function lines(all: readonly string[]): Rendered {
  const blocks: KnownBlock[] = [];
  let part: string[] = [];
  for (const line of all) {
    if (part.join("\n").length + line.length > LIMITS.section - 100 && part.length > 0) {
      blocks.push(section(part.join("\n")));
      part = [];
    }
    part.push(line);
  }
  if (part.length > 0) blocks.push(section(part.join("\n")));
  const text = unmarked(all.join(" "));
  return {
    text: text.length <= LIMITS.messageText - 500 ? text : clampMrkdwn(unmarked(all[0] ?? ""), LIMITS.messageText - 500),
    blocks: blocks.slice(0, LIMITS.blocks),
  };
}

/** A line for each of the first `most`, and how many more there are. */
export function firstOf<Item>(all: readonly Item[], most: number, noun: string, lineOf: (item: Item) => string): readonly string[] {
  const shown = all.slice(0, most).map((item) => lineOf(item));
  const hidden = all.length - shown.length;
  return hidden === 0 ? shown : [...shown, `and ${hidden} more ${hidden === 1 ? noun : `${noun}s`}`];
}
