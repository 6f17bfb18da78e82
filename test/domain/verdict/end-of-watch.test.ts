import { describe, expect, test } from "vitest";
import type { TransactionsSeen } from "../../../src/domain/measurement.ts";
import { judge } from "../../../src/domain/verdict/judge.ts";
import { WATCH, clockAt, errorsAt, every, gapAt, issue, minute, siteAt } from "./looks.ts";

const quiet = (look: number) => errorsAt(look, Math.floor(look / 4));

/** An app that traces a thousand requests a minute before, and `count` of this version; null: no whole interval of it yet. */
function traced(count: number | null): TransactionsSeen {
  return { perMinuteBefore: 1000, newest: count === null ? null : { count, failed: 0, p95Ms: 190, to: minute(1) } };
}

describe("the end of a watch", () => {
  test("with a proven signal seen to the end is healthy", () => {
    const verdict = judge(WATCH, every(1, 30, quiet), clockAt(30));
    expect(verdict).toMatchObject({ kind: "healthy", level: "none", ongoing: false, why: "0.2 errors a minute, before 0.3" });
  });

  test("is never healthy before it has come", () => {
    const verdict = judge(WATCH, every(1, 29, quiet), clockAt(29));
    expect(verdict).toMatchObject({ kind: "inconclusive", level: "none", why: "No problem seen so far" });
  });

  test.each([
    {
      name: "silence without a proven signal is blind",
      looks: every(1, 30, (look) => errorsAt(look, 0, { before: 0, signal: "unproven" })),
      kind: "blind",
      why: "Sentry sent nothing during the watch, so nobody knows",
    },
    {
      name: "silence is healthy once this version was heard",
      looks: every(1, 30, (look) => errorsAt(look, 0, { lastEventAt: minute(0.1) })),
      kind: "healthy",
      why: "No errors, before 0.3 a minute",
    },
    {
      name: "silence of a version that was never heard is blind, though others were heard",
      looks: every(1, 30, (look) => errorsAt(look, 0)),
      kind: "blind",
      why: "Sentry has not received a single error event of this version, so nobody knows",
    },
    {
      name: "silence is healthy while requests of this version are traced",
      looks: every(1, 30, (look) => errorsAt(look, 0, { transactions: traced(look === 30 ? null : 1000) })),
      kind: "healthy",
      why: "No errors, before 0.3 a minute",
    },
    {
      name: "silence of a version of which not one request is traced is blind",
      looks: every(1, 30, (look) => errorsAt(look, 0, { transactions: traced(look === 1 ? null : 0) })),
      kind: "blind",
      why: "Sentry has not received a single error event of this version, so nobody knows",
    },
    {
      name: "gaps alone are blind",
      looks: every(1, 30, (look) => gapAt(look)),
      kind: "blind",
      why: "Sentry gave no answer during the watch (Sentry did not answer within 10 s), so nobody knows",
    },
    {
      name: "a gap at the last look is not healthy",
      looks: [...every(1, 29, quiet), gapAt(30)],
      kind: "inconclusive",
      why: "Sentry gave no answer at the last look (Sentry did not answer within 10 s), so nobody knows",
    },
    {
      name: "a last look that nobody ran is not healthy",
      looks: every(1, 27, quiet),
      kind: "inconclusive",
      why: "Sentry gave no answer at the last look, so nobody knows",
    },
    {
      name: "half of the looks and the last one are enough",
      looks: every(16, 30, quiet),
      kind: "healthy",
      why: "0.2 errors a minute, before 0.3",
    },
    {
      name: "fewer are not",
      looks: every(17, 30, quiet),
      kind: "inconclusive",
      why: "Sentry answered at only 14 of 30 looks, so nobody knows",
    },
    {
      name: "many looks in one minute do not stand for the others",
      looks: [...Array.from({ length: 40 }, (_, index) => ({ ...quiet(1), look: index + 1 })), quiet(30)],
      kind: "inconclusive",
      why: "Sentry answered at only 2 of 30 looks, so nobody knows",
    },
    { name: "nothing at all is blind", looks: [], kind: "blind", why: "Nothing was measured, so nobody knows" },
  ])("$name", ({ looks, kind, why }) => {
    expect(judge(WATCH, looks, clockAt(30))).toMatchObject({ kind, why, level: "none" });
  });

  test("a breach beats missing data", () => {
    const looks = [errorsAt(3, 1, { newIssues: [issue()] }), ...every(4, 30, (look) => gapAt(look))];
    expect(judge(WATCH, looks, clockAt(30)).kind).toBe("regressed");
  });

  test("says why a signal is unproven when the source knows it", () => {
    const unprovenBecause = "Sentry's events of production carry no release that is a revision";
    const looks = every(1, 30, (look) => errorsAt(look, 0, { signal: "unproven", unprovenBecause }));
    expect(judge(WATCH, looks, clockAt(30)).why).toBe(`${unprovenBecause}, so nobody knows`);
  });

  test("a site that answers does not stand for a Sentry that does not", () => {
    const looks = [...every(1, 30, (look) => siteAt(look, true)), ...every(1, 30, (look) => gapAt(look))];
    expect(judge(WATCH, looks, clockAt(30)).kind).toBe("inconclusive");
  });

  test("a configured monitor that was never asked is missed", () => {
    const watch = { ...WATCH, sentry: { project: "shop" }, http: null };
    const verdict = judge(
      watch,
      every(1, 30, (look) => siteAt(look, true)),
      clockAt(30),
    );
    expect(verdict).toMatchObject({ kind: "inconclusive", why: "Sentry was never asked during the watch, so nobody knows" });
  });

  test("both monitors seen to the end are healthy", () => {
    const looks = [siteAt(0, true), ...every(1, 30, (look) => siteAt(look, true)), ...every(1, 30, quiet)];
    expect(judge(WATCH, looks, clockAt(30))).toMatchObject({ kind: "healthy", why: "0.2 errors a minute, before 0.3; the site answers" });
  });

  test("a site that is down at the last look is not healthy", () => {
    const looks = [siteAt(0, true), ...every(1, 29, (look) => siteAt(look, true)), siteAt(30, false)];
    expect(judge(WATCH, looks, clockAt(30))).toMatchObject({
      kind: "inconclusive",
      why: "The site did not answer at the last look (HTTP 502)",
    });
  });

  test("a watch shorter than its interval owes one look", () => {
    const short = { forMs: 500, everyMs: 1000 };
    const clock = { liveAt: minute(0), until: new Date(minute(0).getTime() + 500), now: minute(1) };
    const look = { ...errorsAt(1, 0, { lastEventAt: minute(0) }), at: new Date(minute(0).getTime() + 500) };
    expect(judge(short, [look], clock).kind).toBe("healthy");
  });

  test("the order in which measurements are stored does not matter", () => {
    const looks = [...every(1, 10, quiet), ...every(11, 20, (look) => errorsAt(look, 76 * (look - 10), { users: 9 }))];
    expect(judge(WATCH, looks.toReversed(), clockAt(20))).toEqual(judge(WATCH, looks, clockAt(20)));
  });
});
