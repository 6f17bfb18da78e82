import { clock, spoken } from "./words.ts";

/** An instant as sentences of the rules write it: ISO 8601 in UTC. */
const INSTANT = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z/gu;

/** Instants in a sentence as Slack's own dates: each reader sees their own time. For mrkdwn that is escaped already. */
export function dated(text: string, now: Date): string {
  return replaced(text, (at) => clock(at, now));
}

/** The same where Slack shows no dates: titles, notifications and what a screen reader says. IANA name. */
export function spokenDates(text: string, now: Date, timezone: string): string {
  return replaced(text, (at) => spoken(at, now, timezone));
}

function replaced(text: string, words: (at: Date) => string): string {
  return text.replace(INSTANT, (written) => {
    const at = new Date(written);
    return Number.isNaN(at.getTime()) ? written : words(at);
  });
}
