// @ts-check

/** Times as the reader sees them. */

const zone = { name: Intl.DateTimeFormat().resolvedOptions().timeZone };

/** @param {string | undefined} name the reader's zone; the browser's when there is none */
export function setZone(name) {
  try {
    zone.name = new Intl.DateTimeFormat("en-GB", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    zone.name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  }
}

/** @param {number} ms @param {Intl.DateTimeFormatOptions} options */
function told(ms, options) {
  return new Intl.DateTimeFormat("en-GB", { timeZone: zone.name, ...options }).format(ms).replaceAll(",", "");
}

/** @param {number} ms */
export function timeOf(ms) {
  return told(ms, { hour: "2-digit", minute: "2-digit" });
}

/** "Tuesday 24 November" @param {number} ms */
export function dayOf(ms) {
  return told(ms, { weekday: "long", day: "numeric", month: "long" });
}

/** "24 s", "3 min", "2 h", "4 days" @param {number} ms */
export function spanOf(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} days`;
}

/** The reader's zone, as people call it: "Europe/Brussels". */
export function zoneName() {
  return zone.name.replaceAll("_", " ");
}

/** What a date and time input shows: "2026-11-23T15:04" in the reader's zone. @param {number} ms */
export function localOf(ms) {
  const parts = new Intl.DateTimeFormat("sv-SE", { timeZone: zone.name, dateStyle: "short", timeStyle: "short" }).format(ms);
  return parts.replace(" ", "T");
}

/** Back from such an input; a time that the clocks skip is the one an hour later. @param {string} local @returns {number} ms */
export function atLocal(local) {
  const wanted = Date.parse(`${local.slice(0, 16)}Z`);
  const missed = (/** @type {number} */ ms) => wanted - Date.parse(`${localOf(ms)}Z`);
  const near = wanted + missed(wanted);
  return near + missed(near);
}

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const FORMATS = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date_short: { weekday: "short", day: "numeric", month: "short" },
  date: { day: "numeric", month: "long", year: "numeric" },
  date_long: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
  time: { hour: "2-digit", minute: "2-digit" },
  time_secs: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

/**
 * Slack's date formats: "{date_short_pretty} {time}". Null when a token is unknown: then the fallback is shown.
 * @param {number} unix seconds @param {string} format @param {number} nowMs
 */
export function formatDate(unix, format, nowMs) {
  const ms = unix * 1000;
  if (!Number.isFinite(ms)) return null;
  let known = true;
  const text = format.replace(/\{([a-z_]+)\}/gu, (_, token) => {
    if (token === "ago") return agoOf(nowMs - ms);
    const pretty = token.endsWith("_pretty");
    const options = FORMATS[token.replace(/_pretty$/u, "")];
    if (options === undefined) known = false;
    return options === undefined ? "" : ((pretty ? nearDay(ms, nowMs) : null) ?? told(ms, options));
  });
  return known ? text : null;
}

/** @param {number} ms @param {number} nowMs */
function nearDay(ms, nowMs) {
  const days = [
    ["yesterday", nowMs - DAY_MS],
    ["today", nowMs],
    ["tomorrow", nowMs + DAY_MS],
  ];
  const near = days.find(([, at]) => dateOf(Number(at)) === dateOf(ms));
  return near === undefined ? null : String(near[0]);
}

const DAY_MS = 86_400_000;

/** @param {number} ms */
function dateOf(ms) {
  return told(ms, { year: "numeric", month: "2-digit", day: "2-digit" });
}

/** @param {number} ms */
function agoOf(ms) {
  return ms < 0 ? `in ${spanOf(-ms)}` : ms < 60_000 ? "just now" : `${spanOf(ms)} ago`;
}
