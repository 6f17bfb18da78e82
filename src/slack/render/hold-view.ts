import type { ModalView } from "@slack/types";
import { INPUTS, VIEWS } from "../action-ids.ts";
import { foreign } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import type { Place } from "../place-value.ts";
import { duration } from "../words.ts";
import { option, plainText, section } from "./blocks.ts";

const HOUR_MS = 3_600_000;

/** `lock`: for oneself; `freeze`: for nobody. */
export type HoldVerb = "lock" | "freeze";

/** How long somebody may want to hold a place, in milliseconds; other times are typed. `usual` is offered. */
export const HOLD_FORMS: Readonly<Record<HoldVerb, { readonly times: readonly number[]; readonly usual: number }>> = {
  lock: { times: [0.5, 1, 2, 4, 8, 24].map((hours) => hours * HOUR_MS), usual: 2 * HOUR_MS },
  freeze: { times: [1, 4, 8, 24, 72, 168].map((hours) => hours * HOUR_MS), usual: 24 * HOUR_MS },
};

const WORDS = {
  lock: { title: "Lock", does: "takes nothing of others until you unlock it or the time is over." },
  freeze: { title: "Freeze", does: "takes nothing, of you neither, until the freeze is lifted or the time is over." },
} as const;

/** Asks why and for how long somebody wants to hold an environment. */
export function renderHoldView(verb: HoldVerb, place: Place, data: string): ModalView {
  const { times, usual: usualMs } = HOLD_FORMS[verb];
  const { title, does } = WORDS[verb];
  const options = times.map((ms) => option(duration(ms), String(ms)));
  const usual = options[times.indexOf(usualMs)];
  const where = `*${foreign(place.app, LIMITS.name)} in ${foreign(place.environment, LIMITS.name)}*`;
  return {
    type: "modal",
    callback_id: VIEWS[verb],
    private_metadata: data.slice(0, LIMITS.privateMetadata),
    title: plainText(title, LIMITS.viewTitle),
    submit: plainText(title, LIMITS.viewButton),
    close: plainText("Not now", LIMITS.viewButton),
    blocks: [
      section(`${where} ${does} A rollback still goes there.`),
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
