// @ts-check

/**
 * Dialogs inside the chat's frame: what Slack would show over the chat. The bench outside stays usable, so that one can kill the bot
 * or become somebody else while a form is open.
 */

/** @type {{ veil: HTMLElement, dialog: HTMLDialogElement, from: HTMLElement | null, escape: () => void }[]} */
let open = [];

/** @param {string} id of the dialog; its parent is the veil @param {() => void} escape what Escape does */
export function raise(id, escape) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById(id));
  const veil = /** @type {HTMLElement} */ (dialog.parentElement);
  const known = open.find((one) => one.dialog === dialog);
  if (known) {
    known.escape = escape;
    return dialog;
  }
  const from = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  open = [...open, { veil, dialog, from, escape }];
  veil.hidden = false;
  dialog.setAttribute("aria-modal", "true");
  dialog.onkeydown = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    open.find((one) => one.dialog === dialog)?.escape();
  };
  dialog.show();
  settle();
  return dialog;
}

/** @param {string} id */
export function lower(id) {
  const entry = open.find((one) => one.dialog.id === id);
  if (entry === undefined) return;
  open = open.filter((one) => one !== entry);
  entry.dialog.close();
  entry.veil.hidden = true;
  settle();
  const back = entry.from?.isConnected === true && entry.from !== document.body ? entry.from : document.getElementById("say");
  if (document.activeElement === document.body || entry.dialog.contains(document.activeElement)) back?.focus({ preventScroll: true });
}

/** Only the topmost can be reached. */
function settle() {
  const inside = document.getElementById("inside");
  if (inside) inside.inert = open.length > 0;
  for (const [index, one] of open.entries()) one.veil.inert = index < open.length - 1;
}
