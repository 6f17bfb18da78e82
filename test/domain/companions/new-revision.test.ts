import { describe, expect, test } from "vitest";
import { pendingFound } from "../../../src/domain/django/record.ts";
import { gate } from "../../../src/domain/gate.ts";
import { approved, APPROVAL, ended, newId, NOTHING, offered, PETRA, rechecked, requested, sha } from "../model.ts";
import { theme, themes, passed, world, passes, comes, goesLive, live, back } from "./shop-with-theme.ts";

describe("a companion's new revision", () => {
  test("brings what is live already once more, and only once", () => {
    const model = world();
    live(model, 1);
    expect(goesLive(model, 1)).toBeNull();
    passes(model, 2);
    const again = model.get(live(model, 1));
    expect(again).toMatchObject({ revision: sha(1), from: sha(1), plan: { companions: themes(2) } });
    expect(goesLive(model, 1)).toBeNull();
  });

  test("brings the newest candidate alone", () => {
    const model = world();
    live(model, 1);
    live(model, 2);
    passes(model, 2);
    expect(goesLive(model, 1)).toBeNull();
    expect(goesLive(model, 2)).not.toBeNull();
  });

  test("plans anew what waits: the yes was for another set, and it says for which it is asked now", () => {
    const model = world([APPROVAL]);
    const command = offered(1, comes(model, 1));
    model.must(command);
    model.must(approved(model, command.id));
    expect(model.state(command.id)).toBe("queued");
    passes(model, 2);
    const applied = { name: "colours.0002_dark", class: "additive", operations: [] } as const;
    const changes = { ...NOTHING, migrations: pendingFound([applied], "the repository") };
    model.must(rechecked(model, { anew: { [command.id]: { changes, containsBlocked: null, companions: themes(2) } } }));
    expect(model.get(command.id)).toMatchObject({
      plan: { companions: themes(2), migrations: [{ name: "colours.0002_dark" }] },
      changes,
      state: { state: "awaiting_approval", voided: "it comes with acme/shop-theme 0000000 now, which changed after it was approved" },
    });
    expect(goesLive(model, 1)).toBeNull();
    model.must(approved(model, command.id));
    model.must(rechecked(model));
    expect(model.state(command.id)).toBe("executing");
  });

  test("a person may ask for what is live as soon as it comes with another one", () => {
    const model = world([APPROVAL]);
    const first = requested(1, comes(model, 1));
    model.must(first);
    model.must(approved(model, first.id));
    model.must(rechecked(model));
    model.must(ended(first.id));
    expect(model.refused(requested(1, comes(model, 1))).reasons.map(({ rule }) => rule)).toEqual(["live"]);
    passes(model, 2);
    model.must(requested(1, comes(model, 1)));
  });

  test("is not brought by what was looked at with another one: that is done once more", () => {
    const model = world([APPROVAL]);
    const early = comes(model, 1);
    const [first, asks, third] = [offered(1, early), requested(1, early), offered(1, early)];
    passes(model, 2);
    expect(model.refused(first).title).toContain("changed while it was looked at");
    expect(model.snapshot).toMatchObject({ candidates: [], open: [] });
    expect(model.refused(asks)).toMatchObject({
      title: "Not deployed: what comes with it changed while you asked.",
      change: "Ask once more.",
    });
    model.must({ ...third, companions: themes(2) });
    const reject = { kind: "reject", standing: PETRA, deployment: third.id, reason: "not now" } as const;
    model.must(reject);
    const again = { ...asks, kind: "offer_again", deployment: third.id, standing: PETRA, id: newId() } as const;
    expect(model.refused(again).title).toBe("Not offered again: what comes with it changed while you asked.");
    model.must({ ...again, companions: themes(2) });
  });

  test("passes while what waits is looked at: nothing starts before it was looked at too", () => {
    const model = world();
    const command = offered(1, comes(model, 1));
    model.must(command);
    const found = (number: number) => ({ anew: { [command.id]: { changes: NOTHING, containsBlocked: null, companions: themes(number) } } });
    passes(model, 2);
    for (const over of [{}, found(3)]) {
      expect(model.must(rechecked(model, over)).effects).toContainEqual({ kind: "recheck", at: null });
      expect(model.get(command.id)).toMatchObject({ state: { state: "queued" }, plan: { companions: themes(1) } });
    }
    model.must(rechecked(model, found(2)));
    expect(model.get(command.id)).toMatchObject({ state: { state: "executing" }, plan: { companions: themes(2) } });
  });

  test("that was looked at is gone again: its plan did not change, and waits for its own look", () => {
    const model = world();
    const command = offered(1, comes(model, 1));
    model.must(command);
    model.must(rechecked(model, { anew: { [command.id]: { changes: NOTHING, containsBlocked: null, companions: themes(2) } } }));
    expect(model.get(command.id)).toMatchObject({ state: { state: "queued" }, plan: { companions: themes(1) } });
    model.must(rechecked(model));
    expect(model.state(command.id)).toBe("executing");
  });

  test("that contains what was rolled back is held, though its list does not say so, until that is allowed again", () => {
    const model = world();
    live(model, 1);
    passes(model, 2);
    const second = live(model, 2);
    const rollback = back(second);
    model.must(rollback);
    model.must(ended(rollback.id));
    model.snapshot = { ...model.snapshot, passed: [passed(1)], lock: null };
    const waits = offered(3, comes(model, 3));
    model.must(waits);
    passes(model, 3);
    const anew = { [waits.id]: { changes: NOTHING, containsBlocked: theme(2), companions: themes(3) } };
    model.must(rechecked(model, { anew }));
    expect(model.get(waits.id)).toMatchObject({ state: { state: "queued", blockers: [{ rule: "blocked_commit" }] } });
    model.must({ kind: "allow_again", standing: PETRA, deployment: second, reason: "it was the database" });
    model.must(rechecked(model));
    expect(model.state(waits.id)).toBe("executing");
  });

  test("may be asked for while the same version is on its way with another one, and not twice", () => {
    const model = world();
    const first = requested(1, comes(model, 1));
    model.must(first);
    model.must(rechecked(model));
    expect(model.refused(requested(1, comes(model, 1))).title).toBe("Not asked twice: #1 brings this version to production already.");
    passes(model, 2);
    model.must(requested(1, comes(model, 1)));
    expect(model.refused(requested(1, comes(model, 1))).title).toBe("Not asked twice: #2 brings this version to production already.");
  });

  test("one that is taken back by CI holds what waits for it", () => {
    const model = world([APPROVAL]);
    const command = offered(1, comes(model, 1));
    model.must(command);
    model.snapshot = { ...model.snapshot, passed: [] };
    model.must(rechecked(model));
    expect(gate(model.snapshot, model.get(command.id), model.now).map(({ text }) => text)).toContain(
      "No version of acme/shop-theme on main passed all that is required yet. Have its CI run there once more, or push to it.",
    );
  });
});
