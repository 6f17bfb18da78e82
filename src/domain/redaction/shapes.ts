import type { Range } from "./needles.ts";
import { KEY_BEGIN, KEY_BEGINS, KEY_END, nextCut } from "./lines.ts";

/** Something that looks like a secret: the whole of it, with what told us, and the part that must not be seen. */
export type Seen = { readonly whole: Range; readonly secret: Range };

/** A line without any of these holds no token: most lines are looked at once and no more. */
const TOKEN_HINT =
  /-----BEGIN |AKIA|ASIA|ABIA|ACCA|gh[pousr]_|github_pat_|gl[a-z]{2,5}-|xox|xapp-|[srp]k_(?:live|test)_|whsec_|eyJ|AIza|npm_|pypi-|SG\.|sntry[su]_|dop_v1_|sk-|hooks\.slack\.com/gu;
/** And without any of these nobody says that something is a secret. */
const SAID_HINT =
  /(?:pass|pwd|secret|token|key|credential)[a-z_-]{0,24}\\?["']?\s{0,3}[:=,]|--?[a-z-]{0,60}(?:pass|pwd|secret|token|key|credential)[a-z-]{0,24}\s|authorization|cookie|:\/\//giu;

/** Tokens that say by their beginning whose they are. Sources: the providers' pages on token formats. */
const TOKENS = [
  /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])/gu,
  /(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{20,255}/gu,
  /(?<![A-Za-z0-9])github_pat_[A-Za-z0-9_]{20,255}/gu,
  /(?<![A-Za-z0-9])gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct|wt)-[\w.-]{16,255}/gu,
  /(?<![A-Za-z0-9])xox[a-z](?:\.xox[a-z])?-[\w.-]{8,255}/gu,
  /(?<![A-Za-z0-9])xapp-[\w-]{8,255}/gu,
  /hooks\.slack\.com\/(?<secret>(?:services|workflows|triggers)\/[\w/+-]{8,255})/dgu,
  /(?<![A-Za-z0-9])[srp]k_(?:live|test)_[A-Za-z0-9]{10,255}/gu,
  /(?<![A-Za-z0-9])whsec_[A-Za-z0-9+/=]{16,255}/gu,
  /(?<![A-Za-z0-9_-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){0,3}/gu,
  /(?<![A-Za-z0-9])AIza[\w-]{35}/gu,
  /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}/gu,
  /(?<![A-Za-z0-9])pypi-[\w-]{32,}/gu,
  /(?<![A-Za-z0-9])SG\.[\w-]{16,}\.[\w-]{16,}/gu,
  /(?<![A-Za-z0-9])sntry[su]_[\w+/=.-]{20,}/gu,
  /(?<![A-Za-z0-9])dop_v1_[a-f0-9]{64}/gu,
  /(?<![A-Za-z0-9])sk-(?:[a-z]{1,20}-){0,3}[\w-]{20,255}/gu,
] as const;

const NAME = String.raw`(?:(?<![a-z])pass|pass(?:word|wd|phrase)|pwd(?!\s{0,3}=\s{0,3}/)|secret(?:[_-]?access)?(?:[_-]?key(?:[_-]?base)?)?|token|api[_-]?key|access[_-]?key|credentials?)`;
/** To the quote that closes it, which is escaped where the opening one is; without quotes to a blank or a sign that ends a word. */
const IN_DOUBLE = String.raw`"(?<double>(?:[^"\\\n]|\\.)+)|\\"(?<doubleInJson>(?:[^"\\\n]|\\[^"\n])+)`;
const IN_SINGLE = String.raw`'(?<single>(?:[^'\\\n]|\\.)+)|\\'(?<singleEscaped>(?:[^'\\\n]|\\[^'\n])+)`;
const QUOTED = `(?:${IN_DOUBLE}|${IN_SINGLE})`;
const VALUE = String.raw`(?:${IN_DOUBLE}|${IN_SINGLE}|(?<bare>(?:[^\s"'\\&;,<>(){}[\]]|\\[^"'\s])+))`;

/** What somebody says to be a secret. */
const SAID = [
  new RegExp(String.raw`${NAME}\s{0,3}(?:=>|:=|==?)\s{0,3}${VALUE}`, "dgiu"),
  new RegExp(String.raw`${NAME}\\?["']\s{0,3}(?::|=>|=|,)\s{0,3}${QUOTED}`, "dgiu"),
  // As YAML and prompts have it: the name is the line's last word before the colon.
  new RegExp(String.raw`(?:^|[\s_-])(?:pass(?:word|wd|phrase)|secret(?:[_-]?key)?|(?<=_)token|api[_-]?key)\s?:\s{1,3}${VALUE}`, "dgimu"),
  new RegExp(String.raw`--?(?:[a-z]{1,20}-){0,4}${NAME}\s+(?!-)${VALUE}`, "dgiu"),
  new RegExp(String.raw`authorization\\?["']?\s{0,3}[:=]\s{0,3}\\?["']?(?:(?:basic|bearer|token)\s+)?(?<bare>[^\s"'\\,]{6,})`, "dgiu"),
  /(?:set-)?cookie\s?:\s{0,3}(?<bare>[^\s"'\\][^"'\\\n]*)/dgiu,
  /[a-z][a-z0-9+.-]{1,30}:\/\/[^\s/:@"'<>]*:(?<bare>[^\s/"'<>]+)@/dgiu,
  // A user name alone, as code hosts take a token: not for ssh, where it is a name.
  /https?:\/\/(?<bare>[^\s/:@"'<>]{8,})(?::x-oauth-basic)?@/dgiu,
] as const;

/** What looks like a secret, line by line: no shape but a private key's goes over a line's end. */
export function shapes(text: string): readonly Seen[] {
  return [...inLines(text, TOKEN_HINT, TOKENS), ...inLines(text, SAID_HINT, SAID)];
}

function inLines(text: string, hint: RegExp, all: readonly RegExp[]): readonly Seen[] {
  const seen: Seen[] = [];
  hint.lastIndex = 0;
  for (let hit = hint.exec(text); hit !== null; hit = hint.exec(text)) {
    const { start, end } = lineAround(text, hit.index);
    const line = text.slice(start, end);
    for (const shape of all) for (const match of line.matchAll(shape)) seen.push(placed(match, start));
    const key = hit[0] === KEY_BEGINS ? keyIn(text, start, end) : null;
    if (key !== null) seen.push({ whole: key, secret: key });
    hint.lastIndex = Math.max(end, hint.lastIndex);
  }
  return seen;
}

function lineAround(text: string, at: number): Range {
  let start = at;
  while (start > 0 && !isLineEnd(text.charCodeAt(start - 1))) start -= 1;
  let end = at;
  while (end < text.length && !isLineEnd(text.charCodeAt(end))) end += 1;
  return { start, end };
}

function isLineEnd(code: number): boolean {
  return code === 10 || code === 13;
}

function placed(match: RegExpExecArray, offset: number): Seen {
  const start = offset + match.index;
  const whole = { start, end: start + match[0].length };
  const part = Object.values(match.indices?.groups ?? {}).find((group) => group !== undefined);
  if (part === undefined) return { whole, secret: whole };
  return { whole, secret: { start: offset + part[0], end: offset + part[1] } };
}

/** On many lines, or on one with its line ends escaped; without its end as far as it came. */
function keyIn(text: string, start: number, lineEnd: number): Range | null {
  const begin = KEY_BEGIN.exec(text.slice(start, lineEnd));
  if (begin === null) return null;
  const from = start + begin.index;
  const cut = nextCut(text, start);
  const block = text.slice(from, cut === -1 ? text.length : cut);
  const ended = KEY_END.exec(block);
  if (ended !== null) return { start: from, end: from + ended.index + ended[0].length };
  const code = /^-----BEGIN [A-Z0-9 ]*-----(?:[A-Za-z0-9+/=]|\\[nr]|[ \t])*(?:\r?\n[A-Za-z0-9+/=]*(?=\r?\n))*/u.exec(block)?.[0] ?? "";
  return { start: from, end: from + code.length };
}
