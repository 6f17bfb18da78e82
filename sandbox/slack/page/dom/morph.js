// @ts-check

/** Makes an element in the page like a freshly built one, so that focus, scroll and what was typed stay. */

const HANDLERS = ["onclick", "onchange", "oninput", "onkeydown", "onsubmit", "onfocus", "onblur", "onpointerdown"];
/** Set on living elements by the page itself; an element may name more of them in `data-keeps`. */
const KEPT = ["data-flash", "open", "inert", "aria-expanded"];

/** @param {any} old in the page @param {any} fresh built new, used up by this */
export function morph(old, fresh) {
  if (!alike(old, fresh)) {
    old.replaceWith(fresh);
    return fresh;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return old;
  }
  // What stands in such an element is not drawn from the state.
  if (old.hasAttribute("data-own")) return old;
  morphAttributes(old, fresh);
  for (const name of HANDLERS) old[name] = fresh[name];
  morphChildren(old, fresh);
  morphControl(old, fresh);
  return old;
}

/** Puts `children` into a living element in place of what is there. @param {Element} parent @param {...any} children */
export function fill(parent, ...children) {
  const fresh = parent.cloneNode(false);
  for (const child of children.flat(9)) if (child instanceof Node) fresh.appendChild(child);
  morphChildren(parent, fresh);
}

/** @param {any} old @param {any} fresh */
function alike(old, fresh) {
  if (old.nodeType !== fresh.nodeType) return false;
  if (old.nodeType !== Node.ELEMENT_NODE) return true;
  return old.tagName === fresh.tagName && old.getAttribute("data-key") === fresh.getAttribute("data-key") && old.type === fresh.type;
}

/** @param {Element} old @param {Element} fresh */
function morphAttributes(old, fresh) {
  const kept = [...KEPT, ...(fresh.getAttribute("data-keeps") ?? "").split(" ")];
  const theirs = Array.from(old.attributes).filter(({ name }) => !kept.includes(name));
  for (const { name } of theirs) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of Array.from(fresh.attributes)) {
    if (old.getAttribute(name) !== value && !(kept.includes(name) && old.hasAttribute(name))) old.setAttribute(name, value);
  }
}

/** @param {Node} old @param {Node} fresh */
function morphChildren(old, fresh) {
  const keyed = new Map();
  for (const child of old.childNodes) if (keyOf(child) !== null) keyed.set(keyOf(child), child);
  let here = old.firstChild;
  for (const child of Array.from(fresh.childNodes)) {
    const same = keyOf(child) === null ? null : (keyed.get(keyOf(child)) ?? null);
    if (same !== null && same !== here) old.insertBefore(same, here);
    else if (here === null || keyOf(here) !== keyOf(child) || !alike(here, child)) {
      old.insertBefore(child, here);
      continue;
    }
    here = morph(same ?? here, child).nextSibling;
  }
  while (here !== null) {
    const next = here.nextSibling;
    here.remove();
    here = next;
  }
}

/** @param {any} node */
function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.getAttribute("data-key") : null;
}

/** What a person is typing now is theirs; everything else follows the state. @param {any} old @param {any} fresh */
function morphControl(old, fresh) {
  if (!["INPUT", "SELECT", "TEXTAREA"].includes(old.tagName) || old === document.activeElement) return;
  if (old.type === "checkbox" || old.type === "radio") old.checked = fresh.checked;
  else if (old.value !== fresh.value) old.value = fresh.value;
}
