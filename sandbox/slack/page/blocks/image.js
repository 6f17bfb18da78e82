// @ts-check
import { h } from "../dom/build.js";

/** Pictures. Nothing leaves this computer: one from elsewhere is told in words, not loaded. */

/** @param {any} given an image block or element @param {"thumb" | "wide" | "tiny"} size */
export function image(given, size) {
  const url = typeof given.image_url === "string" && URL.canParse(given.image_url) ? new URL(given.image_url) : null;
  const near = url !== null && (url.protocol === "data:" || ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname));
  if (url !== null && near) return h(`img.${size}`, { src: url.href, alt: given.alt_text ?? "" });
  if (size === "tiny") return h("span.tag", { title: given.image_url ?? null }, given.alt_text ?? "picture");
  return h(
    `span.picture.${size}`,
    { role: "img", "aria-label": given.alt_text ?? "picture", title: given.image_url ?? null },
    given.alt_text ?? "picture",
  );
}
