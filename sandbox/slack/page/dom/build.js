// @ts-check

/** Builds elements. Foreign text only ever enters as text nodes, and links only with http, https or mailto addresses. */

/**
 * @param {string} tag "button.btn.primary"
 * @param {Record<string, any> | null} [props] attributes; `on…` functions are set as properties, null and false leave an attribute out
 * @param {...any} children nodes, texts, arrays; null and false are left out
 * @returns {HTMLElement}
 */
export function h(tag, props, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name || "div");
  if (classes.length > 0) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(props ?? {})) setProp(element, key, value);
  append(element, children);
  return element;
}

/** @param {any} element @param {string} key @param {any} value */
function setProp(element, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on")) element[key] = value;
  else if (key === "class") element.className = `${element.className} ${value}`.trim();
  else if (key === "value") element.value = value;
  else if (key === "checked") element.checked = true;
  else if (key === "selected") element.selected = true;
  else element.setAttribute(key, value === true ? "" : String(value));
}

/** @param {Node} parent @param {any[]} children */
export function append(parent, children) {
  for (const child of children.flat(9)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** One of the page's own drawings. @param {string} name @param {string} [words] what it means, for those who do not see it */
export function icon(name, words) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", `i ${name}`);
  if (words === undefined) svg.setAttribute("aria-hidden", "true");
  else {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", words);
  }
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#${name}`);
  svg.appendChild(use);
  return svg;
}

/** The address when it may be opened, else null. @param {unknown} url */
export function safeUrl(url) {
  if (typeof url !== "string") return null;
  const parsed = URL.canParse(url) ? new URL(url) : null;
  return parsed !== null && ["http:", "https:", "mailto:"].includes(parsed.protocol) ? url : null;
}

/** A link to elsewhere; only its words when the address may not be opened. @param {unknown} url @param {...any} words */
export function link(url, ...words) {
  const href = safeUrl(url);
  return href === null ? h("span", null, ...words) : h("a", { href, target: "_blank", rel: "noreferrer noopener" }, ...words);
}
