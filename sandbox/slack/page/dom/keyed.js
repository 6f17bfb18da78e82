// @ts-check
import { morph } from "./morph.js";

/**
 * Keeps a long list in step with its items and redraws only those whose `deps` are others than before.
 * @param {Element} parent
 * @param {{ key: string, deps: any[], draw: () => HTMLElement }[]} items
 */
export function syncList(parent, items) {
  const known = new Map([...parent.children].map((child) => [child.getAttribute("data-key"), child]));
  let here = parent.firstElementChild;
  for (const item of items) {
    const old = known.get(item.key) ?? null;
    known.delete(item.key);
    const element = old === null ? fresh(item) : renewed(old, item);
    if (old === here && here !== null) here = element;
    if (element === here) here = element.nextElementSibling;
    else parent.insertBefore(element, here);
  }
  for (const left of known.values()) left.remove();
}

/** @type {WeakMap<Element, any[]>} */
const drawn = new WeakMap();

/** @param {{ key: string, deps: any[], draw: () => HTMLElement }} item */
function fresh(item) {
  const element = item.draw();
  element.setAttribute("data-key", item.key);
  drawn.set(element, item.deps);
  return element;
}

/** @param {Element} old @param {{ key: string, deps: any[], draw: () => HTMLElement }} item */
function renewed(old, item) {
  const before = drawn.get(old) ?? [];
  if (before.length === item.deps.length && before.every((dep, index) => dep === item.deps[index])) return old;
  const element = item.draw();
  element.setAttribute("data-key", item.key);
  const kept = morph(old, element);
  drawn.set(kept, item.deps);
  return kept;
}
