/** Foreign text in Slack: cut first, then made visible, then escaped, so that no entity is ever cut in half. */

/**
 * Controls, bidi marks, zero-width and tag characters, line separators and lone surrogates: what makes text look like other
 * text than it is. Tab and line feed are left to the callers.
 */
const DECEPTIVE =
  /\p{Cc}|\p{Cf}|\p{Cs}|\p{Zl}|\p{Zp}|\u034f|\u115f|\u1160|\u17b4|\u17b5|\u2800|\u3164|\uffa0|[\ufe00-\ufe0e]|[\u{e0100}-\u{e01ef}]/u;

/** Cuts by code points, with an ellipsis inside the limit. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const kept: string[] = [];
  let length = 0;
  for (const point of text) {
    if (length + point.length > limit - 1) break;
    kept.push(point);
    length += point.length;
  }
  return `${kept.join("").trimEnd()}…`;
}

/** Hidden characters as their code points, `⟨U+202E⟩`. A zero-width joiner inside an emoji stays. */
export function visible(text: string): string {
  return text.replace(/(?<=\p{Extended_Pictographic}\ufe0f?)\u200d(?=\p{Extended_Pictographic})|[^]/gu, (point) =>
    point === "\u200d" ? point : shown(point),
  );
}

function shown(point: string): string {
  if (point === "\n" || !DECEPTIVE.test(point)) return point;
  if (point === "\t") return " ";
  const code = point.codePointAt(0) ?? 0;
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

/** One line of foreign text for plain_text and rich_text, which Slack does not parse. */
export function plain(text: string, limit: number): string {
  const line = visible(cut(text.replace(/\s+/gu, " ").trim(), limit));
  return cut(line, limit * 2);
}

/** One line of foreign text for mrkdwn and for a message's `text`. */
export function foreign(text: string, limit: number): string {
  return escaped(plain(text, limit));
}

/** One line of foreign text between backticks, where nothing else is parsed. */
export function inCode(text: string, limit: number): string {
  return `\`${entities(plain(text, limit)).replaceAll("`", "'")}\``;
}

/** Text that has foreign words in it: it can neither mean anything to Slack nor break the bold that stands around it. */
export function escaped(text: string): string {
  return entities(unstyled(text));
}

/** mrkdwn has no way to write these as they are: signs that look alike. Whole pairs of backticks stay code; they are in our sentences too. */
export function unstyled(text: string): string {
  return text
    .replaceAll("*", "\u2217")
    .replaceAll("~", "\u223c")
    .replace(/(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}_])/gu, (run) => "\u02cd".repeat(run.length))
    .replace(/(`[^`\n]+`)|`/gu, (_, whole: string | undefined) => whole ?? "'");
}

/** The three characters that Slack parses everywhere (docs.slack.dev, formatting message text): all that our own words need. */
export function entities(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** An http or https address that cannot end a mrkdwn link early; null: do not link. */
export function safeUrl(address: string | null): string | null {
  if (address === null || address.length > 2900) return null;
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol !== "https:" && url.protocol !== "http:") return null;
  if (url.username !== "" || url.password !== "") return null;
  const href = url.href.replaceAll("|", "%7C").replaceAll(">", "%3E").replaceAll("<", "%3C");
  return href.length > 2900 ? null : href;
}

/** `<url|words>` in mrkdwn, or the words alone when the address may not be linked. `words` are escaped already. */
export function link(address: string | null, words: string): string {
  const url = safeUrl(address);
  return url === null ? words : `<${url.replaceAll("&", "&amp;")}|${words.replaceAll("|", "¦")}>`;
}

/** Shortens finished mrkdwn by whole lines, and a single long line outside of entities and links. */
export function clampMrkdwn(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const lines = text.split("\n");
  const kept: string[] = [];
  let length = 0;
  for (const line of lines) {
    if (length + line.length + 1 > limit - 2) break;
    kept.push(line);
    length += line.length + 1;
  }
  if (kept.length > 0) return `${kept.join("\n")}\n…`;
  const start = cut(lines[0] ?? "", limit - 1);
  return start
    .replace(/…$/u, "")
    .replace(/<[^<>]*$/u, "")
    .replace(/&[a-z]{0,4}$/u, "")
    .concat("…");
}
