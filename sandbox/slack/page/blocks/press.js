// @ts-check
import { h, icon } from "../dom/build.js";
import { ask } from "../overlay/confirm.js";
import { changed, mine, state } from "../store.js";
import { act } from "../wire.js";
import { formOf } from "./drafts.js";

/** Pressing a button or picking an option, and what became of it. */

/**
 * Where blocks stand. `ts` is a message's or an ephemeral's, `view` a modal or a home.
 * @typedef {{ channel: string | null, ts: string | null, view: any, still?: boolean }} Place
 */

/** What the simulator itself refused ("there is no element … there now"), by place and element. @type {Map<string, string>} */
const refused = new Map();
/** Long enough to be read; the card may be another by then. */
const REFUSED_MS = 10_000;

/** @param {Place} place @param {any} element */
function slot(place, element) {
  return `${mine.user} ${place.view?.id ?? place.ts} ${element.action_id}`;
}

/** @param {Place} place @param {any} element @param {any} block @param {any} [choice] `{ option }` or `{ value }` */
export async function press(place, element, block, choice = {}) {
  if (place.still === true) return;
  const asked = element.confirm === undefined || (await ask(element.confirm));
  if (!asked) return void changed();
  const where = place.view ? { view_id: place.view.id, values: formOf(place.view) } : { channel: place.channel, ts: place.ts };
  const answer = await act("click", { user: mine.user, ...where, action_id: element.action_id, block_id: block.block_id, ...choice });
  const here = slot(place, element);
  if (typeof answer.error === "string") {
    refused.set(here, answer.error);
    setTimeout(() => (refused.delete(here), changed()), REFUSED_MS);
  } else refused.delete(here);
  changed();
}

/** The last press of this element by the person one acts as. @param {Place} place @param {any} element @param {any} block */
export function pressOf(place, element, block) {
  return state.presses.findLast(
    (/** @type {any} */ one) =>
      one.user === mine.user &&
      one.action_id === element.action_id &&
      one.block_id === block.block_id &&
      (place.view ? one.view_id === place.view.id : one.ts === place.ts),
  );
}

/** @type {Record<string, string>} */
const WHY = {
  operation_timeout: "No answer within 3 s.",
  dispatch_failed: "Nobody is connected to answer.",
  http_error: "The bot answered with an error.",
};

/** The sentence under elements whose press failed, or null. @param {Place} place @param {any[]} elements @param {any} block */
export function failureNote(place, elements, block) {
  if (place.still === true) return null;
  const texts = elements.flatMap((element) => {
    const last = pressOf(place, element, block);
    const why = WHY[last?.result];
    const shown = last?.state === "failed" && last.shown ? [[why, last.shown].filter(Boolean).join(" ")] : [];
    const own = refused.get(slot(place, element));
    return own === undefined ? shown : [...shown, own];
  });
  if (texts.length === 0) return null;
  return h("p.small.failed", { role: "status", "data-failed": true }, icon("warn"), " ", texts.join(" "));
}
