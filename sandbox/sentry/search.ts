import type { Issue, StoredEvent } from "./store.ts";

/** One word of a search: `key:value`, negated by `!`; a list `[a,b]` means any of them. */
export type Term = { readonly key: string; readonly values: readonly string[]; readonly isNegated: boolean };

/** The query cannot be answered; the API says 400 with this text. */
export class UnknownSearch extends Error {}

/** Words of a search as docs.sentry.io spells them, quotes taken off. */
export function parseSearch(query: string): Term[] {
  const words = query.match(/(?:[^\s"[]+|"(?:[^"\\]|\\.)*"|\[[^\]]*\])+/g) ?? [];
  return words.map((word) => {
    const isNegated = word.startsWith("!");
    const [, key, value = ""] = /^!?([\w.-]+):(.*)$/s.exec(word) ?? [];
    if (key === undefined) throw new UnknownSearch(`Free text search is not known here: ${word}`);
    const list = value.startsWith("[") ? value.slice(1, -1).split(",") : [value];
    return { key, values: list.map((one) => one.trim().replace(/^"(.*)"$/s, "$1")), isNegated };
  });
}

/** Whether one event fits the words that are about events; the others are passed over. */
export function eventFits(event: StoredEvent, terms: readonly Term[]): boolean {
  return terms.every((term) => {
    const wanted = eventValue(event, term.key);
    return wanted === undefined || term.values.some((value) => matches(wanted ?? "", value)) !== term.isNegated;
  });
}

/** Whether an issue fits all words; `events` are its events in the asked environments and time. */
export function issueFits(issue: Issue, events: readonly StoredEvent[], terms: readonly Term[], now: Date): boolean {
  if (events.length === 0) return false;
  const perEvent = terms.filter((term) => isEventKey(term.key));
  if (perEvent.length > 0 && !events.some((event) => eventFits(event, perEvent))) return false;
  const others = terms.filter((term) => !isEventKey(term.key));
  return others.every((term) => term.values.some((value) => issueHas(issue, { events, key: term.key, value, now })) !== term.isNegated);
}

/** @throws UnknownSearch for words about events that this look-alike does not know. */
export function refuseUnknownEventKeys(terms: readonly Term[]): void {
  const unknown = terms.find((term) => !isEventKey(term.key) && term.key !== "event.type" && term.key !== "project");
  if (unknown !== undefined) throw new UnknownSearch(`Unknown search key for events: ${unknown.key}`);
}

const EVENT_KEYS = new Set([
  "release",
  "environment",
  "error.unhandled",
  "error.handled",
  "level",
  "server_name",
  "user.id",
  "error.type",
  "issue.id",
]);

function isEventKey(key: string): boolean {
  return EVENT_KEYS.has(key);
}

function eventValue(event: StoredEvent, key: string): string | null | undefined {
  switch (key) {
    case "release":
      return event.release;
    case "environment":
      return event.environment;
    case "error.unhandled":
      return String(!event.isHandled);
    case "error.handled":
      return String(event.isHandled);
    case "level":
      return event.level;
    case "server_name":
      return event.serverName;
    case "user.id":
      return event.user;
    case "error.type":
      return event.type;
    case "issue.id":
      return String(event.issueId);
    default:
      return undefined;
  }
}

function issueHas(issue: Issue, asked: { events: readonly StoredEvent[]; key: string; value: string; now: Date }): boolean {
  const { key, value } = asked;
  switch (key) {
    case "is":
      return hasStatus(issue, value);
    case "firstRelease":
    case "first-release":
      return matches(issue.firstRelease ?? "", value);
    case "firstSeen":
      return timeFits(issue.firstSeen, value, asked.now);
    case "lastSeen":
      return timeFits(issue.lastSeen, value, asked.now);
    case "timesSeen":
      return numberFits(asked.events.length, value);
    case "issue":
      return issue.shortId === value;
    case "issue.category":
    case "issue.type":
    case "event.type":
      return value === "error";
    default:
      throw new UnknownSearch(`Unknown search key for issues: ${key}`);
  }
}

function hasStatus(issue: Issue, value: string): boolean {
  if (value === "unresolved" || value === "resolved") return issue.status === value;
  if (value === "archived" || value === "ignored") return issue.status === "ignored";
  if (value === "unassigned") return true;
  if (["new", "ongoing", "regressed", "escalating"].includes(value)) return issue.substatus === value;
  throw new UnknownSearch(
    `Invalid value for "is" search, valid values are unresolved, resolved, archived, new, ongoing, regressed, escalating: ${value}`,
  );
}

function matches(actual: string, wanted: string): boolean {
  if (!wanted.includes("*")) return actual === wanted;
  const pattern = wanted.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${pattern.join(".*")}$`, "s").test(actual);
}

/** `-30m` is within the last 30 minutes, `+30m` longer ago; `>=2026-..` compares with a time. */
function timeFits(time: Date, value: string, now: Date): boolean {
  const relative = /^([+-])(\d+\w)$/.exec(value);
  if (relative !== null) {
    const since = now.getTime() - (periodMs(relative[2] ?? "") ?? 0);
    return relative[1] === "-" ? time.getTime() >= since : time.getTime() <= since;
  }
  const [, sign = "=", text = ""] = /^([<>]=?)?(.+)$/.exec(value) ?? [];
  const other = Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(other)) throw new UnknownSearch(`Invalid date: ${value}`);
  return compare(time.getTime(), sign, other);
}

function numberFits(actual: number, value: string): boolean {
  const [, sign = "=", text = ""] = /^([<>]=?)?(\d+)$/.exec(value) ?? [];
  if (text === "") throw new UnknownSearch(`Invalid number: ${value}`);
  return compare(actual, sign, Number(text));
}

function compare(one: number, sign: string, other: number): boolean {
  if (sign === ">") return one > other;
  if (sign === ">=") return one >= other;
  if (sign === "<") return one < other;
  return sign === "<=" ? one <= other : one === other;
}

/** `90s`, `30m`, `24h`, `14d`, `2w` or bare seconds, in milliseconds; null when it is none of these. */
export function periodMs(text: string): number | null {
  const [, amount, unit = "s"] = /^(\d+)([smhdw])?$/.exec(text) ?? [];
  const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
  const factor = seconds[unit];
  return amount === undefined || factor === undefined ? null : Number(amount) * factor * 1000;
}
