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
/** Of a name or a file, in characters. */
const MOST_TEXT = 200;

const NONE: JUnit = { total: 0, failed: 0, skipped: 0, flaky: 0, failures: [] };

/** One `testcase` as it is written. `line`: as text. `marks`: the names of what it holds, in order. */
export type WrittenTest = {
  readonly name: string;
  readonly group: string;
  readonly file: string;
  readonly line: string;
  readonly marks: readonly string[];
};

type Case = { readonly name: string; readonly file: string | null; readonly line: number | null };
type Seen = "passed" | "failed" | "skipped" | "flaky";

/** What a report says, by its tests; null: it has more of them than any report has. */
export function reportOf(tests: Iterable<WrittenTest>): JUnit | null {
  const cases = new Map<string, { readonly at: Case; seen: Seen }>();
  let count = 0;
  for (const test of tests) {
    count += 1;
    if (count > MOST_CASES) return null;
    const one = { at: caseOf(test), seen: test.marks.reduce<Seen>((seen, mark) => seenBy(mark, seen), "passed") };
    // Run again in the same report, a test is one: it failed, or it is flaky.
    const key = `${one.at.name}\u0000${one.at.file ?? ""}`;
    const before = cases.get(key);
    if (before === undefined) cases.set(key, one);
    else before.seen = together(before.seen, one.seen);
  }
  return summed([...cases.values()]);
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

function caseOf({ name, group, file, line: written }: WrittenTest): Case {
  const line = written === "" ? Number.NaN : Number(written);
  return {
    name: oneLine(group === "" || name.startsWith(group) ? name : `${group} ${name}`) || "(no name)",
    file: oneLine(file) || null,
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
