import { expect, test } from "vitest";
import { errorsStopped } from "../../src/domain/aftermath.ts";
import type { Measurement, NewIssue, Sample } from "../../src/domain/measurement.ts";

const SWITCHED = new Date("2026-03-02T09:00:00Z");
const seconds = (after: number): Date => new Date(SWITCHED.getTime() + after * 1000);

type Seen = { readonly lastEventAt?: Date; readonly newIssues?: readonly NewIssue[]; readonly again?: readonly Sample[] };

/** A look each minute after the rollback; an hour before there was one error a minute. */
function looks(...seen: readonly Seen[]): readonly Measurement[] {
  return seen.map(({ lastEventAt = seconds(-5), newIssues = [], again = [] }, index) => {
    const at = seconds(60 * (index + 1));
    return {
      monitor: "sentry",
      look: index + 1,
      at,
      kind: "errors",
      after: { from: seconds(-600), to: at, events: 9, users: 9 },
      before: { from: seconds(-4200), to: seconds(-600), events: 60, users: 60 },
      beforePerMinute: Array.from({ length: 60 }, () => 1),
      newIssues,
      lastEventAt,
      signal: "proven",
      again,
    };
  });
}

const perMinute = (...events: readonly number[]): readonly Sample[] =>
  events.map((count) => ({ minutes: 1, exposure: null, events: count, users: count }));

function crash(lastSeen: Date): NewIssue {
  const text = { id: "1", title: "KeyError", place: null, url: null };
  return { ...text, events: 9, users: 9, unhandled: true, firstSeen: seconds(-500), lastSeen };
}

test.each<[string, readonly Seen[], boolean | null]>([
  ["nobody could look", [], null],
  ["no error since", [{}, {}], true],
  ["an error since", [{}, { lastEventAt: seconds(70) }], false],
  [
    "a single late one, then two quiet looks",
    [{ lastEventAt: seconds(20) }, { lastEventAt: seconds(20) }, { lastEventAt: seconds(20) }, { lastEventAt: seconds(20) }],
    true,
  ],
  ["its new crash goes on in the earlier version", [{}, { newIssues: [crash(seconds(110))] }], false],
  ["its new crash is over", [{}, { newIssues: [crash(seconds(-10))] }], true],
  ["the earlier version errs as it did before", [{}, { again: perMinute(1, 2, 1) }], true],
  ["the earlier version errs more, and a minute is too little to say so", [{ again: perMinute(6) }], null],
  ["the earlier version errs as much as the other did", [{}, { again: perMinute(9, 9, 9) }], false],
])("after a rollback: %s", (_name, seen, stopped) => {
  expect(errorsStopped(looks(...seen), SWITCHED)).toBe(stopped);
});
