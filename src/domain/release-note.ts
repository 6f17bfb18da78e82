/** A description says more than anybody reads here; the line stands near its beginning. */
const READ = 20_000;
const MOST = 200;

/**
 * The line `Release-note: words` of a merged request's description: what people read instead of its title. Null: there is none, or it
 * says `none`.
 */
export function releaseNote(description: string | null): string | null {
  const found = /^[ \t]*release[- ]notes?:[ \t]*(\S[^\r\n]*)$/imu.exec((description ?? "").slice(0, READ));
  const words = (found?.[1] ?? "")
    .replace(/[\p{Cc}\p{Cf}]/gu, " ")
    .trim()
    .slice(0, MOST);
  return words === "" || /^(none|n\/a|no|-)$/iu.test(words) ? null : words;
}
