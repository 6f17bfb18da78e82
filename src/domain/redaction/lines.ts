/** Programs wrap code at 60 (xxd), 64 (PEM, openssl) or 76 characters (base64): a line that ends with so much of it may go on. */
const WRAPPED = 60;
/** How the frame of a key, or of anything else in PEM, begins. */
export const KEY_BEGINS = "-----BEGIN ";
/** The frame of a private key, as PEM, OpenSSH and PGP write it. */
export const KEY_BEGIN = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/u;
/** See KEY_BEGIN. */
export const KEY_END = /-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/u;
/** What stands between the frame's lines: code, headers (RFC 1421), nothing. */
const KEY_LINE = /^\s*(?:[A-Za-z0-9+/=]+|[A-Za-z-]+: .*)?\s*$/u;

/** What a line leaves open behind it. */
type Open = "nothing" | "code" | "key";

/**
 * Where the text may be cut without cutting a secret: behind the first line from `from` on after which none can go on, be it wrapped
 * code or a private key. -1: there is no such line yet, or none that ends before `to`.
 */
export function nextCut(text: string, from: number, to: number = text.length): number {
  let open: Open = "nothing";
  let start = from;
  let begins = false;
  for (let at = from; at < Math.min(to, text.length); at += 1) {
    const code = text.charCodeAt(at);
    if (code === 45 && !begins) begins = text.startsWith(KEY_BEGINS, at);
    if (code !== 10 && code !== 13) continue;
    // An empty line closes nothing: it may be the second half of a line's end.
    if (at > start) open = after(open, text.slice(start, at), begins);
    if (open === "nothing") return at + 1;
    start = at + 1;
    begins = false;
  }
  return -1;
}

function after(open: Open, line: string, begins: boolean): Open {
  if (open === "key" && !KEY_END.test(line) && KEY_LINE.test(line)) return "key";
  if (begins && KEY_BEGIN.test(line) && !KEY_END.test(line)) return "key";
  return isWrapped(line) ? "code" : "nothing";
}

function isWrapped(line: string): boolean {
  if (line.length < WRAPPED) return false;
  for (let at = line.length - 1; at >= line.length - WRAPPED; at -= 1) if (!isCode(line.charCodeAt(at))) return false;
  return true;
}

/** Of base64, base64url and hex. */
function isCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 43 ||
    code === 47 ||
    code === 61 ||
    code === 45 ||
    code === 95
  );
}
