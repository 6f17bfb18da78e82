import { describe, expect, test } from "vitest";
import { isSameSet } from "../../../src/domain/companion.ts";
import { gate } from "../../../src/domain/gate.ts";
import { AUTOMATIC, APPROVAL, modelOf, offered } from "../model.ts";
import { AFTER, environmentOf, themes, SOURCE, passed, world, comes, goesLive, live, wordAt, record } from "./shop-with-theme.ts";

describe("which revisions come with a candidate", () => {
  test("in the first environment the newest that has passed, whatever the order it is read in", () => {
    const model = world([AUTOMATIC], { passed: [passed(2), passed(3), passed(1)] });
    expect(model.get(live(model, 1)).plan.companions).toEqual(themes(3));
  });

  test("none has passed: it is not offered, and says why", () => {
    const model = world([AUTOMATIC], { passed: [{ ...passed(1), source: `${SOURCE}-next` }] });
    expect(goesLive(model, 1)).toBeNull();
    expect(model.history.at(-1)?.body).toMatchObject({
      notOffered: "No version of acme/shop-theme on main passed all that is required yet. Have its CI run there once more, or push to it.",
    });
  });

  test("after another environment exactly what ran there last with it, though a newer one has passed", () => {
    const after = [record(1, themes(1), 1), record(2, themes(2), 3), record(1, themes(3), 2)];
    const model = world([AFTER, AUTOMATIC], { passed: [passed(9)], after });
    expect(model.get(live(model, 1)).plan.companions).toEqual(themes(3));
  });

  test("what ran there before the repository was named is not enough", () => {
    const model = world([AFTER, AUTOMATIC], { after: [record(1, [], 1)] });
    expect(goesLive(model, 1)).toBeNull();
    expect(model.history.at(-1)?.body).toMatchObject({
      notOffered: "It was live on staging without acme/shop-theme: deploy it there again.",
    });
  });

  test("a good end with other companions is not one of these", () => {
    const after = [record(1, themes(1), 1), record(1, themes(2), 2, "regressed")];
    const model = world([AFTER, AUTOMATIC], { after });
    const command = offered(1, comes(model, 1));
    model.must(command);
    expect(gate(model.snapshot, model.get(command.id), model.now).map(({ rule }) => rule)).toEqual(["order"]);
  });

  test("whoever looked before the companions changed there has not seen these", () => {
    const after = [record(1, themes(1), 1), record(1, themes(2), 5)];
    const environment = environmentOf([AFTER, "needs: validation", APPROVAL]);
    for (const [at, rules] of [
      [4, ["approval", "validation"]],
      [5, ["approval"]],
    ] as const) {
      const model = modelOf(environment, { after, passed: [passed(2)], validations: [wordAt(at)] });
      const command = offered(1, comes(model, 1));
      model.must(command);
      expect(gate(model.snapshot, model.get(command.id), model.now).map(({ rule }) => rule)).toEqual(rules);
    }
  });
});

test("sets are the same whatever their order, and not with one more", () => {
  const [one] = themes(1);
  if (one === undefined) throw new Error("no theme");
  const other = { ...one, repository: "acme/texts", directory: "texts" };
  expect(isSameSet([one, other], [other, one])).toBe(true);
  expect(isSameSet([one, other], [one])).toBe(false);
  expect(isSameSet([], undefined)).toBe(true);
  expect(isSameSet([one], themes(2))).toBe(false);
});
