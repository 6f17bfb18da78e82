/** Words as people and Slack write them: quotes, mentions, links, politeness. */

const QUOTES = `"'“”‘’«»`;
const AROUND = new RegExp(`^[${QUOTES}\`]+|[${QUOTES}\`,;!?]+$`, "gu");
const QUOTED = new RegExp(`^[${QUOTES}](.+)[${QUOTES}]$`, "u");
const POLITE: ReadonlySet<string> = new Set(["please", "pls", "plz"]);
const ARROWS: ReadonlySet<string> = new Set(["->", "=>", "→", "⇒"]);
/** Refs are checked for real by the code host; this keeps out what cannot be one (git-check-ref-format). */
const REF = /^[\w][\w./+@-]{0,199}$/u;
/** What Slack makes of a person, with `should_escape`. */
const PERSON = /^<@([UW][A-Z0-9]{2,20})(?:\|[^<>]*)?>$/u;

/** The words of a command, without a please before or after them. */
export function wordsOf(text: string): readonly string[] {
  const words = text
    .trim()
    .split(/\s+/u)
    .filter((word) => word !== "")
    .map((word) => (ARROWS.has(word) ? "to" : unlinked(word)));
  while (words.length > 0 && POLITE.has(bare(words.at(-1) ?? "").toLowerCase())) words.pop();
  while (words.length > 0 && POLITE.has(bare(words[0] ?? "").toLowerCase())) words.shift();
  return words;
}

/** Slack links what looks like an address: the word is what was typed. */
function unlinked(word: string): string {
  return /^<https?:\/\/[^<>|]*\|([^<>|]+)>$/u.exec(word)?.[1] ?? word;
}

/** A name without quotes around it and punctuation behind it. */
export function bare(word: string): string {
  return word.replaceAll(AROUND, "") || word;
}

/** A branch, tag or commit, without quotes around it; null: it cannot be one. */
export function refOf(word: string): string | null {
  const inside = QUOTED.exec(word)?.[1] ?? word;
  return REF.test(inside) && !inside.includes("..") ? inside : null;
}

/** The Slack id of a mentioned person; null: nobody is mentioned. */
export function personOf(word: string): string | null {
  return PERSON.exec(word)?.[1] ?? null;
}

/** A person's own words, as they meant them: mentions as names, links as their words, Slack's escapes undone, no quotes around all of it. */
export function reasonOf(words: readonly string[]): string {
  const text = words
    .join(" ")
    .replaceAll(/<[@#][A-Z0-9]+\|([^<>]*)>/gu, (whole, name: string) => `${whole.charAt(1)}${name}`)
    .replaceAll(/<!subteam\^[A-Z0-9]+\|@?([^<>]*)>/gu, "@$1")
    .replaceAll(/<(https?:\/\/[^<>|]*)(?:\|[^<>]*)?>/gu, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .trim();
  return (QUOTED.exec(text)?.[1] ?? text).slice(0, 500);
}
