/** Shorter pieces would redact words that are no secrets. */
const SHORTEST = 8;
/** Lines of a private key that hold key, not its frame or a last short remainder. */
const SHORTEST_KEY_LINE = 20;

/** Each secret as a step may print it: plain, base64 at any alignment, percent- and JSON-encoded; a key line by line. Longest first. */
export function secretForms(secrets: readonly string[]): readonly string[] {
  const forms = secrets.flatMap((secret) => (secret.includes("\n") ? keyLines(secret) : encoded(secret)));
  return [...new Set(forms)].filter((form) => form.length >= SHORTEST).toSorted((a, b) => b.length - a.length);
}

function keyLines(key: string): readonly string[] {
  return key
    .split(/\r?\n/u)
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST_KEY_LINE && !line.startsWith("-----"));
}

function encoded(secret: string): readonly string[] {
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    ...[0, 1, 2].flatMap((before) => base64(secret, before)),
  ];
}

/** What is the same whatever stands before and behind the secret: characters that share bits with neighbours are left out. */
function base64(secret: string, before: number): readonly string[] {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
  const from = Math.ceil((before * 8) / 6);
  const to = Math.floor((bytes.length * 8) / 6);
  return [bytes.toString("base64").slice(from, to), bytes.toString("base64url").slice(from, to)];
}
