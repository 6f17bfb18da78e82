const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const FACTS = String.raw`(-|[0-9a-f]{40}) (-|\d{1,15}) (-|\d{1,15}) (\d{1,15}) (yes|no) (-|[A-Za-z0-9@:/._~+%-]{1,512})`;

/** The one form of each control line; whatever does not fit is noise of the host. */
const FORMS = new Map<string, RegExp>([
  ["acquired", new RegExp(`^${FACTS}$`)],
  ["facts", new RegExp(`^${FACTS}$`)],
  ["busy", new RegExp(String.raw`^(-|${UUID}) (-|\d{1,12})(?: (yes|no))?$`)],
  ["foreign", new RegExp(String.raw`^(\d{1,15}) (${UUID})$`)],
  ["stale", /^(\d{1,16})$/],
  ["refused", /^([a-z_]{1,40})$/],
  ["denied", /^(\d{1,3})$/],
  ["not_acquired", new RegExp(`^(-|${UUID})$`)],
  ["st", /^(new|attach|done|lost|orphan) (-?\d{1,12}) (-?\d{1,12})(?: (unguarded))?$/],
  ["rc", /^(done|lost|orphan) (lost|\d{3}) (\d{1,15}) (-|total|silent|output|cancel)$/],
  ...["closed", "mismatch", "ended", "nothing_running", "released", "guarded", "unguarded"].map((kind): [string, RegExp] => [kind, /^$/]),
]);

/** Longer than any of our lines; a longer one is skipped without being kept. */
const MAX_LINE = 2048;

export type ControlLine = { readonly kind: string; readonly words: readonly string[] };

/** Parses one line of stderr; null for everything but a control line with this nonce in its exact form. */
export function parseControlLine(nonce: string, line: string): ControlLine | null {
  const prefix = `greenlight ${nonce} `;
  if (!line.startsWith(prefix)) return null;
  const rest = line.slice(prefix.length);
  const space = rest.indexOf(" ");
  const kind = space === -1 ? rest : rest.slice(0, space);
  const match = FORMS.get(kind)?.exec(space === -1 ? "" : rest.slice(space + 1));
  if (!match) return null;
  return { kind, words: match.slice(1) };
}

/** Cuts a stream of bytes into control lines; keeps at most one line in memory, whatever the host prints. */
export function createControlReader(nonce: string, onLine: (line: ControlLine) => void): (chunk: Uint8Array) => void {
  let partial = "";
  let skipping = false;
  return (chunk) => {
    const pieces = Buffer.from(chunk).toString("latin1").split("\n");
    for (const [index, piece] of pieces.entries()) {
      partial = skipping ? "" : partial + piece;
      skipping ||= partial.length > MAX_LINE;
      if (index === pieces.length - 1) return;
      const line = skipping ? null : parseControlLine(nonce, partial);
      partial = "";
      skipping = false;
      if (line !== null) onLine(line);
    }
  };
}

/** Drops everything up to and including the begin line, then passes bytes on; what start-up files print is never log. */
export function createBeginFilter(nonce: string): (chunk: Uint8Array) => Uint8Array | null {
  const marker = Buffer.from(`\ngreenlight ${nonce} begin\n`, "latin1");
  let kept = Buffer.alloc(0);
  let begun = false;
  return (chunk) => {
    if (begun) return chunk;
    const seen = Buffer.concat([kept, chunk]);
    const at = seen.indexOf(marker);
    if (at === -1) {
      kept = seen.subarray(Math.max(0, seen.length - marker.length + 1));
      return null;
    }
    begun = true;
    kept = Buffer.alloc(0);
    return seen.subarray(at + marker.length);
  };
}
