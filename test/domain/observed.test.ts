import { describe, expect, test } from "vitest";
import { liveNow, observe, observedRecords, type Observed, type ObservedSign } from "../../src/domain/observed.ts";
import { liveRevision } from "../../src/domain/environment.ts";
import { APPROVAL, DORA, environmentOf, modelOf, MONDAY, newId, PETRA, rechecked, requested, sha, type Model } from "./model.ts";

const BY_CI = ["deploy: by_ci", "by_ci: { environment: production }"];

function at(minutes: number): Date {
  return new Date(MONDAY.getTime() + minutes * 60_000);
}

function sign(externalId: string, version: number, state: ObservedSign["state"], minutes: number): ObservedSign {
  return { externalId, revision: sha(version), state, url: null, log: `https://git.acme.test/${externalId}`, by: null, at: at(minutes) };
}

/** Every order of these. */
function orders<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const [first, ...rest] = items;
  if (first === undefined) return [[]];
  return orders(rest).flatMap((shorter) =>
    Array.from({ length: shorter.length + 1 }, (_, place) => [...shorter.slice(0, place), first, ...shorter.slice(place)]),
  );
}

function liveIn(model: Model): string | null {
  const live = liveRevision(model.snapshot);
  return live === null ? null : `${live.revision} ${live.since.toISOString()} ${live.source}`;
}

describe("what CI deploys", () => {
  const said = [
    sign("1", 1, "started", 0),
    sign("1", 1, "live", 2),
    sign("2", 2, "started", 3),
    sign("2", 2, "live", 5),
    sign("1", 1, "inactive", 5),
    sign("3", 3, "failed", 7),
  ];

  test("ends in the same state in whatever order it is told, and however often", () => {
    const ends = new Set<string>();
    for (const order of orders(said)) {
      const model = modelOf(environmentOf(BY_CI), { observed: [] });
      for (const each of [...order, ...order.slice(0, 2)]) model.must({ kind: "observed", sign: each });
      const known = (model.snapshot.observed ?? []).toSorted((a, b) => (a.externalId < b.externalId ? -1 : 1));
      ends.add(JSON.stringify([known, liveIn(model)]));
    }
    expect(ends.size).toBe(1);
    expect([...ends][0]).toContain(`${sha(2)} ${at(5).toISOString()} ci`);
  });

  test("never moves back to what was said to be live earlier", () => {
    for (const order of orders(said)) {
      const model = modelOf(environmentOf(BY_CI), { observed: [] });
      let newest = 0;
      for (const each of order) {
        model.must({ kind: "observed", sign: each });
        const since = liveRevision(model.snapshot)?.since.getTime() ?? 0;
        expect(since).toBeGreaterThanOrEqual(newest);
        newest = since;
      }
    }
  });

  test("a deployment of an older version that came later is what is live: CI rolled back", () => {
    const all = [sign("8", 1, "live", 0), sign("9", 2, "live", 10), sign("10", 1, "live", 20)].map((each) => observe(null, each));
    expect(liveNow(all)?.externalId).toBe("10");
    expect(observedRecords(all).map((record) => [record.revision, record.number])).toEqual([
      [sha(1), 3],
      [sha(2), 2],
      [sha(1), 1],
    ]);
  });

  test("the same word twice is written once", () => {
    const model = modelOf(environmentOf(BY_CI), { observed: [] });
    expect(model.must({ kind: "observed", sign: sign("1", 1, "live", 0) }).history).toHaveLength(1);
    expect(model.must({ kind: "observed", sign: sign("1", 1, "live", 0) })).toMatchObject({ changes: [], history: [], effects: [] });
  });

  test("something that began, failed or was closed is live nowhere", () => {
    const all: Observed[] = (["started", "failed", "inactive", "stopped"] as const).map((state, index) =>
      observe(null, sign(String(index), 1, state, index)),
    );
    expect(liveNow(all)).toBeNull();
    expect(observedRecords(all)).toEqual([]);
  });

  test("is not recorded where Greenlight deploys", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    expect(model.must({ kind: "observed", sign: sign("1", 1, "live", 0) }).changes).toEqual([]);
  });

  test("what we deployed ourselves is not undone by a delivery from before that", () => {
    const ours = { host: "web-1", revision: sha(5), since: at(60), deploymentId: newId(), source: "ours" as const };
    const model = modelOf(environmentOf(BY_CI), { observed: [], live: [ours] });
    model.must({ kind: "observed", sign: sign("1", 1, "live", 10) });
    expect(model.snapshot.live).toEqual([ours]);
  });
});

describe("an environment that CI deploys", () => {
  test("refuses to deploy, and says who does", () => {
    const refusal = modelOf(environmentOf(BY_CI)).refused(requested(2));
    expect(refusal).toMatchObject({
      title: "Not deployed: CI does that in production.",
      who: "CI, by its job for production.",
      change: "Run its job for production in CI.",
    });
    expect(refusal.reasons.map((reason) => reason.owner)).toEqual(["deploy: by_ci in greenlight.yml"]);
  });

  test("lets nothing start that waited when the configuration gave it away", () => {
    const before = modelOf(environmentOf([APPROVAL]));
    const command = requested(2, { standing: DORA });
    before.must(command);
    const model = modelOf(environmentOf(BY_CI), { open: before.snapshot.open });
    model.must(rechecked(model));
    expect(model.state(command.id)).toBe("cancelled");
    expect(model.history.map((entry) => entry.kind)).toEqual(["cancelled"]);
  });

  test("refuses a rollback of what was deployed there before", () => {
    const before = modelOf(environmentOf([APPROVAL]));
    const command = requested(2);
    before.must(command);
    const model = modelOf(environmentOf(BY_CI), { open: before.snapshot.open });
    const refusal = model.refused({ kind: "roll_back", standing: PETRA, deployment: command.id, reason: null, id: newId() });
    expect(refusal.title).toBe("Not rolled back: CI does that in production.");
  });
});
