/** What is kept of a step's output: the first and the last bytes; what lies between is dropped, and said. */
export const HEAD_BYTES = 256 * 1024;
/** See HEAD_BYTES. */
export const TAIL_BYTES = 768 * 1024;
const REDACTED = Buffer.from("[redacted]");

/** A step's output on its way to the database. */
export type StepLog = {
  append(chunk: Uint8Array, offsetAfter: number): void;
  /** What may be stored now. Bytes that could be the beginning of a secret are held back, and the offset with them. */
  stored(): { readonly offset: number; readonly head: Buffer; readonly tail: Buffer };
  /** The output has ended: nothing is held back any more. */
  finish(): void;
};

/** Redacts over chunk borders before anything is stored: no secret reaches the database (invariant 9). */
export function openStepLog(
  from: { readonly offset: number; readonly head: Buffer; readonly tail: Buffer },
  secrets: readonly string[],
): StepLog {
  const needles = secrets.map((secret) => Buffer.from(secret));
  const longest = Math.max(0, ...needles.map((needle) => needle.length));
  let { head, tail } = from;
  let offset = from.offset;
  let carry: Buffer = Buffer.alloc(0);
  const keep = (bytes: Buffer): void => {
    const room = HEAD_BYTES - head.length;
    head = room > 0 ? Buffer.concat([head, bytes.subarray(0, room)]) : head;
    if (bytes.length > room) tail = Buffer.concat([tail, bytes.subarray(Math.max(0, room))]).subarray(-TAIL_BYTES);
  };
  return {
    append(chunk, offsetAfter) {
      const clean = redacted(Buffer.concat([carry, chunk]), needles);
      const held = longest === 0 ? 0 : Math.min(clean.length, longest - 1);
      carry = clean.subarray(clean.length - held);
      keep(clean.subarray(0, clean.length - held));
      offset = offsetAfter - held;
    },
    stored: () => ({ offset, head, tail }),
    finish() {
      keep(carry);
      offset += carry.length;
      carry = Buffer.alloc(0);
    },
  };
}

function redacted(bytes: Buffer, needles: readonly Buffer[]): Buffer {
  let result = bytes;
  for (const needle of needles) {
    for (let at = result.indexOf(needle); at !== -1; at = result.indexOf(needle, at + REDACTED.length)) {
      result = Buffer.concat([result.subarray(0, at), REDACTED, result.subarray(at + needle.length)]);
    }
  }
  return result;
}
