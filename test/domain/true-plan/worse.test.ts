import { describe, expect, test } from "vitest";
import { APPROVAL, approved, AUTOMATIC, ended, environmentOf, live, modelOf, PETRA, rechecked, sha } from "../model.ts";
import { ADDS, DROPS, found, startedWith } from "./shop-with-migrations.ts";

describe("a true plan that is worse than what was shown", () => {
  const worse = {
    kind: "worse",
    because: "orders.0003_remove_order_note (destructive) was not shown",
    migrations: found([DROPS]),
  } as const;

  test("asks people again, with the true plan, and their yes is void", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    live(model, 1);
    const id = startedWith(model, 2, found([ADDS]));
    const before = model.get(id);
    const old = approved(model, id);
    expect(before.plan.migrations).toEqual([{ name: ADDS.name, class: "additive" }]);
    model.must(ended(id, worse));
    const after = model.get(id);
    expect(after.state).toMatchObject({ state: "awaiting_approval", voided: expect.stringContaining("orders.0003_remove_order_note") });
    expect(after.plan.migrations).toEqual([{ name: DROPS.name, class: "destructive" }]);
    expect(after.planHash).not.toBe(before.planHash);
    expect(after.startedAt).toBeNull();
    expect(model.snapshot.mixed).toBe(false);
    expect(model.snapshot.live.every((host) => host.revision === sha(1))).toBe(true);
    expect(model.refused(old).title).toContain("has changed since this card was drawn");
    model.must(rechecked(model));
    expect(model.state(id)).toBe("awaiting_approval");
    model.must(approved(model, id, PETRA));
    model.must(rechecked(model));
    expect(model.state(id)).toBe("executing");
    model.must(ended(id));
    expect(model.get(id).liveAt).not.toBeNull();
  });

  test("fails where nobody is asked, and has changed nothing", () => {
    const model = modelOf({ ...environmentOf([AUTOMATIC]), onFailure: "rollback" });
    live(model, 1);
    const id = startedWith(model, 2, found([ADDS]));
    model.must(ended(id, worse));
    expect(model.state(id)).toBe("failed");
    expect(model.snapshot.mixed).toBe(false);
    expect(model.snapshot.open).toEqual([]);
    expect(model.get(id).changes.migrations?.applied).toEqual([]);
  });

  test("told twice is told once", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    const id = startedWith(model, 2, found([ADDS]));
    model.must(ended(id, worse));
    expect(model.refused(ended(id, worse)).title).toContain("past that");
  });
});
