// @ts-check
import { changed, mine } from "../store.js";

/** Which thread the panel shows: the one somebody chose, else that of the card that changed last. */

/** @param {string} key CHANNEL/ts @param {boolean} chosen by a person */
export function showThread(key, chosen) {
  if (!chosen && mine.thread.chosen && mine.thread.key.startsWith(`${mine.room}/`)) return;
  if (mine.thread.key === key && mine.thread.chosen === chosen) return;
  mine.thread = { key, chosen };
  if (chosen) {
    const tab = document.getElementById("v-thread");
    if (tab instanceof HTMLInputElement && matchMedia("(max-width: 860px)").matches) tab.checked = true;
    changed();
  }
}
