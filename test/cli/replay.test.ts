import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { readRecording } from "../../src/cli/recording.ts";
import type { Measurement } from "../../src/domain/measurement.ts";
import { replayMeasurements, replayRecorded } from "../../src/domain/verdict/recorded.ts";
import type { RecordedWatch } from "../../src/domain/verdict/recorded.ts";

const EXAMPLE = {
  interval_s: 60,
  watch_s: 1800,
  baseline: [{ t: -3540, exposure: 1200, events: 3, users: 3 }],
  after: [{ t: 60, exposure: 1180, events: 2, users: 2, new_issues: [{ id: "A", events: 1, users: 1, unhandled: true }] }],
};

describe("greenlight replay, as a program", () => {
  test("says a line a look, of one watch or of many, from a file or from standard input", async () => {
    const file = await fileWith(JSON.stringify(EXAMPLE, null, 2));
    const one = await replay([file]);
    expect(one.code).toBe(0);
    const looks = one.out.map((line) => JSON.parse(line));
    expect(looks.map(({ t }) => t)).toEqual(Array.from({ length: 30 }, (_, index) => 60 * (index + 1)));
    expect(looks[0]).toMatchObject({ watch: 0, verdict: "regressed", level: "propose" });
    expect(Object.keys(looks[0])).toEqual(["watch", "t", "verdict", "level", "ratio", "low", "high", "why"]);

    const many = await replay(["-"], `${JSON.stringify(EXAMPLE)}\n\n${JSON.stringify({ ...EXAMPLE, after: [] })}\n`);
    expect(many.code).toBe(0);
    expect(new Set(many.out.map((line) => JSON.parse(line).watch))).toEqual(new Set([0, 1]));
    expect(JSON.parse(many.out.at(-1) ?? "")).toMatchObject({
      watch: 1,
      t: 1800,
      verdict: "blind",
      level: "none",
      ratio: null,
      high: null,
    });
  });

  test.each([
    { name: "no file", argv: ["nowhere.json"], says: "nowhere.json cannot be read.\n" },
    { name: "neither file nor deployment", argv: [], says: /^Name a file/u },
    {
      name: "a wrong count",
      argv: ["-"],
      input: '{"interval_s":60,\n"watch_s":60,"baseline":[],\n"after":[{"t":60,\n"events":-2}]}',
      says: /^standard input:4: \$\.after\[0\]\.events /u,
    },
    { name: "a broken line", argv: ["-"], input: `${JSON.stringify(EXAMPLE)}\n{"interval_s":`, says: "standard input:2: $ is no JSON.\n" },
    { name: "a broken document", argv: ["-"], input: '{\n"interval_s": 60,\n"watch_s": }', says: "standard input:3: $ is no JSON.\n" },
    { name: "nothing", argv: ["-"], input: "\n", says: "standard input:1: $ holds no watch.\n" },
  ])("refuses $name with its place, exit code 2", async ({ argv, input, says }) => {
    const { code, out, err } = await replay(argv, input);
    expect(code).toBe(2);
    expect(out).toEqual([]);
    expect(err).toMatch(says);
  });
});

describe("a recording", () => {
  test.each([
    {
      name: "points that go back",
      change: {
        after: [
          { t: 120, events: 0 },
          { t: 60, events: 0 },
        ],
      },
      path: "$.after[1].t",
    },
    { name: "a point after the end", change: { after: [{ t: 1860, events: 0 }] }, path: "$.after[0].t" },
    { name: "a baseline of the time after", change: { baseline: [{ t: 60, events: 0 }] }, path: "$.baseline[0].t" },
    { name: "more looks than a watch has", change: { interval_s: 1e-9, watch_s: 1e9 }, path: "$.interval_s" },
    { name: "a watch of less than a look", change: { watch_s: 30, after: [] }, path: "$.watch_s" },
  ])("with $name is refused at its path", ({ change, path }) => {
    expect(readRecording(JSON.stringify({ ...EXAMPLE, ...change }))).toMatchObject({ ok: false, refusal: { line: 1, path } });
  });

  test("that is a list holds several watches, and a fault names which", () => {
    expect(readRecording(JSON.stringify([EXAMPLE, EXAMPLE]))).toMatchObject({ ok: true, value: { length: 2 } });
    expect(readRecording(`[\n${JSON.stringify(EXAMPLE)},\n{}]`)).toMatchObject({
      ok: false,
      refusal: { line: 3, path: "$[1].interval_s" },
    });
  });
});

describe("the judge over a recording", () => {
  const quiet = Array.from({ length: 60 }, (_, index) => ({
    t: -60 * (59 - index),
    exposure: 1000,
    events: index % 3 === 0 ? 1 : 0,
    users: null,
  }));

  test("says at last that an unchanged service is healthy, and nothing before the end", () => {
    const looks = replayRecorded(watchOf((look) => (look % 3 === 0 ? 1 : 0)));
    expect(looks.slice(0, -1).every(({ verdict }) => verdict === "inconclusive")).toBe(true);
    expect(looks.at(-1)).toMatchObject({ verdict: "healthy", level: "none" });
    expect(looks.at(-1)?.ratio).toBeCloseTo(1, 1);
    expect(looks.at(-1)?.low ?? 1).toBeLessThan(1);
    expect(looks.at(-1)?.high ?? 1).toBeGreaterThan(1);
  });

  test("acts on ten times the errors, but not for a single person", () => {
    expect(replayRecorded(watchOf(() => 4)).some(({ level }) => level === "act")).toBe(true);
    expect(replayRecorded(watchOf(() => 4, 2)).some(({ level }) => level === "act")).toBe(true);
    expect(replayRecorded(watchOf(() => 4, 1)).every(({ level }) => level !== "act")).toBe(true);
  });

  test("takes a missing point for a gap, never for a quiet minute", () => {
    const whole = watchOf(() => 0);
    const looks = replayRecorded({ ...whole, after: whole.after.slice(0, 3) });
    expect(looks).toHaveLength(30);
    expect(looks.at(-1)?.verdict).not.toBe("healthy");
  });

  test("of a watch that still runs, or was cut short, says nothing of an end that never came", () => {
    const liveAt = new Date("2026-03-02T09:00:00Z");
    const clock = { liveAt, until: new Date(liveAt.getTime() + 10 * 60_000) };
    const probed = [0, 1, 2].map((look): Measurement => {
      const at = new Date(liveAt.getTime() + look * 60_000 - (look === 0 ? 90_000 : 0));
      return { monitor: "http", look, at, kind: "site", up: true, latencyMs: 20, detail: "HTTP 200" };
    });
    const replayed = (isOver: boolean) => replayMeasurements({ forMs: 600_000, everyMs: 60_000, http: {} }, { ...clock, isOver }, probed);
    expect(replayed(false).map(({ t, why }) => ({ t, why }))).toEqual([60, 120].map((t) => ({ t, why: "No problem seen so far" })));
    expect(replayed(true).at(-1)?.why).toContain("The site probe answered at only 2 of 10 looks");
  });

  function watchOf(events: (look: number) => number, users: number | null = null): RecordedWatch {
    const after = Array.from({ length: 30 }, (_, index) => ({
      t: 60 * (index + 1),
      exposure: 1000,
      events: events(index),
      users,
      newIssues: [],
    }));
    return { intervalS: 60, watchS: 1800, baseline: quiet, after };
  }
});

async function fileWith(words: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "greenlight-replay-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "watch.json");
  await writeFile(file, words);
  return file;
}

async function replay(argv: readonly string[], input = "") {
  const child = spawn(process.execPath, ["bin/greenlight.js", "replay", ...argv], { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(input);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: child.exitCode, out: out.split("\n").filter((line) => line !== ""), err };
}
