import { describe, expect, test } from "vitest";
import type { Origin } from "../../../src/domain/measurement.ts";
import { judge } from "../../../src/domain/verdict/judge.ts";
import { WATCH, clockAt, errorsAt, every, gapAt, issue, siteAt } from "./looks.ts";

const ours: Origin = { kind: "servers", events: 100, all: 152, users: 9, usersOfIssue: { "1": 2 } };

function timed(look: number, ms: number) {
  return { ...siteAt(look, true), samples: [{ page: "/", samplesMs: [ms, ms + 1, ms + 2, ms + 3, ms + 4] }] };
}

function floodOf(origin: Origin | null) {
  return [errorsAt(1, 76, { users: 40, origin }), errorsAt(2, 152, { users: 40, origin })];
}

describe("what anybody on the internet may have sent does not act by itself", () => {
  test.each([
    { name: "from the deployed servers", origin: ours, lacks: null },
    { name: "from a project that only servers can send to", origin: { kind: "server_side" } as const, lacks: null },
    { name: "from nobody knows where", origin: null, lacks: "nobody knows whether the deployed servers sent them" },
    {
      name: "from strangers",
      origin: { ...ours, events: 0, users: 0 },
      lacks: "none of them names a deployed server as its sender",
    },
    {
      name: "mostly from strangers",
      origin: { ...ours, events: 10 },
      lacks: "most of them do not come from the deployed servers",
    },
    {
      name: "of one person",
      origin: { ...ours, users: 1 },
      lacks: "Sentry names only one person whom errors of the deployed servers hit",
    },
  ])("a flood $name", ({ origin, lacks }) => {
    const verdict = judge(WATCH, floodOf(origin), clockAt(2));
    expect(verdict).toMatchObject({ kind: "regressed", level: lacks === null ? "act" : "propose", ongoing: true });
    expect(verdict.lacks ?? null).toBe(lacks);
    const said = lacks === null ? "" : `; not enough to act upon: ${lacks}`;
    expect(verdict.why).toBe(`76 errors a minute, before 0.3${said}`);
  });

  test("a site that fails at the same time agrees, one that is only slow does not", () => {
    const down = [siteAt(0, true), ...every(1, 3, (look) => ({ ...siteAt(look, true), partly: "/cart: HTTP 502" }))];
    expect(judge(WATCH, [...floodOf(null), ...down], clockAt(3))).toMatchObject({ level: "act" });
    expect(judge(WATCH, down, clockAt(3))).toMatchObject({ level: "propose" });
    const slow = [timed(0, 180), ...every(1, 20, (look) => timed(look, 818))];
    expect(judge(WATCH, slow, clockAt(20)).why).toMatch(/^The site answers in 820 ms/);
    expect(judge(WATCH, [...floodOf(null), ...slow], clockAt(20))).toMatchObject({ level: "propose" });
  });

  test.each([
    { silent: 2, level: "act" },
    { silent: 3, level: "act" },
    { silent: 4, level: "propose" },
    { silent: 20, level: "propose" },
  ])("a site that failed and is silent for $silent min agrees only with what is lately: $level", ({ silent, level }) => {
    const failed = [siteAt(0, true), ...every(1, 3, (look) => ({ ...siteAt(look, true), partly: "/cart: HTTP 502" }))];
    const now = 3 + silent;
    const flood = every(1, now, (look) => errorsAt(look, 76 * look, { users: 40, origin: null }));
    const gaps = every(4, now, (look) => gapAt(look, "http"));
    expect(judge(WATCH, [...failed, ...flood, ...gaps], clockAt(now))).toMatchObject({ level, ongoing: true });
  });

  test("a new error acts by the people whom it hit there, not by those of others", () => {
    const newIssues = [issue({ events: 30, users: 30 })];
    const level = (origin: Origin) => judge(WATCH, [errorsAt(3, 1, { newIssues, origin })], clockAt(3)).level;
    expect(level(ours)).toBe("act");
    expect(level({ ...ours, usersOfIssue: { "1": 1, "2": 9 } })).toBe("propose");
  });

  test("what one look could not ask does not undo what was known", () => {
    const [first] = floodOf(ours);
    const [, second] = floodOf(null);
    if (first === undefined || second === undefined) throw new Error("two looks");
    expect(judge(WATCH, [first, second], clockAt(2)).level).toBe("act");
  });

  test("a proposal lacks nothing", () => {
    expect(judge(WATCH, [errorsAt(1, 76, { users: 1, origin: null })], clockAt(1)).lacks).toBeUndefined();
  });
});
