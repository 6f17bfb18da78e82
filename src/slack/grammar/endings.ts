import { untilTime } from "../../domain/until.ts";
import { isSlipOf } from "./near.ts";
import { fault, type Fault, type Reader } from "./types.ts";

/** `for 2h` and `until fri` at the end of a command. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^(?:m|mins?|minutes?)$/u, MINUTE],
  [/^(?:h|hrs?|hours?)$/u, HOUR],
  [/^(?:d|days?)$/u, DAY],
  [/^(?:w|weeks?)$/u, 7 * DAY],
];
const UNTIL: ReadonlySet<string> = new Set(["until", "till", "til"]);

/** What is before the ending, and how long it is from now; null: nothing is said of time. */
export type Ending = { readonly kind: "ending"; readonly before: readonly string[]; readonly forMs: number | null };

/**
 * The ending of these words. Words in the middle may be anybody's reason: only what stands at the end is a time, and what looks like a
 * mistyped one is a fault, so that nothing is held for a time that nobody meant. `again` completes a corrected end to a whole command.
 */
export function endingOf(words: readonly string[], reader: Reader, again: (words: readonly string[]) => readonly string[]): Ending | Fault {
  return untilEnding(words, reader, again) ?? forEnding(words, again) ?? { kind: "ending", before: words, forMs: null };
}

function untilEnding(
  words: readonly string[],
  reader: Reader,
  again: (words: readonly string[]) => readonly string[],
): Ending | Fault | null {
  const at = words.findLastIndex((word, index) => index >= words.length - 3 && isNearly(word, UNTIL, "until"));
  if (at === -1) return null;
  const before = words.slice(0, at);
  const time = words.slice(at + 1).join(" ");
  const until = untilTime(time, reader.now, reader.timezone);
  if (UNTIL.has((words[at] ?? "").toLowerCase())) {
    if (until !== null) return { kind: "ending", before, forMs: until.getTime() - reader.now.getTime() };
    // "until Bob is back" is a reason, "until fryday" is not.
    if (words.length - at > 2) return null;
    return fault(`“until ${time}” is no time ahead; write until fri, until 18:00 or for 2h.`, again([...before, "for", "2h"]));
  }
  return until === null ? null : fault(`“${words[at] ?? ""} ${time}” is not clear.`, again([...before, "until", ...words.slice(at + 1)]));
}

function forEnding(words: readonly string[], again: (words: readonly string[]) => readonly string[]): Ending | Fault | null {
  const [third, second, last] = [words.at(-3)?.toLowerCase(), words.at(-2)?.toLowerCase(), words.at(-1)?.toLowerCase() ?? ""];
  // "for 2 hours"
  const spoken = second !== undefined && /^\d{1,4}$/u.test(second) ? durationOf(`${second}${last}`) : null;
  const size = spoken === null ? 1 : 2;
  const lead = size === 2 ? third : second;
  const ms = spoken ?? durationOf(last);
  const before = words.slice(0, words.length - size);
  const led = lead === "for" || (lead !== undefined && isSlipOf(lead, "for"));
  if (ms === null) {
    const looksLikeOne = /^\d|^[mhdw]\d/u.test(last) && second === "for";
    return looksLikeOne ? fault(`“${words.at(-1) ?? ""}” is no duration; write 30m, 2h, 3d or 1w.`, again([...before, "2h"])) : null;
  }
  if (led && lead !== "for")
    return fault(`“${lead} ${last}” is not clear.`, again([...words.slice(0, -size - 1), "for", ...words.slice(-size)]));
  return { kind: "ending", before: led ? before.slice(0, -1) : before, forMs: ms };
}

/** `30m`, `2h`, `3d`, `1w`, `1h30m`, `90min`; null: no duration. */
function durationOf(word: string): number | null {
  if (!/^(?:\d{1,4}[a-z]{1,7}){1,2}$/u.test(word)) return null;
  const parts = [...word.matchAll(/(\d+)([a-z]+)/gu)].map(([, number, unit]) => {
    const known = UNITS.find(([pattern]) => pattern.test(unit ?? ""));
    return known === undefined ? Number.NaN : Number(number) * known[1];
  });
  const ms = parts.reduce((sum, part) => sum + part, 0);
  return Number.isNaN(ms) ? null : ms;
}

function isNearly(word: string, known: ReadonlySet<string>, wanted: string): boolean {
  const lower = word.toLowerCase();
  return known.has(lower) || isSlipOf(lower, wanted);
}

/** "2h", "3d": a duration as it is typed. */
export function typedDuration(ms: number): string {
  if (ms % DAY === 0) return `${ms / DAY}d`;
  return ms % HOUR === 0 ? `${ms / HOUR}h` : `${Math.max(1, Math.round(ms / MINUTE))}m`;
}
