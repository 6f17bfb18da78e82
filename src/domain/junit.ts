import type { FailedTest } from "./pipeline.ts";

/** What JUnit's XML says of tests, in the dialects of pytest, Maven, Gradle, Jest and others. */
export type JUnit = {
  readonly total: number;
  readonly failed: number;
  readonly skipped: number;
  /** Failed first and passed when tried again. */
  readonly flaky: number;
  /** At most `MOST_FAILURES`, in the order of the file. */
  readonly failures: readonly FailedTest[];
};

/** How many names of failed tests are kept. */
export const MOST_FAILURES = 5;
/** A report of more tests is none. */
const MOST_CASES = 200_000;
/** Of one tag with all its attributes, in characters. */
const MOST_TAG = 64 * 1024;
/** Of a name or a file, in characters. */
const MOST_TEXT = 200;

const NONE: JUnit = { total: 0, failed: 0, skipped: 0, flaky: 0, failures: [] };

type Case = { readonly name: string; readonly file: string | null; readonly line: number | null };
type Seen = "passed" | "failed" | "skipped" | "flaky";

/**
 * Reads one report; null: it is no JUnit, or is made to harm. Nothing is expanded: a document type, and so an entity of its own, is
 * refused, and of the text between tags nothing is read. Each character is looked at a fixed number of times.
 */
export function readJUnit(text: string): JUnit | null {
  const cases = new Map<string, { readonly at: Case; seen: Seen }>();
  let open: { readonly at: Case; seen: Seen } | null = null;
  let depth = 0;
  let root: string | null = null;
  let count = 0;
  for (const tag of tagsOf(text)) {
    if (tag === "harmful") return null;
    root ??= tag.name;
    if (root !== "testsuites" && root !== "testsuite") return null;
    if (tag.name === "testcase" && !tag.closes) {
      count += 1;
      if (count > MOST_CASES) return null;
      open = { at: caseOf(tag.attributes), seen: "passed" };
      depth = 0;
      if (!tag.empty) continue;
    } else if (open !== null && !tag.closes) {
      if (depth === 0) open.seen = seenBy(tag.name, open.seen);
      depth += tag.empty ? 0 : 1;
      continue;
    } else if (open === null || tag.name !== "testcase") {
      if (tag.closes) depth -= 1;
      continue;
    }
    // Run again in the same report, a test is one: it failed, or it is flaky.
    const key = `${open.at.name}\u0000${open.at.file ?? ""}`;
    const before = cases.get(key);
    if (before === undefined) cases.set(key, open);
    else before.seen = together(before.seen, open.seen);
    open = null;
  }
  return root === null ? null : summed([...cases.values()]);
}

/** Several reports of one run as one. */
export function joined(reports: readonly JUnit[]): JUnit {
  return reports.reduce(
    (sum, report) => ({
      total: sum.total + report.total,
      failed: sum.failed + report.failed,
      skipped: sum.skipped + report.skipped,
      flaky: sum.flaky + report.flaky,
      failures: [...sum.failures, ...report.failures].slice(0, MOST_FAILURES),
    }),
    NONE,
  );
}

function summed(all: readonly { readonly at: Case; readonly seen: Seen }[]): JUnit {
  const of = (seen: Seen) => all.filter((one) => one.seen === seen);
  const failures = of("failed").slice(0, MOST_FAILURES);
  return {
    total: all.length,
    failed: of("failed").length,
    skipped: of("skipped").length,
    flaky: of("flaky").length,
    failures: failures.map(({ at }) => ({ ...at, flaky: false })),
  };
}

function seenBy(child: string, before: Seen): Seen {
  switch (child) {
    case "failure":
    case "error":
      return "failed";
    case "skipped":
      return before === "failed" ? before : "skipped";
    // Surefire's and pytest's words for a test that was tried again.
    case "flakyFailure":
    case "flakyError":
    case "rerun":
      return before === "passed" ? "flaky" : before;
    default:
      return before;
  }
}

function together(one: Seen, other: Seen): Seen {
  if (one === other) return one;
  const both = new Set([one, other]);
  if (both.has("flaky") || (both.has("failed") && both.has("passed"))) return "flaky";
  return both.has("failed") ? "failed" : "passed";
}

function caseOf(attributes: ReadonlyMap<string, string>): Case {
  const name = attributes.get("name") ?? "";
  const group = attributes.get("classname") ?? "";
  const line = Number(attributes.get("line") ?? Number.NaN);
  return {
    name: oneLine(group === "" || name.startsWith(group) ? name : `${group} ${name}`) || "(no name)",
    file: oneLine(attributes.get("file") ?? "") || null,
    line: Number.isInteger(line) && line >= 0 && line < 10_000_000 ? line : null,
  };
}

function oneLine(text: string): string {
  const clean = text
    .slice(0, MOST_TEXT * 4)
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim();
  const characters = Array.from(clean);
  return characters.length <= MOST_TEXT ? clean : `${characters.slice(0, MOST_TEXT - 1).join("")}…`;
}

type Tag = { readonly name: string; readonly closes: boolean; readonly empty: boolean; readonly attributes: ReadonlyMap<string, string> };

/** Tags in order; comments, CDATA and declarations are passed over, a document type is not. */
function* tagsOf(text: string): Generator<Tag | "harmful"> {
  for (let at = text.indexOf("<"); at !== -1; at = text.indexOf("<", at)) {
    const skipped = passedOver(text, at);
    if (skipped === "harmful") return yield "harmful";
    if (skipped !== null) {
      at = skipped;
      continue;
    }
    const end = endOfTag(text, at);
    if (end === null) return yield "harmful";
    const tag = tagOf(text.slice(at + 1, end));
    if (tag === null) return yield "harmful";
    yield tag;
    at = end + 1;
  }
}

const PASSED_OVER = [
  ["<!--", "-->"],
  ["<![CDATA[", "]]>"],
  ["<?", "?>"],
] as const;

/** Where to go on behind what is not a tag; null: it is one. */
function passedOver(text: string, at: number): number | "harmful" | null {
  for (const [begin, end] of PASSED_OVER) {
    if (!text.startsWith(begin, at)) continue;
    const found = text.indexOf(end, at + begin.length);
    return found === -1 ? "harmful" : found + end.length;
  }
  return text.startsWith("<!", at) ? "harmful" : null;
}

/** The place of the `>` that is in no quotes; null: the tag has no end, or is too long to be one. */
function endOfTag(text: string, at: number): number | null {
  let quote: string | null = null;
  for (let place = at + 1; place < Math.min(text.length, at + MOST_TAG); place += 1) {
    const sign = text[place];
    if (quote !== null) {
      if (sign === quote) quote = null;
    } else if (sign === '"' || sign === "'") {
      quote = sign;
    } else if (sign === ">") {
      return place;
    } else if (sign === "<") {
      return null;
    }
  }
  return null;
}

const NAME = /^\/?([A-Za-z_][\w.:-]{0,99})/;
const ATTRIBUTE = /([A-Za-z_][\w.:-]{0,99})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)')/g;

function tagOf(inside: string): Tag | null {
  const name = NAME.exec(inside)?.[1];
  if (name === undefined) return null;
  const attributes = new Map<string, string>();
  if (name === "testcase") {
    for (const [, key = "", double, single] of inside.matchAll(ATTRIBUTE)) attributes.set(key, plain(double ?? single ?? ""));
  }
  return { name, closes: inside.startsWith("/"), empty: inside.endsWith("/"), attributes };
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** The five entities that XML itself has, and numbered signs. */
function plain(text: string): string {
  return text.replaceAll(
    /&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g,
    (whole: string, word?: string, decimal?: string, hex?: string) => {
      if (word !== undefined) return ENTITIES[word] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
      return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
    },
  );
}
