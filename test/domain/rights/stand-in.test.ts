import { describe, expect, test } from "vitest";
import { approved, DORA, environmentOf, modelOf, OLAF, person, PETRA, rechecked, stateOf, type Model } from "../model.ts";
import { HOUR, TWO, by, waiting, yes, titleOf } from "./two-approvers.ts";

const petra = { id: "UPETRA", name: "Petra" };
const BEA = person("UBEA", { standsInFor: [petra] });

const inDays = (model: Model, days: number): Date => new Date(model.now.getTime() + days * 24 * HOUR);

describe("a stand-in", () => {
  test("says yes by the right of whom they stand in for, and is recorded as that", () => {
    const model = modelOf();
    const id = waiting(model);
    model.must(approved(model, id, BEA));
    expect(model.snapshot.approvals[0]?.actor).toEqual({ kind: "slack", id: "UBEA", name: "ubea", for: petra });
    model.must(rechecked(model, { standIns: [{ from: "UPETRA", to: "UBEA" }] }));
    expect(model.state(id)).toBe("executing");
  });

  test("is nobody any more once the right was taken back, whatever they said before", () => {
    const model = modelOf();
    const id = waiting(model);
    model.must(approved(model, id, BEA));
    model.must(rechecked(model));
    expect(stateOf(model, id, "awaiting_approval").voided).toBe("who approved it may not approve any more");
  });

  test("adds no second yes to that of whom they stand in for, in either order", () => {
    for (const [first, second] of [
      [PETRA, BEA],
      [BEA, PETRA],
    ] as const) {
      const model = modelOf(environmentOf([TWO]));
      const id = waiting(model);
      model.must(approved(model, id, first));
      expect(titleOf(yes(model, id, second))).toMatch(/^Not counted twice: .* said yes to #1 by the same right\.$/u);
      model.must(approved(model, id, OLAF));
      expect(model.state(id)).toBe("queued");
    }
  });

  test.each([
    ["what they wrote", { changes: by("UBEA") }, "you wrote part of this"],
    ["what they asked for", { standing: BEA }, "you asked for this deployment"],
    ["what whom they stand in for wrote", { changes: by("UPETRA") }, "you stand in for Petra, whose own change or request this is"],
    ["what whom they stand in for asked for", { standing: PETRA }, "you stand in for Petra, whose own change or request this is"],
  ])("may not say yes to %s", (_what, over, says) => {
    const model = modelOf();
    const id = waiting(model, over);
    expect(titleOf(yes(model, id, BEA))).toContain(says);
    expect(model.snapshot.approvals).toEqual([]);
  });

  test("uses a right of their own first", () => {
    const model = modelOf();
    const id = waiting(model);
    model.must(approved(model, id, { ...OLAF, standsInFor: [petra] }));
    expect(model.snapshot.approvals[0]?.actor).toEqual(OLAF.actor);
  });
});

describe("giving one's right to somebody", () => {
  const bea = { id: "UBEA", name: "Bea", unfit: null };
  test("is written, told to the stand-in, and recorded", () => {
    const model = modelOf();
    const until = inDays(model, 3);
    const done = model.must({ kind: "delegate", standing: PETRA, to: bea, until });
    expect(done.changes).toEqual([{ kind: "delegate", delegation: { app: "shop", from: "UPETRA", to: "UBEA", until, at: model.now } }]);
    expect(done.effects).toMatchObject([{ kind: "notice", to: "UBEA", app: "shop" }]);
    expect(model.history.at(-1)).toMatchObject({ kind: "delegated", actor: PETRA.actor, body: { app: "shop", to: "UBEA" } });
    model.must({ kind: "undelegate", standing: PETRA, to: bea });
    expect(model.history.at(-1)).toMatchObject({ kind: "undelegated", body: { to: "UBEA" } });
  });

  test.each([
    ["a bystander", DORA, bea, 3, "only approvers"],
    ["a stand-in: no chains", BEA, { ...bea, id: "UEVE" }, 3, "nobody a right that was given to them"],
    ["to oneself", PETRA, { ...bea, id: "UPETRA" }, 3, "it is your right already"],
    ["to a bot", PETRA, { ...bea, unfit: "bots decide nothing here." }, 3, "bots decide nothing here"],
    ["for too long", PETRA, bea, 31, "30 days is the longest"],
    ["until a time that has passed", PETRA, bea, -1, "that time has passed"],
  ])("is refused: %s", (_who, standing, to, days, says) => {
    const model = modelOf();
    expect(model.refused({ kind: "delegate", standing, to, until: inDays(model, days) }).title).toContain(says);
  });
});
