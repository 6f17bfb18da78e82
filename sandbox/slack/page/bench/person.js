// @ts-check
import { h } from "../dom/build.js";
import { fill } from "../dom/morph.js";
import { dropQuestion } from "../overlay/confirm.js";
import { changed, mine, state, world } from "../store.js";
import { face, firstName } from "../text/people.js";
import { setZone } from "../text/dates.js";
import { act } from "../wire.js";

/** Who one acts as. */

const REMEMBERED = "greenlight-simulator-user";

/** @returns {{ id: string, name: string, note: string }[]} */
export function peopleToBe() {
  const given = world()?.people;
  if (Array.isArray(given) && given.length > 0)
    return given.map((one) => ({ id: one.id, name: one.name, note: one.note ?? one.role ?? "" }));
  const people = state.users.filter((/** @type {any} */ user) => user.is_bot !== true && user.deleted !== true);
  return people.map((/** @type {any} */ user) => ({
    id: user.id,
    name: firstName(user),
    note: user.team_id !== state.team.id ? "another workspace" : user.is_restricted ? "guest" : "",
  }));
}

/** @param {string} id */
export function become(id) {
  dropQuestion();
  mine.user = id;
  sessionStorage.setItem(REMEMBERED, id);
  changed();
  if (mine.room === "home") void act("openHome", { user: id, tab: "home" });
}

export function drawPeople() {
  const people = peopleToBe();
  const wanted = mine.user || new URLSearchParams(location.search).get("as") || sessionStorage.getItem(REMEMBERED);
  mine.user = people.find((one) => one.id === wanted)?.id ?? people[0]?.id ?? "";
  setZone(state.users.find((/** @type {any} */ user) => user.id === mine.user)?.tz);
  fill(/** @type {HTMLElement} */ (document.getElementById("people")), people.map(person));
  const select = /** @type {HTMLSelectElement} */ (document.getElementById("who2"));
  fill(
    select,
    people.map((one) => h("option", { value: one.id, "data-key": one.id }, `As ${one.name}`)),
  );
  select.value = mine.user;
  select.onchange = () => become(select.value);
}

/** @param {{ id: string, name: string, note: string }} one */
function person(one) {
  return h(
    "label",
    { "data-key": one.id, "data-user": one.id },
    h("input", { type: "radio", name: "who", value: one.id, checked: one.id === mine.user, onchange: () => become(one.id) }),
    face(one.id),
    h("span", null, h("b", null, one.name), one.note === "" ? null : h("small", null, one.note)),
    h("span.you", { "aria-hidden": "true" }, "you"),
  );
}
