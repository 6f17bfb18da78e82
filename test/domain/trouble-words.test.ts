import { describe, expect, test } from "vitest";
import type { Measurement } from "../../src/domain/measurement.ts";
import { goesOnWords, overWords, troublesOf, troubleWords, whetherWords } from "../../src/domain/trouble-words.ts";
import { judge } from "../../src/domain/verdict/judge.ts";
import { verdict } from "./model.ts";
import { WATCH, clockAt, errorsAt, every, gapAt, issue, minute, siteAt } from "./verdict/looks.ts";

const UP = siteAt(0, true);
const down = every(1, 3, (look) => siteAt(look, false));
const storm = every(1, 3, (look) => errorsAt(look, 76 * look, { newIssues: [issue({ events: 40, users: 30 })] }));

function found(looks: readonly Measurement[], at = 3) {
  return judge(WATCH, [UP, ...looks], clockAt(at));
}

describe("what is wrong", () => {
  test.each([
    ["errors", storm, "the errors have stopped", "the errors have not stopped"],
    ["a site that is down", down, "the site answers again", "the site does not answer still"],
    [
      "both",
      [...down, ...storm],
      "the site answers again and the errors have stopped",
      "the site does not answer still and the errors have not stopped",
    ],
    [
      "some of its pages",
      every(1, 3, (look) => ({ ...siteAt(look, true), failing: [{ page: "/cart", failed: 5, probes: 5 }], partly: "/cart: HTTP 502" })),
      "no part of the site fails any more",
      "a part of the site fails still",
    ],
    [
      "another version",
      every(1, 3, (look) => ({
        ...siteAt(look, true),
        revision: { kind: "other", said: "71d0e2c", deployed: "9f3c2ab", always: true } as never,
      })),
      "the site answers with the right version",
      "the site answers with another version still",
    ],
  ] as const)("%s: is told as what it is", (_name, looks, over, goesOn) => {
    const troubles = troublesOf(found(looks, 12));
    expect([overWords(troubles), goesOnWords(troubles)]).toEqual([over, goesOn]);
  });

  test("is told of what goes on, not of what is over", () => {
    expect(troublesOf(found([...down, siteAt(4, true), ...storm], 4))).toEqual(["errors"]);
  });

  test("of an earlier version's verdict is what its figures say", () => {
    const old = { ...verdict("regressed", "act", true), about: "site" as const };
    expect(troublesOf(verdict("regressed", "act", true))).toEqual(["errors"]);
    expect(troublesOf({ ...old, figures: { ...old.figures, siteUp: false } })).toEqual(["down"]);
    expect([troubleWords(troublesOf(old)), whetherWords(troublesOf(old))]).toEqual(["something is wrong", "it ends"]);
    expect(troublesOf(verdict("healthy"))).toEqual([]);
  });
});

test("a verdict is as old as the newest look that saw what is wrong, and a gap sees nothing", () => {
  const gaps = every(4, 9, (look) => gapAt(look, "http"));
  expect(found([...down, ...gaps], 9)).toMatchObject({ level: "act", ongoing: true, seenAt: minute(3) });
  // What Sentry sees says nothing of the site.
  const quiet = every(1, 9, (look) => errorsAt(look, 0));
  expect(found([...down, ...gaps, ...quiet], 9).seenAt).toEqual(minute(3));
  expect(found([...down, siteAt(4, false)], 4).seenAt).toEqual(minute(4));
});
