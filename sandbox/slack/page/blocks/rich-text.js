// @ts-check
import { h, link } from "../dom/build.js";
import { now, state } from "../store.js";
import { formatDate } from "../text/dates.js";
import { emoji } from "../text/emoji.js";
import { mentionChannel, mentionGroup, mentionUser } from "../text/people.js";

/** rich_text blocks. */

/** @param {any} block */
export function richText(block) {
  return h("div.rich", null, block.elements.map(part));
}

/** @param {any} element @returns {HTMLElement} */
function part(element) {
  switch (element.type) {
    case "rich_text_list":
      return h(
        element.style === "ordered" ? "ol.num" : "ul.bul",
        { class: element.indent ? `deep${element.indent}` : null, start: element.offset ? element.offset + 1 : null },
        items(element),
      );
    case "rich_text_preformatted":
      return h(
        "pre",
        null,
        element.elements.map((/** @type {any} */ one) => one.text ?? one.url ?? ""),
      );
    case "rich_text_quote":
      return h("blockquote", null, pieces(element.elements));
    default:
      return h("p", null, pieces(element.elements ?? []));
  }
}

/** @param {any} list */
function items(list) {
  return list.elements.map((/** @type {any} */ item) =>
    h("li", null, item.type === "rich_text_section" ? pieces(item.elements) : part(item)),
  );
}

/** @param {any[]} elements */
function pieces(elements) {
  return elements.map((one) => styled(one, piece(one)));
}

/** @param {any} one @returns {Node} */
function piece(one) {
  switch (one.type) {
    case "text":
      return one.text.includes("\n") ? h("span.lined", null, one.text) : document.createTextNode(one.text);
    case "link":
      return link(one.url, one.text ?? one.url);
    case "emoji":
      return emoji(one.name) ?? document.createTextNode(`:${one.name}:`);
    case "user":
      return mentionUser(one.user_id);
    case "usergroup":
      return mentionGroup(one.usergroup_id);
    case "channel":
      return mentionChannel(one.channel_id);
    case "team":
      return h("span.at", null, state.team.name);
    case "broadcast":
      return h("span.at", null, `@${one.range}`);
    case "date":
      return h(
        "time",
        {
          title: one.fallback ?? null,
          ...(String(one.format).includes("{ago}") ? { "data-unix": one.timestamp, "data-format": one.format } : {}),
        },
        formatDate(one.timestamp, one.format ?? "{date} {time}", now()) ?? one.fallback ?? "",
      );
    case "color":
      return h("code", null, one.value);
    default:
      return document.createTextNode(one.text ?? `[${one.type}]`);
  }
}

/** @param {any} one @param {Node} node @returns {Node} */
function styled(one, node) {
  const style = one.style ?? {};
  let result = node;
  if (style.code) result = h("code", null, result);
  if (style.bold) result = h("b", null, result);
  if (style.italic) result = h("i", null, result);
  if (style.strike) result = h("s", null, result);
  if (style.underline) result = h("u", null, result);
  return result;
}
