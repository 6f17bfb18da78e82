import { describe, expect, test } from "vitest";
import { aftermathMonitors, aftermathOf, aftermathWords, helped, isLastLook, type Aftermath } from "../../src/domain/aftermath.ts";
import type { Deployment } from "../../src/domain/deployment.ts";
import type { Measurement, NewIssue, Sample, SiteSeen, Trouble, Verdict } from "../../src/domain/measurement.ts";
import { AUTOMATIC, ended, environmentOf, healthy, live, measured, modelOf, newId, PETRA, sha, verdict } from "./model.ts";

const SWITCHED = new Date("2026-03-02T09:00:00Z");
const seconds = (after: number): Date => new Date(SWITCHED.getTime() + after * 1000);

/** A deployment that was rolled back for this, with its rollback, live since the switch. */
function rolledBackFor(seen: Verdict, monitors: "both" | "sentry" | "http" = "both") {
  const sentry = monitors === "http" ? "" : "sentry: { project: shop, environment: production, organization: acme },";
  const http = monitors === "sentry" ? "" : 'http: { url: "https://shop.acme.test/health" },';
  const model = modelOf(environmentOf([AUTOMATIC, `watch: { for: 30m, ${sentry} ${http} on_regression: offer }`]));
  healthy(model, 1);
  const id = live(model, 2);
  model.must(measured(id, seen));
  model.must({ kind: "roll_back", standing: PETRA, deployment: id, reason: null, id: newId() });
  const rollback = model.snapshot.open.find((one) => one.kind === "rollback");
  model.must(ended(rollback?.id ?? id));
  const found = (kind: Deployment["kind"]): Deployment => {
    const one = model.snapshot.past.find((deployment) => deployment.kind === kind && deployment.number > 1);
    if (one === undefined) throw new Error(`no ${kind}`);
    return kind === "rollback" ? { ...one, liveAt: SWITCHED } : one;
  };
  return { original: found("deploy"), rollback: found("rollback") };
}

function regression(troubles: readonly Trouble[], figures: Partial<Verdict["figures"]> = {}): Verdict {
  const bad = verdict("regressed", "propose", true);
  return { ...bad, troubles, ...(troubles.includes("errors") ? {} : { about: "site" }), figures: { ...bad.figures, ...figures } };
}

type Seen = {
  readonly lastEventAt?: Date;
  readonly lastEventFrom?: Date;
  readonly newIssues?: readonly NewIssue[];
  readonly again?: readonly Sample[];
  /** An hour before there was one error a minute, or none. */
  readonly quietBefore?: true;
};

/** A look each minute after the rollback. */
function looks(...seen: readonly Seen[]): readonly Measurement[] {
  return seen.map(({ lastEventAt = seconds(-5), newIssues = [], again = [], quietBefore, ...rest }, index) => {
    const perMinute = quietBefore === true ? 0 : 1;
    const at = seconds(60 * (index + 1));
    return {
      monitor: "sentry",
      look: index + 1,
      at,
      kind: "errors",
      after: { from: seconds(-600), to: at, events: 9, users: 9 },
      before: { from: seconds(-4200), to: seconds(-600), events: 60 * perMinute, users: 60 * perMinute },
      beforePerMinute: Array.from({ length: 60 }, () => perMinute),
      newIssues,
      lastEventAt,
      signal: "proven",
      again,
      ...rest,
    };
  });
}

/** A look at the site each minute after the rollback. */
function probes(...seen: readonly Partial<SiteSeen>[]): readonly Measurement[] {
  return seen.map((one, index) => {
    const usual: SiteSeen = { kind: "site", up: true, latencyMs: 40, detail: "HTTP 200" };
    return { ...usual, ...one, kind: "site", monitor: "http", look: index + 1, at: seconds(60 * (index + 1)) };
  });
}

/** Beside two looks at which the site answers. */
function withAnswers(errors: readonly Measurement[]): readonly Measurement[] {
  return [...errors, ...probes({}, {})].toSorted((a, b) => a.look - b.look);
}

const perMinute = (...events: readonly number[]): readonly Sample[] =>
  events.map((count) => ({ minutes: 1, exposure: null, events: count, users: count }));

const BEGUN: Sample = { minutes: 0.01, exposure: null, events: 0, users: 0 };

/** The newest errors are in an interval of so many seconds, which ends so long after the switch. */
const countedUntil = (end: number, length: number): Seen => ({ lastEventFrom: seconds(end - length), lastEventAt: seconds(end) });

function crash(lastSeen: Date): NewIssue {
  const text = { id: "1", title: "KeyError", place: null, url: null };
  return { ...text, events: 9, users: 9, unhandled: true, firstSeen: seconds(-500), lastSeen };
}

test.each<[string, readonly Seen[], keyof Aftermath]>([
  ["nobody could look", [], "open"],
  ["no error since", [{}, {}], "over"],
  ["an error since", [{}, { lastEventAt: seconds(70) }], "goesOn"],
  [
    "a single late one, then two quiet looks",
    [{ lastEventAt: seconds(20) }, { lastEventAt: seconds(20) }, { lastEventAt: seconds(20) }, { lastEventAt: seconds(20) }],
    "over",
  ],
  ["its new crash goes on in the earlier version", [{}, { newIssues: [crash(seconds(110))] }], "goesOn"],
  ["its new crash is over", [{}, { newIssues: [crash(seconds(-10))] }], "over"],
  ["the earlier version errs as it did before", [{}, { again: perMinute(1, 2, 1) }], "over"],
  ["the earlier version errs more, and a minute is too little to say so", [{ again: perMinute(6) }], "open"],
  ["the earlier version errs as much as the other did", [{}, { again: perMinute(9, 9, 9) }], "goesOn"],
  ["the earlier version erred at its start, where there were none before", [{}, { again: perMinute(5, 0, 0), quietBefore: true }], "over"],
  ["the earlier version errs on, and its newest interval has just begun", [{}, { again: [...perMinute(9, 9), BEGUN] }], "goesOn"],
  ["one in ten seconds that began before the switch, and none after them", [countedUntil(8, 10), countedUntil(8, 10)], "over"],
  ["one in a minute that began before the switch, and nothing is known after it", [countedUntil(55, 60)], "open"],
  [
    "its crash a second before the switch, in a minute that ends after it",
    [{}, { ...countedUntil(55, 60), newIssues: [crash(seconds(-1))] }],
    "over",
  ],
  ["its crash after the switch, in such a minute", [{ ...countedUntil(55, 60), newIssues: [crash(seconds(40))] }], "goesOn"],
])("errors after a rollback: %s", (_name, seen, kind) => {
  const { original } = rolledBackFor(regression(["errors"]));
  expect(aftermathOf(original, looks(...seen), SWITCHED)[kind]).toEqual(["errors"]);
});

const OTHER = { revision: { kind: "other", said: "9f3c2ab", deployed: sha(2), always: true } } as const;
const SLOW = { slowPage: "/pay", latencyBeforeMs: 100 };
const took = (ms: number): Partial<SiteSeen> => ({
  samples: [
    { page: "/pay", samplesMs: [ms, ms] },
    { page: "/report", samplesMs: [3000] },
  ],
});

test.each<[Trouble, string, Partial<Verdict["figures"]>, readonly Partial<SiteSeen>[], keyof Aftermath]>([
  ["down", "answers at two looks", { siteUp: false }, [{ up: false }, {}, {}], "over"],
  ["down", "answers at one look alone", { siteUp: false }, [{ up: false }, {}], "open"],
  ["down", "does not answer", { siteUp: false }, [{ up: false }, { up: false }], "goesOn"],
  ["part", "fails nowhere", {}, [{ failing: [{ page: "/", failed: 1, probes: 5 }] }, {}], "over"],
  ["part", "fails at half of the probes", {}, [{}, ...[1, 2].map(() => ({ failing: [{ page: "/", failed: 3, probes: 5 }] }))], "goesOn"],
  ["revision", "says the earlier version", {}, [1, 2].map(() => ({ revision: { kind: "deployed" } })), "over"],
  ["revision", "says another one", {}, [OTHER, OTHER], "goesOn"],
  ["revision", "says none", {}, [1, 2, 3].map(() => ({ revision: { kind: "unsaid" } })), "open"],
  ["slow", "is as fast as before, beside a page that always takes long", SLOW, [took(900), took(110), took(120)], "over"],
  ["slow", "is slow when it is warm", SLOW, [took(900), took(900), took(900), took(900), took(900)], "goesOn"],
  ["slow", "is slow, and cold", SLOW, [took(900), took(900)], "open"],
  ["slow", "was never slow, but its traced requests", {}, [took(100), took(100)], "unverified"],
  ["requests", "cannot be asked", {}, [{}, {}], "unverified"],
])("after a rollback for %s: the site %s", (trouble, _name, figures, seen, kind) => {
  const { original: rolledBack } = rolledBackFor(regression([trouble], figures));
  expect(aftermathOf(rolledBack, probes(...seen), SWITCHED)[kind]).toEqual([trouble]);
});

describe("whether a rollback helped", () => {
  test("is asked of each monitor that saw something wrong, and all of it has to be over", () => {
    const { original: rolledBack, rollback } = rolledBackFor(regression(["down", "errors"], { siteUp: false }));
    expect(aftermathMonitors(rolledBack)).toEqual(["sentry", "http"]);
    const errsOn = withAnswers(looks({}, { lastEventAt: seconds(70) }));
    expect(aftermathWords(rolledBack, aftermathOf(rolledBack, errsOn, SWITCHED))).toBe(
      "The site answers again, but the errors have not stopped, so this deployment is probably not what causes that.",
    );
    const over = withAnswers(looks({}, {}));
    expect(helped(rolledBack, rollback, over)).toBe("stopped");
    expect(aftermathWords(rolledBack, aftermathOf(rolledBack, over, SWITCHED))).toBe(
      "The site answers again and the errors have stopped; the last one came at 2026-03-02T08:59:55.000Z.",
    );
  });

  test("of a slow site says nothing of errors, and is not asked of Sentry", () => {
    const { original: rolledBack, rollback } = rolledBackFor(regression(["slow"], { siteUp: true, ...SLOW }));
    expect(aftermathMonitors(rolledBack)).toEqual(["http"]);
    const fast = probes(took(110), took(120));
    expect(helped(rolledBack, rollback, fast)).toBe("stopped");
    expect(aftermathWords(rolledBack, aftermathOf(rolledBack, fast, SWITCHED))).toBe("It is as fast as before.");
  });

  test("is not claimed of what nobody can measure again, which wakes nobody where the rest is over", () => {
    const { original: rolledBack, rollback } = rolledBackFor(regression(["errors", "requests"]));
    const known = aftermathOf(rolledBack, looks({}, {}), SWITCHED);
    expect(isLastLook(2, known)).toBe(true);
    expect(aftermathWords(rolledBack, known)).toMatch(/^The errors stopped at .*Z\. Whether fewer requests fail is not verified\.$/u);
    expect(helped(rolledBack, rollback, looks({}, {}))).toBe("stopped");
    const alone = rolledBackFor(regression(["requests"]));
    expect(helped(alone.original, alone.rollback, [])).toBe("unseen");
    expect(aftermathWords(alone.original, aftermathOf(alone.original, [], SWITCHED))).toBe("Whether fewer requests fail is not verified.");
  });

  test("says when the last error came, not when the interval ended in which it was counted", () => {
    const { original: rolledBack } = rolledBackFor(regression(["errors"]));
    const seen = looks({}, { ...countedUntil(8, 10), newIssues: [crash(seconds(-1))] });
    expect(aftermathWords(rolledBack, aftermathOf(rolledBack, seen, SWITCHED))).toBe("The errors stopped at 2026-03-02T08:59:59.000Z.");
  });

  test("is not verified where nobody could tell until the last look", () => {
    const { original: rolledBack, rollback } = rolledBackFor(regression(["down"], { siteUp: false }));
    const flapping = probes(...Array.from({ length: 10 }, (_, index) => ({ up: index % 2 === 0 })));
    expect(helped(rolledBack, rollback, flapping.slice(0, 9))).toBe("looking");
    expect(helped(rolledBack, rollback, flapping)).toBe("unseen");
    expect(aftermathOf(rolledBack, flapping, SWITCHED)).toMatchObject({ open: [], unverified: ["down"] });
  });

  test("is nothing to say where nothing was wrong", () => {
    const { original: rolledBack } = rolledBackFor(verdict("inconclusive"));
    expect(aftermathMonitors(rolledBack)).toEqual([]);
    expect(aftermathWords(rolledBack, aftermathOf(rolledBack, [], SWITCHED))).toBeNull();
  });
});
