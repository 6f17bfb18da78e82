import { secretForms } from "./forms.ts";
import { nextCut } from "./lines.ts";
import { needles, type Range } from "./needles.ts";
import { shapes, type Seen } from "./shapes.ts";

const REDACTED = "[redacted]";

/** Takes secrets out of a text: the configured ones in every form they are printed in, and what looks like one. */
export type Redactor = {
  redact(text: string): string;
  /** Where secrets are, each with what told of it, in no order. */
  find(text: string): readonly Seen[];
};

/** One for all: logs of ours, output of steps, words of people. Nothing that it finds may be stored or shown (invariant 9). */
export function createRedactor(secrets: readonly string[]): Redactor {
  const search = needles(secretForms(secrets));
  function find(text: string): readonly Seen[] {
    const known = [...search(text), ...wrapped(text, search)].map((range) => ({ whole: range, secret: range }));
    return [...known, ...shapes(text)];
  }
  return { find, redact: (text) => without(text, find(text)) };
}

/** The text with every range replaced; ranges that touch or overlap become one. */
export function without(text: string, seen: readonly Seen[]): string {
  if (seen.length === 0) return text;
  const ranges = seen.map((one) => one.secret).toSorted((a, b) => a.start - b.start || b.end - a.end);
  let clean = "";
  let at = 0;
  let end = -1;
  for (const range of ranges) {
    if (range.start > end) {
      clean += text.slice(at, range.start) + REDACTED;
      at = range.end;
    }
    end = Math.max(end, range.end);
    at = Math.max(at, end);
  }
  return clean + text.slice(at);
}

/** Known secrets in code that was wrapped over lines. */
function wrapped(text: string, search: (text: string) => readonly Range[]): readonly Range[] {
  const found: Range[] = [];
  for (let start = 0; start < text.length;) {
    const cut = nextCut(text, start);
    const end = cut === -1 ? text.length : cut;
    const piece = text.slice(start, end);
    if (/[\r\n]./su.test(piece))
      found.push(...unwrapped(piece, search).map((range) => ({ start: start + range.start, end: start + range.end })));
    start = end;
  }
  return found;
}

function unwrapped(piece: string, search: (text: string) => readonly Range[]): readonly Range[] {
  const places: number[] = [];
  let joined = "";
  for (const { 0: run, index } of piece.matchAll(/[^\r\n \t]+/gu)) {
    joined += run;
    for (let at = 0; at < run.length; at += 1) places.push(index + at);
  }
  return search(joined).map(({ start, end }) => ({ start: places[start] ?? 0, end: (places[end - 1] ?? 0) + 1 }));
}
