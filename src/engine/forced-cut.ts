import { without, type Redactor } from "../domain/redaction/redact.ts";

/** Nothing that is taken for a secret is longer than this, but for private keys, which have lines. */
const LONGEST = 8 * 1024;
/** Bytes that are looked at: more than `most` characters, unless they are nearly all control sequences. */
const WINDOW = 4 * 32 * 1024;

/** Where a piece that is too long to wait for its end is cut: not in a secret, a character or a control sequence. Null: it may wait. */
export function cutWithin(
  raw: Buffer,
  how: { readonly most: number; readonly find: Redactor["find"]; cleanOf(raw: Buffer): string },
): { readonly text: string; readonly bytes: number } | null {
  const { most, find, cleanOf } = how;
  if (raw.length < most) return null;
  const window = raw.subarray(0, Math.min(raw.length, WINDOW));
  const clean = cleanOf(window).slice(0, most);
  if (clean.length < most && window.length < WINDOW) return null;
  const seen = find(clean);
  let wanted = Math.max(0, clean.length - LONGEST);
  for (;;) {
    const at = bytesFor(window, clean, { wanted, cleanOf });
    const split = seen.find(({ whole }) => whole.start < at.length && whole.end > at.length);
    if (split === undefined && at.bytes > 0) {
      const part = clean.slice(0, at.length);
      return {
        text: without(
          part,
          seen.filter(({ whole }) => whole.end <= at.length),
        ),
        bytes: at.bytes,
      };
    }
    // One secret as long as all that is looked at: it goes as a whole.
    if (split === undefined || split.whole.start === 0)
      return { text: without(clean, seen), bytes: bytesFor(window, clean, { wanted: clean.length, cleanOf }).bytes || window.length };
    wanted = split.whole.start;
  }
}

/** The most bytes whose text is a beginning of the whole one and not longer than wanted. */
function bytesFor(
  window: Buffer,
  clean: string,
  how: { readonly wanted: number; cleanOf(raw: Buffer): string },
): { readonly bytes: number; readonly length: number } {
  let [low, high] = [0, window.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (how.cleanOf(window.subarray(0, middle)).length <= how.wanted) low = middle;
    else high = middle - 1;
  }
  for (let bytes = low; bytes > 0 && low - bytes < LONGEST; bytes -= 1) {
    if (((window[bytes] ?? 0) & 0xc0) === 0x80) continue;
    const text = how.cleanOf(window.subarray(0, bytes));
    if (text.length <= how.wanted && clean.startsWith(text)) return { bytes, length: text.length };
  }
  return { bytes: 0, length: 0 };
}
