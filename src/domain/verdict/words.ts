import { errorRate, rateBefore } from "../figures.ts";
import type { ErrorsSeen, NewIssue, Verdict } from "../measurement.ts";
import { minutesOf } from "./samples.ts";

/** Longest piece of foreign text in a sentence; Slack cards have little room. */
const MAX_TITLE = 120;

/** "76 errors a minute, before 0.3". */
export function compared(rate: number, seen: ErrorsSeen): string {
  const minutes = minutesOf(seen.before);
  if (minutes <= 0) return `${errorRate(rate)}, with nothing to compare`;
  const before = rateBefore(seen.before.events / minutes);
  return `${errorRate(rate)}, before ${before}${rate === 0 && before !== "none" ? " a minute" : ""}`;
}

const KINDS = {
  new: "new unhandled error",
  regressed: "an error that was resolved is back",
  escalating: "an error that Sentry sees escalating",
} as const;

/** "new unhandled error: KeyError in shop.cart, 3 times, 2 people hit". */
export function newErrorWords(issue: NewIssue): string {
  const place = issue.place === null ? "" : ` in ${oneLine(issue.place)}`;
  return `${KINDS[issue.again?.how ?? "new"]}: ${oneLine(issue.title)}${place}, ${howOften(issue)}${changedFileWords(issue)}`;
}

/** The same without a word of the issue's own: "new unhandled error, 3 times, 2 people hit". */
export function untitledErrorWords(issue: NewIssue): string {
  return `${KINDS[issue.again?.how ?? "new"]}, ${howOften(issue)}${changedFileWords(issue)}`;
}

/** ", in a file that this deployment changes"; of any other file nothing is said. */
export function changedFileWords({ changedFiles }: NewIssue): string {
  return changedFiles !== undefined ? ", in a file that this deployment changes" : "";
}

function howOften({ events, users }: NewIssue): string {
  return `${times(events)}${users === 0 ? "" : `, ${users} ${users === 1 ? "person" : "people"} hit`}`;
}

/** What was found, without what is missing to act upon it, which is said elsewhere. */
export function foundWords({ why, lacks }: Pick<Verdict, "why" | "lacks">): string {
  return lacks === undefined ? why : why.replace(`; ${lacksWords(lacks)}`, "");
}

/** The end of a verdict's `why`. */
export function lacksWords(lacks: string): string {
  return `not enough to act upon: ${lacks}`;
}

/** "9 min", "40 s"; rounded down, at least one second. */
export function duration(ms: number): string {
  const seconds = Math.max(1, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The sentence with a capital first letter. */
export function capitalised(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** Foreign text on one line, without control characters, cut to a readable length. */
export function oneLine(text: string): string {
  const flat = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  const letters = [...flat];
  return letters.length > MAX_TITLE ? `${letters.slice(0, MAX_TITLE - 1).join("")}…` : flat;
}

function times(events: number): string {
  return events === 1 ? "once" : `${events} times`;
}
