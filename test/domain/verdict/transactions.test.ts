import { describe, expect, test } from "vitest";
import type { Transactions } from "../../../src/domain/measurement.ts";
import { judge } from "../../../src/domain/verdict/judge.ts";
import { WATCH, clockAt, errorsAt, every, minute } from "./looks.ts";

const usual: Transactions = { count: 400, failed: 2, p95Ms: 190 };
/** Minutes differ a little, as they do. */
const before = Array.from({ length: 60 }, (_, index) => ({ ...usual, p95Ms: 170 + (index % 7) * 8 }));

/** A watch whose requests are like that from the given minute on. */
function watchOf(changed: Partial<Transactions>, options: { readonly from?: number; readonly to?: number; readonly again?: number } = {}) {
  const { from = 3, to = 99, again = 99 } = options;
  const until = 12;
  const looks = every(1, until, (look) => {
    const newest = { ...usual, ...((look >= from && look <= to) || look === again ? changed : {}), to: minute(look) };
    return errorsAt(look, 0, {
      lastEventAt: minute(look),
      transactions: { perMinuteBefore: 400, ...(look === 1 ? { before } : {}), newest },
    });
  });
  return judge(WATCH, looks, clockAt(until));
}

describe("requests as the app traces them", () => {
  test("as slow and as good as before say nothing", () => {
    expect(watchOf({}).kind).toBe("inconclusive");
    expect(watchOf({ p95Ms: 300 }).kind).toBe("inconclusive");
  });

  test("four times as slow, look after look, are proposed and never acted upon", () => {
    expect(watchOf({ p95Ms: 800 })).toMatchObject({
      kind: "regressed",
      level: "propose",
      ongoing: true,
      about: "site",
      why: "5 of 100 requests take longer than 800 ms, before 194 ms",
    });
    expect(watchOf({ p95Ms: 800 }, { from: 11 }).kind).toBe("inconclusive");
    expect(watchOf({ p95Ms: 800 }, { to: 8 })).toMatchObject({ kind: "regressed", ongoing: false });
  });

  test("twenty times as many failing, look after look, are proposed and never acted upon", () => {
    expect(watchOf({ failed: 40 })).toMatchObject({
      kind: "regressed",
      level: "propose",
      ongoing: true,
      why: "10 % of all requests, before 0.5 %, fail",
    });
    expect(watchOf({ failed: 40 }, { from: 11 }).kind).toBe("inconclusive");
    expect(watchOf({ failed: 40 }, { to: 7 })).toMatchObject({
      kind: "regressed",
      ongoing: false,
      why: "For a while 10 % of all requests, before 0.5 %, failed",
    });
    expect(watchOf({ failed: 40 }, { to: 7, again: 12 }).ongoing).toBe(false);
  });

  test.each([
    { name: "one of a hundred more is too little", changed: { failed: 6 } },
    { name: "too few requests say nothing", changed: { count: 20, failed: 10, p95Ms: 900 } },
  ])("$name", ({ changed }) => {
    expect(watchOf(changed).kind).toBe("inconclusive");
  });

  test("many looks into one minute are one", () => {
    const looks = every(1, 12, (look) =>
      errorsAt(look, 0, {
        transactions: { perMinuteBefore: 400, before, newest: { ...usual, failed: 40, p95Ms: 800, to: minute(3) } },
      }),
    );
    expect(judge(WATCH, looks, clockAt(12)).kind).toBe("inconclusive");
  });
});
