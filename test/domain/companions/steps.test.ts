import { describe, expect, test } from "vitest";
import { UNLESS_BUILT } from "../../../src/domain/recipe/release-script.ts";
import { unseenSteps } from "../../../src/domain/recipe/unseen.ts";
import { AUTOMATIC, modelOf } from "../model.ts";
import { ORIGIN, environmentOf, theme, passed, world, passes, live } from "./shop-with-theme.ts";

describe("how they are brought", () => {
  test("right after pull, exactly, and as data; what is before it stays", () => {
    const model = world();
    const { plan } = model.get(live(model, 1));
    const first = plan.steps.filter(({ host }) => host === plan.hosts[0]?.name);
    expect(first.slice(0, 3).map(({ id, name, phase, repeatable }) => ({ id, name, phase, repeatable }))).toEqual([
      { id: "pull", name: "pull", phase: 0, repeatable: true },
      { id: "with-1", name: "pull", phase: 1, repeatable: true },
      { id: "check", name: "check", phase: 2, repeatable: true },
    ]);
    expect(first[1]).toMatchObject({ cwd: null });
    expect(first[1]?.argv.slice(3)).toEqual(["pull", theme(1), ORIGIN, "theme"]);
    expect(first[1]?.argv[2]).not.toContain(theme(1));
  });

  test("with a script as with Django, where it is ours: nothing of it changes a database unseen", () => {
    const environment = environmentOf([AUTOMATIC]);
    const script = { ...environment, target: { ...environment.target, recipe: "script" as const, commands: { pull: ["./pull.sh"] } } };
    const { plan } = ((model) => model.get(live(model, 1)))(modelOf(script, { passed: [passed(1)] }));
    expect(plan.steps.map(({ id }) => id)).toContain("with-1");
    expect([...new Set(unseenSteps(plan).map(({ id }) => id))]).toEqual(["pull"]);
  });

  test("another set is another release, and the same set the same", () => {
    const folders = [1, 2, 1].map((number) => {
      const model = world([AUTOMATIC], { passed: [passed(number)] }, "releases");
      const steps = model.get(live(model, 1)).plan.steps;
      return steps.find(({ id }) => id === "with-1")?.cwd;
    });
    expect(folders[0]).toMatch(/^releases\/[0-9a-f]{12}-[0-9a-f]{8}$/);
    expect(folders[1]?.slice(0, 21)).not.toBe(folders[0]?.slice(0, 21));
    expect(folders[2]).toBe(folders[0]);
  });

  test("a release that was built has what building made of it: nothing is brought into it again", () => {
    const model = world([AUTOMATIC], {}, "releases");
    const step = model.get(live(model, 1)).plan.steps.find(({ id }) => id === "with-1");
    expect(step?.argv[2]).toBe(UNLESS_BUILT);
    expect(step?.argv.slice(-4)).toEqual(["pull", theme(1), ORIGIN, "theme"]);
  });

  test("what was live comes back where the checkout is put back", () => {
    const model = world();
    live(model, 1);
    passes(model, 2);
    const steps = model.get(live(model, 2)).plan.putBack;
    expect(steps.filter(({ id }) => id === "back-with-1").map(({ argv }) => argv[4])).toEqual([theme(1), theme(1)]);
  });

  test("an app without companions has the plan that it always had", () => {
    const { companions: _companions, ...alone } = environmentOf([AUTOMATIC]);
    const model = modelOf(alone);
    expect(Object.keys(model.get(live(model, 1)).plan)).not.toContain("companions");
  });
});
