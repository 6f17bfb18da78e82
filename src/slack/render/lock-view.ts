import type { ModalView } from "@slack/types";
import { INPUTS, VIEWS } from "../action-ids.ts";
import { foreign } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import type { Place } from "../place-value.ts";
import { duration } from "../words.ts";
import { option, plainText, section } from "./blocks.ts";

const HOUR_MS = 3_600_000;
/** How long somebody may want to hold a place; longer ones are typed. */
export const LOCK_MS: readonly number[] = [0.5, 1, 2, 4, 8, 24].map((hours) => hours * HOUR_MS);
const USUAL_MS = 2 * HOUR_MS;

/** Asks why and for how long somebody wants to hold an environment. */
export function renderLockView(place: Place, data: string): ModalView {
  const options = LOCK_MS.map((ms) => option(duration(ms), String(ms)));
  const usual = options[LOCK_MS.indexOf(USUAL_MS)];
  const where = `*${foreign(place.app, LIMITS.name)} in ${foreign(place.environment, LIMITS.name)}*`;
  return {
    type: "modal",
    callback_id: VIEWS.lock,
    private_metadata: data.slice(0, LIMITS.privateMetadata),
    title: plainText("Lock", LIMITS.viewTitle),
    submit: plainText("Lock", LIMITS.viewButton),
    close: plainText("Not now", LIMITS.viewButton),
    blocks: [
      section(`${where} takes nothing of others until you unlock it or the time is over. A rollback still goes there.`),
      {
        type: "input",
        block_id: INPUTS.reason,
        label: plainText("Why?", LIMITS.optionText),
        element: { type: "plain_text_input", action_id: INPUTS.text, max_length: LIMITS.reason, focus_on_load: true },
      },
      {
        type: "input",
        block_id: INPUTS.when,
        label: plainText("For how long?", LIMITS.optionText),
        element: { type: "static_select", action_id: INPUTS.when, options, ...(usual === undefined ? {} : { initial_option: usual }) },
      },
    ],
  };
}
