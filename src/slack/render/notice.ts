import { cut, escaped, link, visible } from "../escape.ts";
import { dated, spokenDates } from "../instants.ts";
import { LIMITS } from "../limits.ts";
import { section } from "./blocks.ts";
import type { Rendered } from "./drawing.ts";

/** A direct message: the sentence in its reader's own time, then the way to the card. `card` null: there is none to open. */
export function renderNotice(
  notice: { readonly text: string; readonly timezone: string },
  options: { readonly card: string | null; readonly now: Date },
): Rendered {
  const words = escaped(visible(cut(notice.text, LIMITS.text)));
  const open = options.card === null ? "" : ` ${link(options.card, "Open the card")}`;
  return {
    text: spokenDates(words, options.now, notice.timezone),
    blocks: [section(`${dated(words, options.now)}${open}`)],
  };
}
