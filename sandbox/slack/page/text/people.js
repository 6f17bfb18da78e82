// @ts-check
import { h } from "../dom/build.js";
import { state, userOf } from "../store.js";

/** Names, faces and mentions of people, groups and channels. */

/** @param {any} user */
export function firstName(user) {
  const given = state.published?.world?.people?.find((/** @type {any} */ one) => one.id === user.id)?.name;
  return given ?? (user.real_name || user.name).split(" ")[0];
}

/** The bot's display name with a capital. */
export function botName() {
  const name = state.bot.real_name ?? state.bot.name;
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** @param {string} id */
export function nameOf(id) {
  if (id === state.bot.user_id) return botName();
  return firstName(userOf(id));
}

/** A round face: initial and one of six colours, the same for a person everywhere. @param {string} id */
export function face(id) {
  if (id === state.bot.user_id) return h("span.face.g", { "aria-hidden": "true" });
  const people = state.users.filter((/** @type {any} */ user) => user.is_bot !== true);
  const place = Math.max(
    0,
    people.findIndex((/** @type {any} */ user) => user.id === id),
  );
  return h(`span.face.c${place % 6}`, { "aria-hidden": "true" }, nameOf(id).charAt(0).toUpperCase());
}

/** @param {string} id */
export function mentionUser(id) {
  return h("span.at", { "data-mention": id }, `@${nameOf(id)}`);
}

/** @param {string} id @param {string} [fallback] */
export function mentionGroup(id, fallback) {
  const group = state.usergroups.find((/** @type {any} */ one) => one.id === id);
  return h("span.at", { "data-mention": id }, `@${group?.handle ?? fallback?.replace(/^@/u, "") ?? id}`);
}

/** @param {string} id @param {string} [fallback] */
export function mentionChannel(id, fallback) {
  const channel = state.channels.find((/** @type {any} */ one) => one.id === id);
  return h("span.at", null, `#${channel?.name ?? fallback ?? id}`);
}
