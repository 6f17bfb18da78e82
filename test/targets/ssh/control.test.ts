import { describe, expect, test } from "vitest";
import { createBeginFilter, createControlReader, parseControlLine } from "../../../src/targets/ssh/control.ts";
import type { ControlLine } from "../../../src/targets/ssh/control.ts";
import { quote, quoteAll } from "../../../src/targets/ssh/quote.ts";

const NONCE = "0123456789abcdef0123456789abcdef";
const RUN = "0192f0c1-7a00-7000-8000-000000000001";

function heard(...chunks: (string | Uint8Array)[]): ControlLine[] {
  const lines: ControlLine[] = [];
  const read = createControlReader(NONCE, (line) => lines.push(line));
  for (const chunk of chunks) read(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  return lines;
}

describe("control lines", () => {
  test.each([
    "st new 0 0",
    "st attach 12 3",
    "st new 0 0 unguarded",
    "rc done 007 812 -",
    "rc lost lost 0 -",
    "rc done 143 5 total",
    "rc done 137 5 output",
    `busy ${RUN} 1700000000 yes`,
    "busy - - no",
    "denied 3",
    `busy ${RUN} 1700000000`,
    "busy - -",
    `foreign 812 ${RUN}`,
    "stale 0000000000000005",
    "closed",
    "refused disk_full",
    `acquired ${"a".repeat(40)} 1000 - 812 yes git@github.com:acme/shop.git`,
    "facts - 1 2 0 no -",
  ])("%s is understood", (line) => {
    expect(parseControlLine(NONCE, `greenlight ${NONCE} ${line}`)).toMatchObject({ kind: line.split(" ")[0] });
  });

  test.each([
    "rc 0 0",
    "rc done 0 0 -",
    "rc done 000 0",
    "rc done 000 0 - ",
    "rc done 000 0 - -",
    " rc done 000 0 -",
    "rc done 000 -1 -",
    "rc done 000 99999999999999999999 -",
    "RC done 000 0 -",
    "st done",
    "st started 0 0",
    "st new 0 0 guarded",
    "rc done 137 5 log",
    `busy ${RUN} 1 maybe`,
    "denied",
    "denied sudo",
    "closed now",
    "refused Disk full!",
    "refused <!channel>",
    "busy r1 0",
    "foreign x y",
    "stale -1",
    `acquired ${"A".repeat(40)} 1 1 1 yes -`,
    `acquired ${"a".repeat(40)} 1 1 1 yes a b`,
    "constructor",
    "toString",
    "",
  ])("%j is noise", (line) => {
    expect(parseControlLine(NONCE, `greenlight ${NONCE} ${line}`)).toBeNull();
  });

  test("without the nonce, or with another, a perfect line is noise", () => {
    expect(heard("rc done 000 0 -\n", `greenlight ${"f".repeat(32)} rc done 000 0 -\n`, "greenlight rc done 000 0 -\n")).toEqual([]);
  });

  test("a line is found at every cut of the stream, also behind noise without an end", () => {
    const whole = `noise without end\ngreenlight ${NONCE} st new 0 0\n\u0000\ufffd\ngreenlight ${NONCE} rc done 001 9 -\n`;
    for (let at = 0; at <= whole.length; at += 1) {
      expect(heard(whole.slice(0, at), whole.slice(at)).map((line) => line.kind)).toEqual(["st", "rc"]);
    }
  });

  test("endless noise keeps nothing and hides nothing", () => {
    const noise = Buffer.alloc(64 * 1024, "x");
    expect(heard(...Array.from({ length: 100 }, () => noise), `\ngreenlight ${NONCE} closed\n`)).toEqual([{ kind: "closed", words: [] }]);
  });

  test("a control line cut off by the end of the stream does not count", () => {
    expect(heard(`\ngreenlight ${NONCE} rc done 000 0 -`)).toEqual([]);
  });
});

test("the log begins after the begin line, at every cut of the stream", () => {
  const whole = Buffer.from(`banner\ngreenlight ${"0".repeat(32)} begin\nmore\ngreenlight ${NONCE} begin\n\x00\xfflog`, "latin1");
  for (let at = 0; at <= whole.length; at += 1) {
    const strip = createBeginFilter(NONCE);
    const bytes = [whole.subarray(0, at), whole.subarray(at)].flatMap((chunk) => strip(chunk) ?? []);
    expect(Buffer.concat(bytes).toString("latin1")).toBe("\x00\xfflog");
  }
});

test.each([
  ["plain", "'plain'"],
  ["", "''"],
  ["it's", String.raw`'it'\''s'`],
  ['$(id) `id` "\\\n', "'$(id) `id` \"\\\n'"],
])("%j is quoted as %s", (word, quoted) => {
  expect(quote(word)).toBe(quoted);
});

test("an argv is words between blanks", () => {
  expect(quoteAll(["a b", "c"])).toBe("'a b' 'c'");
});
