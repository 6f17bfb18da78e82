/** What most lines consist of: nothing is to be taken out of them. */
const PLAIN = /^[\t\n\r\x20-\x7e]*$/u;
const [BELL, BACKSPACE, ESCAPE, DELETE] = ["\\x07", "\\x08", "\\x1b", "\\x7f"];
/**
 * Sequences as terminals take them (ECMA-48, in 7 and 8 bits): strings such as a window's title, then CSI, then the shorter ones. A
 * sequence ends with its line: no log can hide the lines behind it.
 */
const SEQUENCES = new RegExp(
  [
    `(?:${ESCAPE}[\\]PX^_]|[\\x9d\\x90\\x98\\x9e\\x9f])[^${BELL}${ESCAPE}\\x9c\\r\\n]*(?:${BELL}|${ESCAPE}\\\\|\\x9c)`,
    `(?:${ESCAPE}\\[|\\x9b)[0-?]*[ -/]*[@-~]`,
    `${ESCAPE}[ -/]*[0-~]`,
  ].join("|"),
  "gu",
);
/** A letter that was typed over, as man pages do for bold. */
const TYPED_OVER = new RegExp(`[^\\n\\r${BACKSPACE}]${BACKSPACE}`, "gu");
/** Other control characters, and what is invisible or turns the reading order: it hides words, and splits secrets. */
const UNSEEN = new RegExp(`[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f${DELETE}-\\x9f\\p{Default_Ignorable_Code_Point}\\p{Cf}\\u2028\\u2029]`, "gu");

/** A log's text without control sequences and characters that nobody sees. Line feeds and carriage returns stay. */
export function withoutControls(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(SEQUENCES, "").replace(TYPED_OVER, "").replace(UNSEEN, "");
}

/** Log bytes as text for people: no control sequences, progress bars reduced to what was last seen. */
export function logText(bytes: Uint8Array): string {
  return withoutControls(new TextDecoder().decode(bytes))
    .split("\n")
    .map((line) => line.replace(/\r+$/u, ""))
    .map((line) => line.slice(line.lastIndexOf("\r") + 1))
    .join("\n");
}

/** The last `count` lines that say something. */
export function lastLines(text: string, count: number): string {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-count)
    .join("\n");
}
