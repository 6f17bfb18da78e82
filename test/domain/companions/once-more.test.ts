import { describe, expect, test } from "vitest";
import type { PassedRevision } from "../../../src/domain/companion.ts";
import { gate } from "../../../src/domain/gate.ts";
import { approved, AUTOMATIC, APPROVAL, offered, PETRA, rechecked, sha } from "../model.ts";
import { AFTER, themes, passed, world, passes, comes, goesLive, live, record } from "./shop-with-theme.ts";

const lost = (number: number): PassedRevision => ({ ...passed(number), lost: true });

describe("a companion that CI does once more", () => {
  const WAITS = "acme/shop-theme 0000000 has to pass on main once more, or a newer one.";

  test("is waited for: nothing goes back to the one before it, and the newest comes when it has passed again", () => {
    const model = world();
    live(model, 1);
    passes(model, 2);
    live(model, 1);
    model.snapshot = { ...model.snapshot, passed: [lost(2), passed(1)] };
    expect(goesLive(model, 1)).toBeNull();
    expect(goesLive(model, 2)).toBeNull();
    expect(model.history.at(-1)?.body).toMatchObject({ notOffered: WAITS });
    model.snapshot = { ...model.snapshot, passed: [passed(2), passed(1)] };
    expect(model.get(live(model, 2)).plan.companions).toEqual(themes(2));
  });

  test("takes nothing from what waits with it: the yes stays, and it starts when it has passed again", () => {
    const model = world([APPROVAL]);
    const { id } = ((command) => (model.must(command), command))(offered(1, comes(model, 1)));
    model.must(approved(model, id));
    for (const now of [[], [lost(1)]]) {
      model.snapshot = { ...model.snapshot, passed: now };
      model.must(rechecked(model));
      expect(model.state(id)).toBe("queued");
    }
    expect(gate(model.snapshot, model.get(id), model.now).map(({ text }) => text)).toEqual([WAITS]);
    model.snapshot = { ...model.snapshot, passed: [passed(1)] };
    model.must(rechecked(model));
    expect(model.state(id)).toBe("executing");
  });

  test("holds it behind another environment too, where a newer one changes nothing", () => {
    const after = [record(1, themes(1), 1)];
    const model = world([AFTER, AUTOMATIC], { after, passed: [passed(2), lost(1)] });
    expect(goesLive(model, 1)).toBeNull();
    expect(model.history.at(-1)?.body).toMatchObject({ notOffered: "acme/shop-theme 0000000 has to pass on main once more." });
    model.snapshot = { ...model.snapshot, passed: [passed(2)] };
    expect(model.get(live(model, 1)).plan.companions).toEqual(themes(1));
  });

  test("comes again when something else took its place, though it was there before", () => {
    const model = world();
    live(model, 1);
    passes(model, 2);
    live(model, 1);
    model.snapshot = { ...model.snapshot, passed: [passed(1)] };
    live(model, 1);
    passes(model, 2);
    expect(model.get(live(model, 1)).plan.companions).toEqual(themes(2));
    expect(goesLive(model, 1)).toBeNull();
  });

  test("is not asked for again where somebody said no to it", () => {
    const model = world([APPROVAL]);
    const { id } = ((command) => (model.must(command), command))(offered(1, comes(model, 1)));
    model.must({ kind: "reject", standing: PETRA, deployment: id, reason: "not today" });
    model.snapshot = { ...model.snapshot, passed: [lost(1)] };
    expect(goesLive(model, 1)).toBeNull();
    model.snapshot = { ...model.snapshot, passed: [passed(1)] };
    expect(goesLive(model, 1)).toBeNull();
  });
});

describe("servers that run something else than is recorded, found when it starts", () => {
  test.each([
    { name: "another one has passed", now: [passed(2), passed(1)] },
    { name: "CI does its own once more", now: [] },
  ])("it goes on with what it was started with, though $name", ({ now }) => {
    const model = world();
    const { id } = ((command) => (model.must(command), command))(offered(1, comes(model, 1)));
    model.must(rechecked(model));
    expect(model.state(id)).toBe("executing");
    model.snapshot = { ...model.snapshot, passed: now };
    const before = model.get(id).planHash;
    model.must({ kind: "drifted", deployment: id, hosts: [{ host: "web-1.acme.test", revision: sha(7) }] });
    expect(model.get(id)).toMatchObject({ state: { state: "executing" }, plan: { companions: themes(1) } });
    expect(model.get(id).planHash).not.toBe(before);
  });
});
