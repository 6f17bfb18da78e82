/** Longest line of foreign text that is kept, in characters. */
const MOST = 200;

/** The first line of foreign text: no control characters, nothing a database refuses; longer ones are cut at `length` characters. */
export function foreignLine(text: string, length = MOST): string {
  const first = text.split(/[\r\n\u2028\u2029]/, 1)[0] ?? "";
  const clean = first
    .toWellFormed()
    .replaceAll(/\p{Cc}+/gu, " ")
    .trim();
  const characters = Array.from(clean.slice(0, length * 2));
  return characters.length <= length ? clean.slice(0, length * 2) : `${characters.slice(0, length - 1).join("")}…`;
}

/** First line of a commit's message. */
export function foreignTitle(message: string): string {
  return foreignLine(message.slice(0, 10_000).trimStart()) || "(no message)";
}

/** A moment a database can store and a person can mean. */
export function isOfOurTime(at: Date): boolean {
  const year = at.getUTCFullYear();
  return year >= 2000 && year < 2100;
}
