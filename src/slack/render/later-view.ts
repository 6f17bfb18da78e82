import type { InputBlock, ModalView } from "@slack/types";
import type { LaterChoices } from "../../domain/intent.ts";
import { INPUTS, VIEWS } from "../action-ids.ts";
import { foreign } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { spoken } from "../words.ts";
import { option, plainText, section } from "./blocks.ts";

/** What the choice of "when?" says. */
export const WHEN = { opening: "opening", at: "at" } as const;

/** Asks when an approved deployment starts: at the next opening, where something that ends by the clock is in the way, or at a time. */
export function renderLaterView(choices: LaterChoices, options: { readonly data: string; readonly now: Date }): ModalView {
  const place = `*${foreign(choices.app, LIMITS.name)} to ${foreign(choices.environment, LIMITS.name)}*`;
  return {
    type: "modal",
    callback_id: VIEWS.later,
    private_metadata: options.data.slice(0, LIMITS.privateMetadata),
    title: plainText("Approve for later", LIMITS.viewTitle),
    submit: plainText("Approve for later", LIMITS.viewButton),
    close: plainText("Not now", LIMITS.viewButton),
    blocks: [
      section(
        `You say yes now, and ${place} starts by itself then. You hear of it 5 minutes before and can still stop it. If something is in the way, you hear what, and your yes is kept.`,
      ),
      ...when(choices, options.now),
    ],
  };
}

function when(choices: LaterChoices, now: Date): readonly InputBlock[] {
  const { opening } = choices;
  const at: InputBlock = {
    type: "input",
    block_id: INPUTS.at,
    optional: opening !== null,
    label: plainText(opening === null ? "When?" : "At another time", LIMITS.optionText),
    hint: plainText("In your own time zone, at most 7 days ahead.", LIMITS.inputHint),
    element: { type: "datetimepicker", action_id: INPUTS.at, initial_date_time: seconds(opening ?? choices.suggested) },
  };
  if (opening === null) return [at];
  const first = option(`At the next opening: ${spoken(opening, now, choices.timezone)}`, WHEN.opening);
  const radio: InputBlock = {
    type: "input",
    block_id: INPUTS.when,
    label: plainText("When?", LIMITS.optionText),
    element: { type: "radio_buttons", action_id: INPUTS.when, options: [first, option("At another time", WHEN.at)], initial_option: first },
  };
  return [radio, at];
}

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
