import { describe, expect, test } from "vitest";
import { AUTOMATIC, DORA, environmentOf, live, measured, modelOf, PETRA, replies, started, stateOf, verdict } from "../model.ts";
import { watchedBy } from "../watched-shop.ts";
import { BAD, watching, atTheEnd, pings } from "./regressing.ts";

describe("the end of a watch", () => {
  test.each([
    ["healthy", verdict("healthy"), "succeeded"],
    ["blind", verdict("blind"), "succeeded_unverified"],
    ["inconclusive", verdict("inconclusive"), "succeeded_unverified"],
    ["a regression that goes on", verdict("regressed", "propose", true), "regressed"],
    ["a regression that stopped", verdict("regressed", "propose", false), "succeeded_unverified"],
  ] as const)("%s", (_name, seen, state) => {
    const { model, id } = watching("offer");
    model.must(measured(id, verdict("inconclusive")));
    expect(model.state(id)).toBe("watching");
    atTheEnd(model, id);
    model.must(measured(id, seen));
    expect(model.state(id)).toBe(state);
    expect(model.refused(measured(id, seen)).title).toContain("Not judged");
  });

  test.each([
    ["offer", "propose", ["regression_seen", "verdict"]],
    ["rollback", "propose", ["regression_seen", "verdict"]],
    ["shadow", "act", ["regression_seen", "verdict"]],
  ] as const)("with a regression that only its last look saw calls people as any, under %s", (policy, level, kinds) => {
    const { model, id } = watching(policy);
    atTheEnd(model, id);
    const { history } = model.must(measured(id, verdict("regressed", level, true)));
    expect(pings(model)).toHaveLength(policy === "shadow" ? 0 : 1);
    expect(history.map(({ kind }) => kind)).toEqual(kinds);
  });

  test("without a watch comes at once and is not verified", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    expect(stateOf(model, live(model, 1), "succeeded_unverified").because).toBe("not watched");
  });

  test.each([
    ["unproposed", null, "succeeded_unverified"],
    ["proposed", verdict("regressed", "propose", true), "regressed"],
  ] as const)("cut short by another deployment, %s", (_name, seen, state) => {
    const { model, id } = watching("offer");
    if (seen !== null) model.must(measured(id, seen));
    started(model, 3);
    expect(model.state(id)).toBe(state);
    expect(model.get(id).state).toMatchObject({ because: "cut short by #3", cutShortBy: 3 });
  });
});

describe("a regression", () => {
  test.each(["shadow", "offer"] as const)("with %s is seen, said once, and nothing is counted down", (policy) => {
    const { model, id } = watching(policy);
    model.must(measured(id, BAD));
    const told = pings(model);
    model.must(measured(id, BAD));
    expect(model.state(id)).toBe("watching");
    expect(told).toHaveLength(policy === "shadow" ? 0 : 1);
    expect(model.effects.some((effect) => effect.kind === "reply")).toBe(false);
  });

  test.each(["code_only", "no", "unknown"] as const)("is never rolled back automatically where the way back is %s", (undo) => {
    const { model, id } = watching();
    model.must(measured(id, BAD, undo));
    expect(model.state(id)).toBe("watching");
  });

  test("that is only worth a proposal counts nothing down", () => {
    const { model, id } = watching();
    model.must(measured(id, verdict("regressed", "propose", true)));
    expect(model.state(id)).toBe("watching");
  });

  test("has nowhere to go after a first deployment", () => {
    const model = modelOf(environmentOf([AUTOMATIC, watchedBy("site", "on_regression: rollback")]));
    const id = live(model, 1);
    model.must(measured(id, BAD));
    expect(model.state(id)).toBe("watching");
    expect(pings(model)[0]).toContain("There is no earlier version to go back to.");
    expect(pings(model)[0]).not.toContain("safe");
  });
});

test("keep watching is somebody's name on it, and no countdown after that", () => {
  const { model, id } = watching();
  model.must(measured(id, verdict("regressed", "propose", true)));
  model.must({ kind: "keep_watching", standing: PETRA, deployment: id });
  expect(stateOf(model, id, "watching").keptBy).toEqual(PETRA.actor);
  model.must(measured(id, BAD));
  expect(model.state(id)).toBe("watching");
  model.must({ kind: "on_it", standing: DORA, deployment: id });
  expect(model.history.at(-1)).toMatchObject({ kind: "on_it", actor: DORA.actor });
  const [first] = replies(model);
  model.must({ kind: "on_it", standing: PETRA, deployment: id });
  // Said too: the thread would hold the first one's word for that of both.
  expect(replies(model)[0]).toMatchObject({ text: "upetra is on it.", key: expect.not.stringMatching(first?.key ?? "") });
});

describe("the message of a regression", () => {
  const figures = { ...BAD.figures, since: new Date("2026-03-02T09:35:00Z"), usersHit: 118 };

  test.each([
    ["offer", { ...BAD, figures }, "Greenlight waits for you."],
    ["rollback", { ...BAD, figures }, "Greenlight rolls back at 2026-03-02T09:31:30.000Z, unless the errors end or somebody stops it."],
    ["rollback", { ...BAD, level: "propose", figures }, "Greenlight is not sure enough to roll back by itself: it waits for you."],
  ] as const)("under %s says in its first line what will be done, then since when and whom it hit", (policy, seen, intends) => {
    const { model, id } = watching(policy);
    model.must(measured(id, seen));
    const [text] = model.effects.flatMap((effect) =>
      effect.kind === "reply" && effect.reply.ping === "regression" ? [effect.reply.text] : [],
    );
    expect(text).toBe(
      `Regression in shop, production: still happening. ${intends} Rolling back is safe. Since 2026-03-02T09:35:00.000Z. 118 people hit so far.`,
    );
  });
});
