import { describe, expect, test } from "vitest";
import { clampMrkdwn, cut, foreign, link, safeUrl, visible } from "../../src/slack/escape.ts";
import { createPace, isDue } from "../../src/slack/pace.ts";
import { rateFigure } from "../../src/domain/figures.ts";
import { parseValue } from "../../src/slack/action-value.ts";
import { about, clock, duration, left, list, perMinute, progress, spoken, titleWords } from "../../src/slack/words.ts";

const now = new Date("2026-11-24T09:15:00Z");

test.each([
  [0, "0 s"],
  [38_400, "38 s"],
  [59_600, "1 min"],
  [118_000, "1 min 58 s"],
  [14 * 60_000, "14 min"],
  [125 * 60_000, "2 h 5 min"],
  [76 * 3_600_000, "3 days"],
])("%i ms are “%s”", (ms, words) => {
  expect(duration(ms)).toBe(words);
});

test("durations that run are said with the usual, in steps that do not tick", () => {
  expect(progress(new Date(now.getTime() - 72_000), 120_000, now)).toBe("1 min 10 s of about 2 min");
  expect(progress(null, 120_000, now)).toBeNull();
  expect(about(38_000)).toBe("40 s");
  expect(left(new Date(now.getTime() + 49_000), now)).toBe("50 s");
  expect(left(new Date(now.getTime() - 1), now)).toBe("0 s");
});

test("times are each reader's own, and say their zone where they cannot be", () => {
  expect(clock(new Date("2026-11-24T10:00:00Z"), now)).toBe("<!date^1795514400^{time}|10:00 UTC>");
  expect(clock(new Date("2026-11-26T10:00:00Z"), now)).toBe("<!date^1795687200^{date_short_pretty} {time}|Thu 26 Nov 10:00 UTC>");
  expect(spoken(new Date("2026-11-24T10:00:00Z"), now, "Nowhere/Else")).toBe("10:00 UTC");
});

test("rates, lists and titles read as people say them", () => {
  const rates = [perMinute(304, 4), perMinute(18, 60), perMinute(0, 9), perMinute(1, 60)];
  expect(rates.map(rateFigure)).toEqual(["76", "0.3", "0", "under 0.1"]);
  expect(list(["Ann", "Bob", "Cleo", "Dan"])).toBe("Ann, Bob and 2 more");
  expect(titleWords("feat(pay)!: pay with Bancontact (#12)\n\nbody")).toBe("Pay with Bancontact");
  expect(titleWords("fix:")).toBe("Fix:");
  expect(titleWords("")).toBe("(no title)");
});

describe("foreign text", () => {
  test("is cut before it is escaped, never inside an entity", () => {
    expect(foreign("&".repeat(10), 4)).toBe("&amp;&amp;&amp;…");
    expect(cut("😀😀😀", 4)).toBe("😀…");
    expect(clampMrkdwn(`${"a".repeat(96)}&amp;bc`, 100)).toBe(`${"a".repeat(96)}…`);
    expect(clampMrkdwn(`x ${"a".repeat(60)} <https://x.test/${"p".repeat(60)}|y>`, 100)).not.toContain("<");
  });

  test("shows what hides, and leaves real emoji whole", () => {
    expect(visible("a\u202eb\u200bc\u0007")).toBe("a⟨U+202E⟩b⟨U+200B⟩c⟨U+0007⟩");
    expect(visible("👩‍💻 ❤️")).toBe("👩‍💻 ❤️");
  });

  test("links only to http and https, with no way out of the link", () => {
    expect(safeUrl("javascript:alert(1)")).toBeNull();
    expect(safeUrl("https://user:secret@x.test/")).toBeNull();
    expect(link("https://x.test/a|b>c?d=1&e", "w|rds")).toBe("<https://x.test/a%7Cb%3Ec?d=1&amp;e|w¦rds>");
  });
});

test.each([
  "",
  "null",
  "{}",
  "[]",
  '{"d":"1","v":1,"h":"0123456789abcdef"}',
  '{"d":"0192f0a0-0000-7000-8000-000000000001","v":-1,"h":"0123456789abcdef"}',
  "{".repeat(5000),
])("the value %s is none of ours", (value) => {
  expect(parseValue(value)).toBeNull();
});

function card(priority: "tick" | "change", age: number, rest: number): Parameters<typeof isDue>[0] {
  return {
    id: "a",
    channel: "C",
    ts: "1",
    posting: false,
    broken: false,
    paintedHash: "h",
    priority,
    firstPaintedAt: new Date(1_000_000 - age),
    lastPaintedAt: new Date(1_000_000 - rest),
  };
}

function due(priority: "tick" | "change", age: number, rest: number, live = 1): boolean {
  return isDue(card(priority, age, rest), 1_000_000, live);
}

describe("the pace", () => {
  test("never exceeds 50 edits in any minute, and keeps room for an end", () => {
    let at = 0;
    const pace = createPace(() => at);
    const taken: number[] = [];
    for (at = 0; at < 300_000; at += 100) if (pace.take("terminal")) taken.push(at);
    const busiest = Math.max(...taken.map((from) => taken.filter((time) => time >= from && time < from + 60_000).length));
    expect(busiest).toBeLessThanOrEqual(50);
    expect(taken.length).toBeGreaterThan(220);
    at += 60_000;
    let ticks = 0;
    while (pace.take("tick")) ticks += 1;
    expect(ticks).toBeGreaterThan(0);
    expect(pace.take("terminal")).toBe(true);
  });

  test("slows a message's ticks as it gets older and as more are live, but never its changes", () => {
    expect([due("tick", 10_000, 1_400), due("tick", 10_000, 1_500), due("tick", 100_000, 2_900), due("tick", 400_000, 9_000)]).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect([due("tick", 10_000, 10_000, 9), due("change", 10_000, 100, 9)]).toEqual([false, true]);
  });
});
