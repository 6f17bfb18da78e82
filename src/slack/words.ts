import type { Change } from "../domain/pipeline.ts";
import { plain } from "./escape.ts";
import { LIMITS } from "./limits.ts";

/** Durations, times, counts and rates as people say them. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Ticks of a running duration closer than this would only spend the rate limit. */
const TICK_MS = 5 * SECOND;

/** "38 s", "1 min 58 s", "2 h 5 min", "3 days". */
export function duration(ms: number): string {
  const whole = Math.max(0, Math.round(ms / SECOND) * SECOND);
  if (whole < MINUTE) return `${whole / SECOND} s`;
  if (whole < 10 * MINUTE) return joined(Math.floor(whole / MINUTE), "min", Math.round((whole % MINUTE) / SECOND), "s");
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`;
  if (whole < 2 * DAY) return joined(Math.floor(whole / HOUR), "h", Math.floor((whole % HOUR) / MINUTE), "min");
  return `${Math.floor(whole / DAY)} days`;
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** A duration that still grows, in steps of 5 s. What has just begun is not said to have taken nothing. */
export function running(since: Date, now: Date): string {
  const ms = Math.max(0, now.getTime() - since.getTime());
  if (ms < TICK_MS) return "under 5 s";
  return duration(Math.floor(ms / TICK_MS) * TICK_MS);
}

/** "1 min 10 s of about 2 min", or what is known of it. */
export function progress(since: Date | null, usualMs: number | null, now: Date): string | null {
  if (since === null) return null;
  const spent = running(since, now);
  return usualMs === null ? spent : `${spent} of about ${about(usualMs)}`;
}

/** "40 s", "2 min": a duration that is an estimate. */
export function about(ms: number): string {
  if (ms < MINUTE) return `${Math.max(5, Math.round(ms / TICK_MS) * 5)} s`;
  if (ms < HOUR) return `${Math.round(ms / MINUTE)} min`;
  return duration(Math.round(ms / MINUTE) * MINUTE);
}

/** Time left, in steps of 5 s; never negative. */
export function left(until: Date, now: Date): string {
  const ms = Math.max(0, until.getTime() - now.getTime());
  return ms >= 10 * MINUTE ? duration(Math.ceil(ms / MINUTE) * MINUTE) : duration(Math.ceil(ms / TICK_MS) * TICK_MS);
}

/** A clock time in each reader's own zone, with the day when it is not near. The fallback says its zone. */
export function clock(at: Date, now: Date, seconds = false): string {
  const near = Math.abs(at.getTime() - now.getTime()) < 12 * HOUR;
  const time = seconds ? "{time_secs}" : "{time}";
  return `<!date^${Math.floor(at.getTime() / SECOND)}^${near ? time : `{date_short_pretty} ${time}`}|${spoken(at, now, "UTC", seconds)}>`;
}

/** A clock time in one named zone, for titles, notifications and screen readers: "14:07 UTC", "Wed 25 Nov 09:14 CET". */
export function spoken(at: Date, now: Date, timezone: string, seconds = false): string {
  const near = Math.abs(at.getTime() - now.getTime()) < 12 * HOUR;
  const format = new Intl.DateTimeFormat("en-GB", {
    ...(near ? {} : { weekday: "short", day: "numeric", month: "short" }),
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
    timeZone: knownZone(timezone),
    timeZoneName: "short",
  });
  return format.format(at).replaceAll(",", "");
}

function knownZone(timezone: string): string {
  try {
    return new Intl.DateTimeFormat("en-GB", { timeZone: timezone }).resolvedOptions().timeZone;
  } catch {
    return "UTC";
  }
}

/** "1 change", "3 changes". */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString("en-GB")} ${number === 1 ? noun : `${noun}s`}`;
}

/** "Ann", "Ann and Bob", "Ann, Bob and 3 more". */
export function list(names: readonly string[], most = 3, last: "and" | "or" = "and"): string {
  const shown = names.length > most ? [...names.slice(0, most - 1), `${names.length - most + 1} more`] : names;
  if (shown.length < 2) return shown.join("");
  return `${shown.slice(0, -1).join(", ")} ${last} ${shown.at(-1) ?? ""}`;
}

/** How often a minute; a moment is not stretched to a rate. */
export function perMinute(events: number, minutes: number): number {
  return events / Math.max(minutes, 0.1);
}

const COMMIT_PREFIX = /^(?:feat|fix|chore|docs?|refactor|perf|tests?|build|ci|style|revert|wip|hotfix)(?:\([^)]*\))?!?:\s*/iu;

/** A change as people say it: no commit prefix, no trailing number, first letter large; of a companion with its repository. */
export function changeTitle({ title, repository }: Pick<Change, "title" | "repository">): string {
  return repository === undefined ? titleWords(title) : plain(`${repository}: ${titleWords(title)}`, LIMITS.changeTitle);
}

export function titleWords(title: string): string {
  const first = title.split("\n", 1)[0] ?? "";
  const words = first
    .replace(COMMIT_PREFIX, "")
    .replace(/\s*\(#\d+\)\s*$/u, "")
    .trim();
  const text = words === "" ? first.trim() : words;
  return plain(text === "" ? "(no title)" : text.charAt(0).toUpperCase() + text.slice(1), LIMITS.changeTitle);
}
