import type { HomeView, KnownBlock } from "@slack/types";
import { ACTIONS } from "../action-ids.ts";
import type { HomeModel } from "../deps.ts";
import { foreign } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { clock, count } from "../words.ts";
import { statusLine } from "./answer.ts";
import { button, context, header, linkButton, section } from "./blocks.ts";
import type { RenderContext } from "./drawing.ts";
import { sentence } from "./parts.ts";

/** Slack shows 100 blocks; both lists end long before that. */
const MOST_ROWS = 30;
const MOST_TROUBLES = 5;

/** What waits for this person, then what is live. */
export function renderHome(home: HomeModel, options: RenderContext): HomeView {
  const waiting = home.waiting.slice(0, 10);
  const rows = home.rows.slice(0, MOST_ROWS);
  const hidden = home.rows.length - rows.length;
  return {
    type: "home",
    blocks: [
      header(
        home.waiting.length === 0
          ? "Nothing waits for you"
          : `${count(home.waiting.length, "thing")} ${home.waiting.length === 1 ? "waits" : "wait"} for you`,
      ),
      context(`As of ${clock(options.now, options.now)}`),
      ...home.troubles.slice(0, MOST_TROUBLES).map((trouble) => section(`:warning: ${foreign(trouble, LIMITS.threadText)}`)),
      ...waiting.map((item, index) => waitingBlock(item, index)),
      {
        type: "actions",
        elements: [button({ action: ACTIONS.homeDeploy, label: "New deployment…", spoken: "Choose what goes where", value: "home" })],
      },
      header("Live now"),
      ...(rows.length === 0
        ? [section("Nothing is configured that you may see.")]
        : rows.map((row) => section(statusLine(row, options.now)))),
      ...(hidden > 0 ? [context(`and ${hidden} more: type \`/deploy status\``)] : []),
    ],
  };
}

function waitingBlock(item: HomeModel["waiting"][number], index: number): KnownBlock {
  const open = linkButton({ action: `link_waiting_${index}`, label: "Review", url: item.url });
  const words = section(`:double_vertical_bar: ${sentence(item.text)}`);
  return open === null || words.type !== "section" ? words : { ...words, accessory: open };
}
