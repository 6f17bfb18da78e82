// @ts-check

/** The simulator's state as the stream tells it, and what this page alone knows: who one acts as, which room is open. */

/** @type {any} null until the first state came */
export let state = null;

export const mine = {
  /** User id one acts as. */
  user: "",
  /** Channel id, or "home". */
  room: "",
  /** CHANNEL/ts of the thread shown, and whether a person chose it. */
  thread: { key: "", chosen: false },
  /** False while the stream is lost. */
  connected: false,
};

/** @type {Set<(change: { topic: string, key: string, value: any, before: any } | null) => void>} */
const listeners = new Set();
/** The simulator's clock against this computer's, in ms. */
let ahead = 0;

/** @param {(change: { topic: string, key: string, value: any, before: any } | null) => void} listen null: everything may be new */
export function onChange(listen) {
  listeners.add(listen);
}

export function changed() {
  for (const listen of listeners) listen(null);
}

export function now() {
  return Date.now() + ahead;
}

/** @param {string} token */
export function follow(token) {
  const stream = new EventSource(`/_sim/stream?token=${encodeURIComponent(token)}`);
  stream.addEventListener("state", (event) => {
    state = JSON.parse(event.data);
    ahead = Date.parse(state.now) - Date.now();
    mine.connected = true;
    changed();
  });
  stream.addEventListener("change", (event) => {
    const change = JSON.parse(event.data);
    const before = apply(change);
    for (const listen of listeners) listen({ ...change, before });
  });
  stream.addEventListener("error", () => {
    mine.connected = false;
    changed();
  });
}

/** @type {Record<string, string>} */
const LISTS = { ephemeral: "ephemerals", press: "presses", notice: "notices", channel: "channels", user: "users", usergroup: "usergroups" };
/** @type {Record<string, string>} */
const MAPS = { views: "views", home: "homes", published: "published" };

/** @param {{ topic: string, key: string, value: any }} change @returns {any} what stood there before */
function apply({ topic, key, value }) {
  if (topic === "dev") {
    state.dev = value;
    ahead = Date.parse(value.now) - Date.now();
    return null;
  }
  const name = MAPS[topic];
  if (name !== undefined) {
    const before = state[name][key] ?? null;
    state[name] = { ...state[name], [key]: value };
    return before;
  }
  if (topic === "message") return put("messages", key, value, (/** @type {any} */ one) => keyOf(one));
  const list = LISTS[topic];
  return list === undefined ? null : put(list, key, value, (/** @type {any} */ one) => one.id);
}

/** @param {string} name @param {string} key @param {any} value @param {(one: any) => string} idOf */
function put(name, key, value, idOf) {
  const list = state[name];
  const index = list.findIndex((/** @type {any} */ one) => idOf(one) === key);
  const before = index < 0 ? null : list[index];
  if (value === null) state[name] = list.filter((/** @type {any} */ one) => idOf(one) !== key);
  else if (index < 0) state[name] = [...list, value];
  else state[name] = list.with(index, value);
  return before;
}

/** @param {any} message */
export function keyOf(message) {
  return `${message.channel}/${message.ts}`;
}

/** @param {string} id */
export function userOf(id) {
  return state.users.find((/** @type {any} */ user) => user.id === id) ?? { id, name: id, real_name: id };
}

/** Changes when somebody is called otherwise: then everything with a name is drawn anew. */
export function peopleKey() {
  const people = world()?.people ?? [];
  return people.map((/** @type {any} */ one) => `${one.id} ${one.name}`).join();
}

export function world() {
  return state?.published?.world ?? null;
}
