import { readdirSync } from "node:fs";
import { dice, pick, type Roll } from "./dice.ts";

/**
 * Words made to be taken for something else by a shell, by git or by a program that reads options. Wherever one of them is read by
 * a shell as code, a file whose name begins with `PWNED` appears in the working directory.
 */

/** What a word that got through leaves behind. */
const TOUCH = "touch PWNED";

const WHOLE: readonly string[] = [
  "",
  " ",
  "-",
  "--",
  "-rf",
  "--upload-pack=touch PWNED",
  "--exec=touch PWNED",
  "-oProxyCommand=touch PWNED",
  "--output=PWNED",
  "$(touch PWNED)",
  "`touch PWNED`",
  "${x:=$(touch PWNED)}",
  "$((`touch PWNED`))",
  "; touch PWNED",
  "\ntouch PWNED\n",
  "\r\ntouch PWNED",
  "&& touch PWNED",
  "|| touch PWNED",
  "| touch PWNED",
  "& touch PWNED &",
  "> PWNED",
  "1<>PWNED",
  "'; touch PWNED; '",
  `"; touch PWNED; "`,
  "'$(touch PWNED)'",
  `'"'"'$(touch PWNED)`,
  "\\'; touch PWNED #",
  "\\",
  "\\\\",
  "'",
  "''",
  '"',
  "~",
  "~/PWNED",
  "~root",
  "*",
  "?",
  "[a-z]*",
  "{a,b}",
  "!!",
  "!$",
  "#",
  "# comment",
  "a=b",
  "PATH=.",
  "IFS=x",
  "$IFS",
  "$0",
  "$@",
  "$*",
  "%s%n",
  "%b\\0101",
  "..",
  "../../PWNED",
  "/",
  "//",
  "EOF\ntouch PWNED\nEOF",
  "refs/heads/main",
  "main^0",
  "HEAD",
  "@",
  "@{-1}",
  ":/fix",
  "a..b",
  "0".repeat(40),
  "deadbeef",
  "\t",
  "\v\f",
  "\u001b[31mred\u001b]0;title\u0007",
  "\u202egnp.exe",
  "\u200b",
  "\u2028\u2029",
  "ü€😀",
  "\ufeff",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "x\udc00y",
  "<!channel>",
  "&lt;",
  "a".repeat(10_000),
  "'".repeat(10_000),
  "$(touch PWNED)".repeat(700),
  "\n".repeat(10_000),
];

const PARTS: readonly string[] = [
  ...Array.from("'\"`$(){}[]<>|&;!*?~#\\\n\t -=:%@^.,/"),
  "$(",
  "${",
  "$((",
  "`",
  "<<EOF\n",
  "a",
  "b1",
  TOUCH,
  "-",
  "--",
  "\\'",
  "''",
  "é",
  "😀",
];

/** One word: a known trick, or parts thrown together. It may hold a NUL or a lone surrogate, which no shell can be given. */
export function attackWord(roll: Roll): string {
  if (roll(2) === 0) return pick(WHOLE, roll);
  return Array.from({ length: 1 + roll(12) }, () => pick(PARTS, roll)).join("");
}

/** Every known trick, then as many thrown together as asked for. */
export function attackWords(seed: number, more: number): readonly string[] {
  const roll = dice(seed);
  return [...WHOLE, ...Array.from({ length: more }, () => attackWord(roll))];
}

/** Can be handed to a program at all: no NUL, and text that has bytes. */
export function fitsArgv(word: string): boolean {
  return !word.includes("\0") && word.isWellFormed();
}

/** Files that words left behind in a folder, or below it. */
export function traces(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.startsWith("PWNED"))
    .map((entry) => entry.name);
}
