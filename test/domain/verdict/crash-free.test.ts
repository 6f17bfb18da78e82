import { describe, expect, test } from "vitest";
import { draw, randomFrom } from "../../../bench/verdict/draw.ts";
import type { Random } from "../../../bench/verdict/draw.ts";
import { crashFreeWords, judgeCrashFree } from "../../../src/domain/verdict/crash-free.ts";
import type { SessionHour } from "../../../src/domain/verdict/crash-free.ts";

const HOUR = 3_600_000;
const WEEK = 168;
const LIVE = new Date("2026-03-02T09:00:00Z");

/** An app's sessions an hour, the share that crashes, and how that share comes and goes; `spread`: variance to mean of an hour's crashes. */
type Use = {
  readonly sessions: number;
  readonly share: number;
  readonly spread?: number;
  /** Standard deviation of the logarithm of each hour's, or each day's, share. */
  readonly hours?: number;
  readonly days?: number;
  /** Share of hours in which thirty times as many crash. */
  readonly outages?: number;
  /** Few at night, of which three times as many crash. */
  readonly rhythm?: boolean;
};

const EVEN: Use = { sessions: 700, share: 0.002 };

describe("whether more sessions crash", () => {
  test.each([
    { name: "even", use: EVEN },
    { name: "moody, with nights", use: { ...EVEN, hours: 0.5, rhythm: true } },
    { name: "clumping", use: { sessions: 700, share: 0.004, spread: 5 } },
    { name: "often broken for an hour", use: { sessions: 2000, share: 0.002, hours: 0.3, outages: 0.03 } },
    { name: "busy, of differing days", use: { sessions: 5000, share: 0.003, hours: 0.3, days: 0.3 } },
  ])("unchanged, $name: told in at most 2 % of weeks", ({ use }) => {
    expect(told(use, { times: 1, within: WEEK, runs: 100, seed: 7 })).toBeLessThanOrEqual(0.02);
  });

  test.each([
    { name: "even", use: EVEN, within: 24, share: 0.95 },
    { name: "moody, with nights", use: { ...EVEN, hours: 0.5, rhythm: true }, within: 72, share: 0.8 },
    { name: "little used", use: { sessions: 20, share: 0.01 }, within: WEEK, share: 0.7 },
  ])("four times as many are told: $name", ({ use, within, share }) => {
    expect(told(use, { times: 4, within, runs: 60, seed: 11 })).toBeGreaterThanOrEqual(share);
  });

  const before = hoursOf(-WEEK, 0, 2);
  test("they are, with the figures of both sides", () => {
    const fall = judgeCrashFree({ liveAt: LIVE, ours: hoursOf(0, 6, 8), others: before });
    expect(fall).toEqual({ hours: 6, now: { sessions: 6000, crashed: 48 }, before: { sessions: 42_000, crashed: 84 } });
    expect(fall === null ? "" : crashFreeWords(fall)).toBe("99.2 % of 6,000 sessions without a crash, before 99.8 %");
  });

  test.each([
    { name: "a version without a session", ours: [] },
    { name: "hours without a session", ours: hoursOf(0, 24, 0).map((hour) => ({ ...hour, sessions: 0 })) },
    { name: "five hours", ours: hoursOf(0, 5, 50) },
    { name: "one bad hour in six", ours: [...hoursOf(0, 5, 2), ...hoursOf(5, 6, 500)] },
    { name: "half as many more", ours: hoursOf(0, 24, 3) },
    { name: "one in two thousand more", ours: hoursOf(0, 24, 1, 2000), others: hoursOf(-WEEK, 0, 0, 2000) },
    { name: "nothing to compare with", ours: hoursOf(0, 24, 50), others: [] },
    { name: "two days to compare with", ours: hoursOf(0, 24, 50), others: hoursOf(-48, 0, 2) },
    { name: "what crashed as often just before it", ours: hoursOf(0, 6, 50), others: [...hoursOf(-WEEK, -8, 2), ...hoursOf(-8, 0, 40)] },
    { name: "what crashes as often in other versions meanwhile", ours: hoursOf(0, 6, 50), others: [...before, ...hoursOf(0, 6, 40)] },
    { name: "what crashes at these hours of every day", ours: hoursOf(0, 6, 50), others: before.map((hour) => nightly(hour)) },
    {
      name: "what one day of the week was like too",
      ours: hoursOf(0, 6, 50),
      others: [...hoursOf(-WEEK, -48, 2), ...hoursOf(-48, -24, 60), ...hoursOf(-24, 0, 2)],
    },
  ])("$name: they are not", ({ ours, others = before }) => {
    expect(judgeCrashFree({ liveAt: LIVE, ours, others })).toBeNull();
  });

  test("other versions that do not crash meanwhile make it no better", () => {
    expect(judgeCrashFree({ liveAt: LIVE, ours: hoursOf(0, 6, 50), others: [...before, ...hoursOf(0, 6, 2)] })).not.toBeNull();
  });

  test.each([
    { now: { sessions: 50_000, crashed: 4 }, said: "99.99 % of 50,000" },
    { now: { sessions: 50_000, crashed: 1 }, said: "99.99 % of 50,000" },
    { now: { sessions: 500, crashed: 500 }, said: "0.0 % of 500" },
  ])("$now.crashed of $now.sessions: $said", ({ now, said }) => {
    expect(crashFreeWords({ hours: 6, now, before: { sessions: 900, crashed: 0 } })).toBe(`${said} sessions without a crash, before 100 %`);
  });
});

/** Share of simulated weeks in which some hour's look tells it. */
function told(use: Use, cell: { readonly times: number; readonly within: number; readonly runs: number; readonly seed: number }): number {
  const random = randomFrom(cell.seed);
  const weeks = Array.from({ length: cell.runs }, () => {
    const hours = simulated(use, cell.times, random);
    const [others, ours] = [hours.slice(0, WEEK), hours.slice(WEEK)];
    const looks = Array.from({ length: cell.within - 5 }, (_, index) => ours.slice(Math.max(0, index + 6 - 25), index + 6));
    return looks.some((seen) => judgeCrashFree({ liveAt: LIVE, ours: seen, others }) !== null);
  });
  return weeks.filter((isTold) => isTold).length / cell.runs;
}

/** A week before and a week after. */
function simulated(use: Use, times: number, random: Random): readonly SessionHour[] {
  const { hours = 0, days = 0, outages = 0, spread = 1, rhythm = false } = use;
  const dayMoods = Array.from({ length: 15 }, () => Math.exp(days * normal(random)));
  return Array.from({ length: 2 * WEEK }, (_, index) => {
    const from = new Date(LIVE.getTime() + (index - WEEK) * HOUR);
    const hour = from.getUTCHours();
    const sessions = draw(use.sessions * (rhythm ? 1 + 0.8 * Math.sin((2 * Math.PI * (hour - 8)) / 24) : 1), 1, random);
    const night = rhythm && hour < 6 ? 3 : 1;
    const outage = random() < outages ? 30 : 1;
    const share = use.share * (index < WEEK ? 1 : times) * (dayMoods[Math.floor(index / 24)] ?? 1) * Math.exp(hours * normal(random));
    return { from, sessions, crashed: Math.min(sessions, draw(sessions * Math.min(0.9, share * night * outage), spread, random)) };
  });
}

/** Hours from so many after it went live to so many, of a thousand sessions unless said. */
function hoursOf(first: number, end: number, crashed: number, sessions = 1000): readonly SessionHour[] {
  return Array.from({ length: end - first }, (_, index) => ({
    from: new Date(LIVE.getTime() + (first + index) * HOUR),
    sessions,
    crashed,
  }));
}

function nightly(hour: SessionHour): SessionHour {
  return hour.from.getUTCHours() >= 9 && hour.from.getUTCHours() < 15 ? { ...hour, crashed: 40 } : hour;
}

/** Box and Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
