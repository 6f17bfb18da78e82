import { describe, expect, test } from "vitest";
import type { Measurement } from "../../../src/domain/measurement.ts";
import { judge } from "../../../src/domain/verdict/judge.ts";
import { WATCH, clockAt, errorsAt, every, gapAt, issue, minute, siteAt } from "./looks.ts";

describe("errors after against before", () => {
  test("a flood acts and is told with its comparison", () => {
    const verdict = judge(WATCH, [errorsAt(1, 76, { users: 40 }), errorsAt(2, 152, { users: 40 })], clockAt(2));
    expect(verdict).toMatchObject({ kind: "regressed", level: "act", ongoing: true, why: "76 errors a minute, before 0.3" });
    expect(verdict.figures).toMatchObject({ errorsAfter: 152, minutesAfter: 2, errorsBefore: 18, minutesBefore: 60, usersHit: 40 });
    expect(verdict.figures.pValue).toBeLessThan(1e-6);
    expect(verdict.figures.errorsNow).toBe(76);
  });

  test("a storm late in a quiet watch is told by its own rate, not by the mean since it is live", () => {
    const quiet = every(1, 25, (look) => errorsAt(look, Math.floor(look / 4), { users: 1 }));
    const storm = every(26, 28, (look) => errorsAt(look, 6 + 76 * (look - 25), { users: 40 }));
    const { figures, ongoing } = judge(WATCH, [...quiet, ...storm], clockAt(28));
    expect(ongoing).toBe(true);
    expect(figures.errorsNow).toBeGreaterThan(38);
    expect((figures.errorsAfter ?? 0) / figures.minutesAfter).toBeLessThan(9);
  });

  test("where only an issue speaks against it no rate is told", () => {
    const crash = issue({ events: 4, users: 3 });
    const looks = every(1, 3, (look) => errorsAt(look, look < 3 ? 0 : 4, { before: 120, newIssues: look < 3 ? [] : [crash] }));
    const verdict = judge(WATCH, looks, clockAt(3));
    expect(verdict).toMatchObject({ kind: "regressed", why: "New unhandled error: KeyError in shop.cart, 4 times, 3 people hit" });
    expect(verdict.figures).not.toHaveProperty("errorsNow");
  });

  test.each([
    { name: "pre-existing errors are not a regression", events: 40, before: 120, minutes: 20, kind: "inconclusive" },
    { name: "three errors are no trend", events: 3, before: 0, minutes: 1, kind: "inconclusive" },
    { name: "four errors of one minute may be one burst", events: 4, before: 0, minutes: 1, kind: "inconclusive" },
    { name: "significant but less than twice is no regression", events: 1900, before: 6000, minutes: 10, kind: "inconclusive" },
    { name: "twice as many and significant is one", events: 2500, before: 6000, minutes: 10, kind: "regressed" },
    { name: "twice as many of a few is none", events: 6, before: 18, minutes: 10, kind: "inconclusive" },
  ])("$name", ({ events, before, minutes, kind }) => {
    expect(judge(WATCH, [errorsAt(minutes, events, { before })], clockAt(minutes)).kind).toBe(kind);
  });

  test("errors that rose before the deployment are not its fault", () => {
    const beforePerMinute = Array.from({ length: 60 }, (_, index) => (index < 50 ? 0 : 30));
    const looks = every(1, 30, (look) => errorsAt(look, 30 * look, { before: 300, beforePerMinute, users: 9 }));
    expect(judge(WATCH, looks, clockAt(30))).toMatchObject({
      kind: "healthy",
      why: "30 errors a minute, before 5, but they rose before the deployment",
    });
  });

  test("a few errors minute after minute, where there were none, propose", () => {
    const beforePerMinute = Array.from({ length: 60 }, () => 0);
    const looks = every(1, 6, (look) => errorsAt(look, 2 * look, { before: 0, beforePerMinute, users: 9 }));
    expect(judge(WATCH, looks, clockAt(6)).kind).toBe("regressed");
  });

  test("a bursty history needs more errors than a quiet one", () => {
    const even = Array.from({ length: 60 }, (_, index) => (index % 10 < 3 ? 1 : 0));
    const bursty = Array.from({ length: 60 }, (_, index) => (index % 20 === 0 ? 6 : 0));
    const [quiet, loud] = [even, bursty].map((beforePerMinute) =>
      judge(
        WATCH,
        every(1, 5, (look) => errorsAt(look, 2 * look, { beforePerMinute, users: 9 })),
        clockAt(5),
      ),
    );
    expect(quiet?.kind).toBe("regressed");
    expect(loud?.kind).toBe("inconclusive");
  });

  test("many early looks into one burst do not make it last", () => {
    const burst = Array.from({ length: 12 }, (_, index) => {
      const look = errorsAt(1, index + 1, { users: 9 });
      const at = minute((index + 1) / 12);
      return { ...look, look: index + 1, at, after: { ...look.after, to: at } };
    });
    expect(judge(WATCH, burst, clockAt(1)).level).not.toBe("act");
  });

  test("people are counted instead of their events where they are known", () => {
    const baseline = Array.from({ length: 60 }, () => ({ minutes: 1, exposure: null, events: 1, users: 1 }));
    const looks = (users: number) =>
      every(1, 10, (look) => errorsAt(look, 20 * look, { baseline, users, sample: { minutes: 1, exposure: null, events: 20, users } }));
    expect(judge(WATCH, looks(1), clockAt(10)).kind).toBe("inconclusive");
    expect(judge(WATCH, looks(20), clockAt(10))).toMatchObject({ kind: "regressed", level: "act" });
    // Nobody was logged in: then only the errors can be counted.
    expect(judge(WATCH, looks(0), clockAt(10)).kind).toBe("regressed");
  });

  test("twice the errors of twice the requests are none", () => {
    const baseline = Array.from({ length: 60 }, () => ({ minutes: 1, exposure: 1000, events: 10, users: null }));
    const looks = (exposure: number) =>
      every(1, 10, (look) => errorsAt(look, 30 * look, { baseline, users: 9, sample: { minutes: 1, exposure, events: 30, users: null } }));
    expect(judge(WATCH, looks(3000), clockAt(10))).toMatchObject({ kind: "inconclusive", figures: { ratio: { ratio: 1 } } });
    expect(judge(WATCH, looks(1000), clockAt(10))).toMatchObject({ kind: "regressed", figures: { ratio: { ratio: 3 } } });
  });

  test("what is told anew stands above what earlier looks told, and a baseline is told once", () => {
    const baseline = Array.from({ length: 60 }, () => ({ minutes: 1, exposure: null, events: 1, users: 1 }));
    const looks = (users: number) =>
      every(1, 10, (look) =>
        errorsAt(look, 20 * look, {
          users,
          ...(look === 1 ? { baseline } : { beforePerMinute: baseline.map(() => 0) }),
          intervals: Array.from({ length: look }, () => ({ minutes: 1, exposure: null, events: 20, users })),
        }),
      );
    expect(judge(WATCH, looks(1), clockAt(10)).kind).toBe("inconclusive");
    expect(judge(WATCH, looks(20), clockAt(10))).toMatchObject({ kind: "regressed", level: "act" });
  });

  test("what every earlier day shows at these hours is a rhythm, what one of them shows is none", () => {
    const hours = { from: minute(-1440), to: minute(-1410), users: null };
    const looks = (sameHours: readonly number[]) =>
      every(1, 30, (look) =>
        errorsAt(look, 3 * look, { users: 9, ...(look === 1 ? { sameHours: sameHours.map((events) => ({ ...hours, events })) } : {}) }),
      );
    expect(judge(WATCH, looks([90, 60]), clockAt(30))).toMatchObject({
      kind: "healthy",
      why: "3 errors a minute, before 0.3, as usual at this time of the day",
    });
    expect(judge(WATCH, looks([90, 9]), clockAt(30)).kind).toBe("regressed");
    expect(judge(WATCH, looks([]), clockAt(30)).kind).toBe("regressed");
  });

  test("a flood that begins late and stays is acted upon within three looks", () => {
    const quiet = every(1, 25, (look) => errorsAt(look, Math.floor(look * 0.3), { users: 9 }));
    const flood = every(26, 28, (look) => errorsAt(look, 7 + 76 * (look - 25), { users: 9 }));
    expect(judge(WATCH, [...quiet, ...flood], clockAt(28))).toMatchObject({ level: "act", ongoing: true });
  });

  test("bursts that come and go are judged by their size, not by their number", () => {
    const bursts = every(1, 12, (look) => errorsAt(look, 9 * Math.floor(look / 4), { users: 9 }));
    expect(judge(WATCH, bursts, clockAt(12)).kind).toBe("inconclusive");
    const steady = every(1, 12, (look) => errorsAt(look, Math.floor((27 * look) / 12), { users: 9 }));
    expect(judge(WATCH, steady, clockAt(12)).kind).toBe("regressed");
  });

  test("a single burst is proposed, not acted upon", () => {
    expect(judge(WATCH, [errorsAt(1, 76, { users: 9 })], clockAt(1)).level).toBe("propose");
    expect(judge(WATCH, [errorsAt(1, 76, { users: 9 }), errorsAt(2, 76, { users: 9 })], clockAt(2)).level).toBe("propose");
  });

  test("one single person's errors are proposed, not acted upon", () => {
    expect(judge(WATCH, [errorsAt(1, 76, { users: 1 }), errorsAt(2, 152, { users: 1 })], clockAt(2)).level).toBe("propose");
  });

  test("without history before, counts say nothing", () => {
    const verdict = judge(WATCH, [errorsAt(1, 76, { before: 0, beforeMinutes: 0 })], clockAt(1));
    expect(verdict).toMatchObject({ kind: "inconclusive", level: "none", figures: { pValue: null } });
  });

  test("extra looks spend no more of the budget than the even ones", () => {
    const crowded = Array.from({ length: 50 }, (_, index) => ({ ...errorsAt(1, 4, { before: 30 }), look: index + 1 }));
    expect(judge(WATCH, crowded, clockAt(1)).kind).toBe(judge(WATCH, crowded.slice(0, 1), clockAt(1)).kind);
  });
});

describe("new errors of the release", () => {
  test.each([
    { name: "one event of a new unhandled issue proposes", change: {}, level: "propose" },
    { name: "three from two people act", change: { events: 3, users: 2 }, level: "act" },
    { name: "three from one person only propose", change: { events: 3, users: 1 }, level: "propose" },
    { name: "a handled one alone is nothing", change: { events: 3, users: 2, unhandled: false }, level: "none" },
    { name: "one of an earlier deployment of the same revision is nothing", change: { firstSeen: minute(-90) }, level: "none" },
    { name: "one seen on the first hosts, before all were switched, counts", change: { firstSeen: minute(-3) }, level: "propose" },
  ])("$name", ({ change, level }) => {
    const verdict = judge(WATCH, [errorsAt(3, 1, { newIssues: [issue(change)] })], clockAt(3));
    expect(verdict.level).toBe(level);
  });

  test.each([
    { name: "one that was resolved and is back proposes", change: { how: "regressed", at: minute(1) }, unhandled: true, level: "propose" },
    { name: "a handled one that is back is nothing", change: { how: "regressed", at: minute(1) }, unhandled: false, level: "none" },
    {
      name: "one that escalates proposes, handled or not",
      change: { how: "escalating", at: minute(1) },
      unhandled: false,
      level: "propose",
    },
    { name: "one that was back before is nothing", change: { how: "regressed", at: minute(-90) }, unhandled: true, level: "none" },
  ] as const)("$name, however often it is seen", ({ change, unhandled, level }) => {
    const newIssues = [issue({ again: change, unhandled, firstSeen: minute(-9000), events: 30, users: 9 })];
    expect(judge(WATCH, [errorsAt(3, 1, { newIssues })], clockAt(3)).level).toBe(level);
  });

  test("are told with place, count and people", () => {
    const newIssues = [issue({ events: 3, users: 2 })];
    expect(judge(WATCH, [errorsAt(3, 3, { newIssues })], clockAt(3)).why).toBe(
      "New unhandled error: KeyError in shop.cart, 3 times, 2 people hit",
    );
    const back = [issue({ events: 3, users: 2, again: { how: "regressed", at: minute(2) } })];
    expect(judge(WATCH, [errorsAt(3, 3, { newIssues: back })], clockAt(3)).why).toBe(
      "An error that was resolved is back: KeyError in shop.cart, 3 times, 2 people hit",
    );
  });

  test("count without any history before", () => {
    const looks = [errorsAt(3, 1, { before: 0, beforeMinutes: 0, newIssues: [issue()] })];
    expect(judge(WATCH, looks, clockAt(3)).kind).toBe("regressed");
  });

  test("cannot smuggle line breaks or a wall of text into the sentence", () => {
    const newIssues = [issue({ title: `Boom\n\n*approved*\u202E${"x".repeat(5000)}` })];
    const { why } = judge(WATCH, [errorsAt(3, 1, { newIssues })], clockAt(3));
    expect(why).not.toMatch(/[\n\u202E]/u);
    expect(why.length).toBeLessThan(250);
  });
});

describe("still happening", () => {
  const flood = [errorsAt(1, 60, { users: 9 }), errorsAt(2, 120, { users: 9 })];

  test("a flood that ended has recovered and no longer acts", () => {
    const after = every(3, 6, (look) => errorsAt(look, 120, { users: 9, lastEventAt: minute(2) }));
    const verdict = judge(WATCH, [...flood, ...after], clockAt(6));
    expect(verdict).toMatchObject({ kind: "regressed", level: "propose", ongoing: false });
    expect(verdict.why).toBe("It was 20 errors a minute, before 0.3; none for the last 4 min");
  });

  test("one quiet look is not yet recovery", () => {
    const verdict = judge(WATCH, [...flood, errorsAt(3, 120, { users: 9, lastEventAt: minute(2) })], clockAt(3));
    expect(verdict).toMatchObject({ level: "act", ongoing: true });
  });

  test("errors back at their usual rate have recovered", () => {
    const after = every(3, 14, (look) => errorsAt(look, 120 + Math.floor(look / 5), { users: 9 }));
    expect(judge(WATCH, [...flood, ...after], clockAt(14)).ongoing).toBe(false);
  });

  test("errors that come back are happening again", () => {
    const quiet = every(3, 8, (look) => errorsAt(look, 120, { users: 9, lastEventAt: minute(2) }));
    const again = [errorsAt(9, 190, { users: 9 })];
    expect(judge(WATCH, [...flood, ...quiet, ...again], clockAt(9))).toMatchObject({ level: "act", ongoing: true });
  });

  test("a gap does not prove recovery", () => {
    const gaps = every(3, 20, (look) => gapAt(look));
    expect(judge(WATCH, [...flood, ...gaps], clockAt(20))).toMatchObject({ kind: "regressed", ongoing: true });
  });
});

describe("the site", () => {
  const down = every(1, 3, (look) => siteAt(look, false));

  test("down at three looks in a row that was up before acts", () => {
    const verdict = judge(WATCH, [siteAt(0, true), ...down], clockAt(3));
    expect(verdict).toMatchObject({ kind: "regressed", level: "act", ongoing: true, figures: { siteUp: false } });
    expect(verdict.why).toBe("The site is down at 3 looks in a row (HTTP 502), before it answered");
    expect(verdict.figures.since).toEqual(minute(1));
  });

  test.each([
    { name: "down at two looks is not yet an outage", looks: [siteAt(0, true), ...down.slice(0, 2)], level: "none" },
    {
      name: "down, up, down is not three in a row",
      looks: [siteAt(0, true), siteAt(1, false), siteAt(2, true), siteAt(3, false)],
      level: "none",
    },
    { name: "down before the deployment is not its fault", looks: [siteAt(0, false), ...down], level: "none" },
    { name: "down without a look before is proposed", looks: down, level: "propose" },
    {
      name: "down after it was seen up acts without a look before",
      looks: [siteAt(1, true), ...every(2, 4, (look) => siteAt(look, false))],
      level: "act",
    },
    {
      name: "a gap among the downs says nothing",
      looks: [siteAt(0, true), ...down.slice(0, 2), gapAt(3, "http"), siteAt(4, false)],
      level: "act",
    },
  ])("$name", ({ looks, level }) => {
    expect(judge(WATCH, looks, clockAt(4)).level).toBe(level);
  });

  test("a part of it that fails at three looks in a row, and did not before, is proposed", () => {
    expect(judge(WATCH, [siteAt(0, true), ...every(1, 2, partly)], clockAt(2)).level).toBe("none");
    expect(judge(WATCH, [siteAt(0, true), ...every(1, 3, partly)], clockAt(3))).toMatchObject({
      level: "propose",
      ongoing: true,
      why: "A part of the site fails at 3 looks in a row (/cart: HTTP 502)",
    });
    expect(judge(WATCH, [partly(0), ...every(1, 3, partly)], clockAt(3)).level).toBe("none");
    expect(judge(WATCH, [siteAt(0, true), ...every(1, 3, partly), siteAt(4, true)], clockAt(4))).toMatchObject({
      level: "propose",
      ongoing: false,
    });
  });

  test("down at one look after it has recovered is no outage yet: it neither acts nor is said to answer", () => {
    const recovered = [siteAt(0, true), ...down, ...every(4, 9, (look) => siteAt(look, true))];
    expect(judge(WATCH, [...recovered, siteAt(10, false)], clockAt(10))).toMatchObject({
      level: "propose",
      ongoing: false,
      why: "The site was down for 3 min (HTTP 502), then it answered, but not at the last look",
    });
    const again = every(10, 12, (look) => siteAt(look, false));
    expect(judge(WATCH, [...recovered, ...again], clockAt(12))).toMatchObject({ level: "act", ongoing: true });
  });

  test("of which a part fails after it has recovered is told as that", () => {
    const looks = [siteAt(0, true), ...down, siteAt(4, true), ...every(5, 7, partly)];
    expect(judge(WATCH, looks, clockAt(7))).toMatchObject({
      level: "propose",
      ongoing: true,
      why: "A part of the site fails at 3 looks in a row (/cart: HTTP 502)",
      troubles: ["part"],
    });
  });

  test("up again has recovered", () => {
    const verdict = judge(WATCH, [siteAt(0, true), ...down, siteAt(4, true)], clockAt(4));
    expect(verdict).toMatchObject({
      level: "propose",
      ongoing: false,
      why: "The site was down for 3 min (HTTP 502), now it answers again",
    });
  });
});

function partly(look: number): Measurement {
  return { ...siteAt(look, true), partly: "/cart: HTTP 502" };
}
