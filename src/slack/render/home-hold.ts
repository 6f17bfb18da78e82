import type { Button, KnownBlock } from "@slack/types";
import type { HomeHold } from "../../domain/home.ts";
import { ACTIONS } from "../action-ids.ts";
import { foreign } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { encodePlace } from "../place-value.ts";
import { clock } from "../words.ts";
import { button, section } from "./blocks.ts";
import type { RenderContext } from "./drawing.ts";
import { askUnlockButton } from "./queued.ts";

/** One thing that keeps an environment closed: who, why, until when, and the way to open it. */
export function holdRow(hold: HomeHold, index: number, context: RenderContext): KnownBlock {
  const name = `*${foreign(hold.app, LIMITS.name)} in ${foreign(hold.environment, LIMITS.name)}*`;
  const until = hold.until === null ? "" : ` until ${clock(hold.until, context.now)}`;
  const reason = hold.reason === null ? "" : `: ${foreign(hold.reason, LIMITS.sentence)}`;
  const words = { ...section(`:double_vertical_bar: ${name} ${closedBy(hold)}${until}${reason}`), block_id: `hold:${index}` };
  const accessory = opener(hold);
  return accessory === null || words.type !== "section" ? words : { ...words, accessory };
}

function closedBy(hold: HomeHold): string {
  const owner = hold.own ? "you" : foreign(hold.owner ?? "", LIMITS.name) || "somebody";
  switch (hold.kind) {
    case "restore":
      return "starts nothing since the database was restored";
    case "lock":
      return `is held by ${owner}`;
    case "freeze":
      return `is frozen by ${hold.owner === null ? "the calendar" : owner}`;
    default:
      return hold.kind satisfies never;
  }
}

function opener(hold: HomeHold): Button | null {
  const where = `${hold.app} in ${hold.environment}`;
  if (hold.may.includes("unfreeze"))
    return button({
      action: ACTIONS.unfreeze,
      label: "Lift the freeze",
      spoken: `Lift the freeze of ${where}`,
      value: encodePlace(hold),
      confirm: { title: `Open ${where}?`, text: "What waits there may start.", yes: "Lift the freeze", no: "Keep it" },
    });
  if (hold.may.includes("ask_unlock")) return askUnlockButton(hold);
  return hold.may.includes("unlock") ? unlockButton(hold, where) : null;
}

/** One's own is let go at once; of another's, and after a restore, it is said what that does. */
function unlockButton(hold: HomeHold, where: string): Button {
  const words = { action: ACTIONS.unlock, label: "Unlock", spoken: `Unlock ${where}`, value: encodePlace(hold) };
  if (hold.own) return button(words);
  const text =
    hold.kind === "restore"
      ? "You looked what its servers run. What waits there may start."
      : `${hold.owner ?? "Its owner"} is told that you took off the lock. What waits there may start.`;
  return button({ ...words, confirm: { title: `Unlock ${where}?`, text, yes: "Unlock", no: "Keep it" } });
}
