import { describe, expect, test } from "vitest";
import { gate } from "../../../src/domain/gate.ts";
import { wayKey, waysBack } from "../../../src/domain/way-back.ts";
import { AUTOMATIC, ended, measured, MINUTE, modelOf, newId, offered, PETRA, rechecked, sha, verdict } from "../model.ts";
import { watchedBy } from "../watched-shop.ts";
import { environmentOf, theme, themes, passed, world, passes, comes, goesLive, live, back } from "./shop-with-theme.ts";

describe("a rollback", () => {
  test("returns both, and only the companion where only that changed", () => {
    const model = world();
    live(model, 1);
    passes(model, 2);
    const second = live(model, 1);
    const command = back(second);
    model.must(command);
    expect(model.get(command.id)).toMatchObject({ revision: sha(1), from: sha(1), plan: { companions: themes(1) } });
    expect(
      model
        .get(command.id)
        .plan.steps.filter(({ id }) => id === "with-1")
        .map(({ argv }) => argv[4]),
    ).toEqual([theme(1), theme(1)]);
    // The app's own revision is what it went back to: that is not blocked.
    expect(model.snapshot.blocked.map(({ revision }) => revision)).toEqual([theme(2)]);
    model.must(ended(command.id));
    expect(goesLive(model, 1)).toBeNull();
    passes(model, 3);
    expect(goesLive(model, 1)).not.toBeNull();
  });

  test.each(["in_place", "releases"])("fetches from where the configuration says now, in layout %s", (layout) => {
    const moved = "git@git.acme.test:shop-theme.git";
    const model = world([AUTOMATIC], {}, layout);
    const first = model.get(live(model, 1));
    passes(model, 2);
    const { environment } = model.snapshot;
    const companions = (environment.companions ?? []).map((companion) => ({ ...companion, origin: moved }));
    model.snapshot = { ...model.snapshot, environment: { ...environment, companions } };
    const second = model.get(live(model, 1));
    const command = back(second.id);
    model.must(command);
    const { plan } = model.get(command.id);
    expect(plan.companions).toMatchObject([{ revision: theme(1), origin: moved }]);
    const folders = [first.plan, plan].map(({ steps }) => steps.find(({ id }) => id === "with-1")?.cwd);
    expect(folders[1]).toBe(folders[0]);
    const putBack = second.plan.putBack.filter(({ id }) => id === "back-with-1");
    expect(putBack.map(({ argv }) => argv[5])).toEqual(layout === "releases" ? [] : [moved, moved]);
  });

  test("of both blocks both, and nothing comes with the blocked one until it is allowed again", () => {
    const model = world();
    live(model, 1);
    passes(model, 2);
    const second = live(model, 2);
    const command = back(second);
    model.must(command);
    expect(model.get(command.id)).toMatchObject({ revision: sha(1), plan: { companions: themes(1) } });
    model.must(ended(command.id));
    expect(model.snapshot.blocked.map(({ revision }) => revision)).toEqual([sha(2), theme(2)]);
    const third = offered(3, comes(model, 3));
    model.must(third);
    expect(gate(model.snapshot, model.get(third.id), model.now).map(({ rule }) => rule)).toEqual(["blocked_commit"]);
    model.must({ kind: "allow_again", standing: PETRA, deployment: second, reason: "it was the database" });
    expect(model.snapshot.blocked).toEqual([]);
  });

  test("is offered each set that was live with one revision, each with its own word, and goes to the one that is chosen", () => {
    const model = world([AUTOMATIC, watchedBy("site")]);
    const first = live(model, 1);
    model.pass(30 * MINUTE);
    model.must(measured(first, verdict("healthy")));
    passes(model, 2);
    live(model, 1);
    model.pass(MINUTE);
    const third = live(model, 2);
    const ways = waysBack(model.snapshot, model.get(third));
    expect(ways.map(({ revision, companions, healthySince }) => [revision, companions, healthySince !== null])).toEqual([
      [sha(1), themes(1), true],
      [sha(1), themes(2), false],
    ]);
    expect(new Set(ways.map(wayKey)).size).toBe(2);
    const command = back(third, { to: sha(1), toSet: themes(2) });
    model.must(command);
    expect(model.get(command.id)).toMatchObject({ revision: sha(1), plan: { companions: themes(2) } });
  });

  test("that was chosen while the deployment executes goes there once it has stopped, and nowhere that was never live", () => {
    const model = world();
    live(model, 1);
    passes(model, 2);
    live(model, 1);
    passes(model, 3);
    const third = offered(2, comes(model, 2));
    model.must(third);
    model.must(rechecked(model));
    expect(model.refused(back(third.id, { to: sha(1), toSet: themes(9) })).title).toContain("was never live in production");
    model.must(back(third.id, { to: sha(1), toSet: themes(1) }));
    const id = newId();
    model.must({ kind: "cancel_ended", deployment: third.id, unreachable: [], switched: ["web-1.acme.test"], id });
    expect(model.get(id)).toMatchObject({ revision: sha(1), plan: { companions: themes(1) } });
  });

  test("never goes to where nobody knows what came with it", () => {
    const { companions: _companions, ...alone } = environmentOf([AUTOMATIC]);
    const model = modelOf(alone, { passed: [passed(1)] });
    live(model, 1);
    model.snapshot = { ...model.snapshot, environment: environmentOf([AUTOMATIC]) };
    const second = model.get(live(model, 2));
    expect(second.plan.companions).toEqual(themes(1));
    expect(waysBack(model.snapshot, second)).toEqual([]);
  });

  test("of an earlier deployment of the same revision is refused: it is not what runs", () => {
    const model = world();
    const first = live(model, 1);
    passes(model, 2);
    live(model, 1);
    expect(model.refused(back(first)).title).toBe("Not rolled back: it is not what runs there now.");
  });
});
