/** Shorter pieces would redact words that are no secrets. */
const SHORTEST = 8;
/** Lines of a private key that hold key, not its frame or a last short remainder. */
const SHORTEST_KEY_LINE = 20;

/**
 * Each secret as a program may print it: plain, base64 at any alignment, hex, percent-encoded, as JSON and as shells write it; a key
 * line by line. Longest first.
 */
export function secretForms(secrets: readonly string[]): readonly string[] {
  const pieces = secrets.flatMap((secret) => (secret.includes("\n") ? keyLines(secret) : [secret]));
  const forms = pieces.flatMap((piece) => [
    piece,
    ...percentEncoded(piece),
    ...asJson(piece),
    ...asShell(piece),
    ...[0, 1, 2].flatMap((before) => base64(piece, before)),
    Buffer.from(piece).toString("hex"),
    Buffer.from(piece).toString("hex").toUpperCase(),
  ]);
  return [...new Set(forms)].filter((form) => form.length >= SHORTEST).toSorted((a, b) => b.length - a.length);
}

function keyLines(key: string): readonly string[] {
  return key
    .split(/\r?\n/u)
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST_KEY_LINE && !line.startsWith("-----"));
}

/** RFC 3986 leaves fewer signs bare than JavaScript does; forms write a blank as `+`; some write the digits small. */
function percentEncoded(secret: string): readonly string[] {
  const plain = encodeURIComponent(secret.toWellFormed());
  const strict = plain.replace(/[!'()*]/gu, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const all = [plain, strict, strict.replaceAll("%20", "+"), strict.replaceAll("%2F", "/")];
  return [...all, ...all.map((form) => form.replace(/%[0-9A-F]{2}/gu, (code) => code.toLowerCase()))];
}

/** Plain, with every character beyond ASCII escaped, and with slashes escaped: the defaults of three languages. */
function asJson(secret: string): readonly string[] {
  const plain = JSON.stringify(secret).slice(1, -1);
  const ascii = plain.replace(/[^\x20-\x7e]/gu, (sign) =>
    Array.from({ length: sign.length }, (_, at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, "0")}`).join(""),
  );
  return [plain, ascii, plain.replaceAll("/", "\\/"), ascii.replaceAll("/", "\\/"), JSON.stringify(plain).slice(1, -1)];
}

/** In single quotes (two ways to write one inside), in double quotes, and with a backslash before every sign. */
function asShell(secret: string): readonly string[] {
  return [
    secret.replaceAll("'", `'\\''`),
    secret.replaceAll("'", `'"'"'`),
    secret.replace(/["$`\\]/gu, "\\$&"),
    secret.replace(/["$`\\!]/gu, "\\$&"),
    secret.replace(/[^\w@%+=:,./-]/gu, "\\$&"),
    secret.replace(/[^\w./-]/gu, "\\$&"),
    secret.replace(/['\\]/gu, "\\$&"),
  ];
}

/** What is the same whatever stands before and behind the secret: characters that share bits with neighbours are left out. */
function base64(secret: string, before: number): readonly string[] {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
  const from = Math.ceil((before * 8) / 6);
  const to = Math.floor((bytes.length * 8) / 6);
  return [bytes.toString("base64").slice(from, to), bytes.toString("base64url").slice(from, to)];
}
