import { withoutControls } from "../domain/log-text.ts";
import { nextCut } from "../domain/redaction/lines.ts";
import type { Redactor } from "../domain/redaction/redact.ts";
import { cutWithin } from "./forced-cut.ts";

/** What is kept of a step's output: the first and the last bytes; what lies between is dropped, and said. */
export const HEAD_BYTES = 256 * 1024;
/** See HEAD_BYTES. */
export const TAIL_BYTES = 768 * 1024;
/** Cuts at a line's end where one is as near as this; in longer lines between two characters. */
const LINE_BYTES = 64 * 1024;
/** Characters of one piece that is read at once: a line, or lines that a secret may go over. Longer ones are cut where no secret is. */
const MOST_OPEN = 32 * 1024;
/** Bytes that are decoded together. */
const BATCH_BYTES = 512 * 1024;
/** Output that waits for the next `stored`, at most. A fast step prints more than is kept: then only what is kept is read. */
const MOST_WAITING = 6 * 1024 * 1024;
/** From so much on what is not kept need not be read. */
const MANY_BYTES = 2 * 1024 * 1024;
/** Read besides what is kept of a fast step's output, so that nothing which is kept began before it. */
const MARGIN_BYTES = 4 * MOST_OPEN;

/** What is stored of a step's output. `offset`: bytes of the host's log that are stored or counted; `dropped`: of these, not kept. */
export type Stored = { readonly offset: number; readonly dropped: number; readonly head: Buffer; readonly tail: Buffer };

/** A step's output on its way to the database. */
export type StepLog = {
  append(chunk: Uint8Array, offsetAfter: number): void;
  /** What may be stored now. What a secret could go on in is held back, and the offset with it. */
  stored(): Stored;
  /** The output has ended: nothing is held back any more. */
  finish(): void;
};

/**
 * Takes control sequences and secrets out before anything is stored (invariant 9). However the output is cut into chunks, and wherever
 * another replica goes on at a stored offset, the text is the same: it is read in pieces whose ends its own lines tell.
 */
export function openStepLog(from: Stored, { find, redact }: Redactor): StepLog {
  const kept = openKept(from);
  let { offset } = from;
  let end = from.offset;
  let waiting: Buffer[] = [];
  let size = 0;

  function read(all: boolean): void {
    let raw = Buffer.concat(waiting);
    raw = raw.subarray(skipped(raw));
    for (;;) {
      const used = settle(raw, all);
      if (used === 0) break;
      raw = raw.subarray(used);
    }
    if (all && raw.length > 0) {
      kept.add(redact(cleanOf(raw)));
      raw = raw.subarray(raw.length);
    }
    waiting = raw.length === 0 ? [] : [raw];
    size = raw.length;
    offset = end - size;
  }

  /** Keeps what nothing can change any more; answers its bytes. */
  function settle(raw: Buffer, all: boolean): number {
    const batch = raw.subarray(0, Math.min(raw.length, BATCH_BYTES));
    const whole = batch.subarray(0, all && batch.length === raw.length ? batch.length : afterLastLine(batch));
    const text = cleanOf(whole);
    let cut = 0;
    for (let next = 0; next !== -1; next = nextCut(text, cut, cut + MOST_OPEN)) cut = next;
    if (cut > 0) {
      kept.add(redact(text.slice(0, cut)));
      return cut === text.length ? whole.length : bytesOf(whole, linesIn(text.slice(0, cut)));
    }
    const forced = cutWithin(raw, { most: MOST_OPEN, find, cleanOf });
    if (forced === null) return 0;
    kept.add(forced.text);
    return forced.bytes;
  }

  /** Of far more than is kept the beginning need not be read. */
  function skipped(raw: Buffer): number {
    if (raw.length < MANY_BYTES || !kept.isFull()) return 0;
    const near = raw.length - TAIL_BYTES - 3 * MARGIN_BYTES;
    const line = raw.indexOf(10, near) + 1;
    const begin = line > 0 && line < near + MARGIN_BYTES ? line : near;
    if (Buffer.byteLength(cleanOf(raw.subarray(begin))) < TAIL_BYTES + 2 * MARGIN_BYTES) return 0;
    kept.drop(begin);
    return begin;
  }

  return {
    append(chunk, offsetAfter) {
      waiting.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      size += chunk.byteLength;
      end = offsetAfter;
      if (size >= MOST_WAITING) read(false);
    },
    stored() {
      read(false);
      return { offset, ...kept.now() };
    },
    finish: () => read(true),
  };
}

/** Head and tail, whole lines where lines are not very long, never half a character. */
function openKept(from: Stored) {
  let { head, tail, dropped } = from;
  let full = tail.length > 0 || dropped > 0;
  function trim(): void {
    if (tail.length <= TAIL_BYTES) return;
    const start = startAfter(tail, tail.length - TAIL_BYTES);
    dropped += start;
    tail = Buffer.from(tail.subarray(start));
  }
  return {
    isFull: () => full,
    drop(bytes: number): void {
      dropped += bytes;
    },
    add(text: string): void {
      const bytes = Buffer.from(text);
      if (full) {
        tail = Buffer.concat([tail, bytes]);
        if (tail.length > 2 * TAIL_BYTES) trim();
        return;
      }
      const both = Buffer.concat([head, bytes]);
      full = both.length > HEAD_BYTES;
      const size = full ? endBefore(both, HEAD_BYTES) : both.length;
      head = both.subarray(0, size);
      tail = both.subarray(size);
    },
    now(): Omit<Stored, "offset"> {
      trim();
      return { head, tail, dropped };
    },
  };
}

function cleanOf(raw: Buffer): string {
  return withoutControls(new TextDecoder("utf-8", { ignoreBOM: true }).decode(raw));
}

function afterLastLine(raw: Buffer): number {
  return Math.max(raw.lastIndexOf(10), raw.lastIndexOf(13)) + 1;
}

function linesIn(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) === 10 || text.charCodeAt(at) === 13) count += 1;
  return count;
}

/** Bytes up to behind the line's end with this number: cleaning neither adds nor takes line ends. */
function bytesOf(raw: Buffer, lines: number): number {
  let at = 0;
  for (let left = lines; left > 0; at += 1) if (raw[at] === 10 || raw[at] === 13) left -= 1;
  return at;
}

function startAfter(text: Buffer, at: number): number {
  const line = text.indexOf(10, at - 1) + 1;
  return line > 0 && line - at < LINE_BYTES ? line : characterAt(text, at);
}

function endBefore(text: Buffer, at: number): number {
  const line = text.lastIndexOf(10, at - 1) + 1;
  return line > 0 && at - line < LINE_BYTES ? line : characterAt(text, at);
}

/** The beginning of the character that the byte belongs to, or of the next. */
function characterAt(text: Buffer, at: number): number {
  let start = at;
  while (start > 0 && ((text[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  return start;
}
