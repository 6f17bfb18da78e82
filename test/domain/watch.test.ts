import { describe, expect, test } from "vitest";
import type { DeploymentId } from "../../src/domain/ids.ts";
import {
  AUTOMATIC,
  DORA,
  ended,
  environmentOf,
  live,
  measured,
  MINUTE,
  type Model,
  modelOf,
  newId,
  person,
  PETRA,
  rechecked,
  sha,
  started,
  stateOf,
  verdict,
  replies,
} from "./model.ts";
import { watchedBy, watchedShop } from "./watched-shop.ts";

type Policy = "shadow" | "offer" | "rollback";
const BAD = verdict("regressed", "act", true);

function watching(policy: Policy = "rollback", countdown = "90s"): { model: Model; id: DeploymentId } {
  return watchedShop([watchedBy("site", `on_regression: ${policy}`, `countdown: ${countdown}`)]);
}

function atTheEnd(model: Model, id: DeploymentId): void {
  model.now = stateOf(model, id, "watching").until;
}

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
    expect(model.get(id).state).toMatchObject({ because: "cut short by #3" });
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

function counting(): { model: Model; id: DeploymentId } {
  const { model, id } = watching();
  model.pass(MINUTE);
  model.must(measured(id, BAD));
  expect(model.state(id)).toBe("countdown");
  expect(model.effects).toContainEqual({ kind: "recheck", at: stateOf(model, id, "countdown").rollBackAt });
  return { model, id };
}

function pings(model: Model): readonly string[] {
  return replies(model).flatMap((reply) => (reply.ping === "regression" ? [reply.text] : []));
}

/** A countdown whose end the bot slept through. */
function slept(): { model: Model; id: DeploymentId } {
  const counted = counting();
  counted.model.pass(30 * MINUTE);
  return counted;
}

describe("a countdown whose evidence is old when it ends", () => {
  test.each(["by the clock", "by a look that saw nothing"] as const)("is prolonged by a minute and looked at, %s", (by) => {
    const { model, id } = slept();
    const missing = { ...BAD, seenAt: new Date(model.now.getTime() - 30 * MINUTE) };
    model.must(by === "by the clock" ? rechecked(model) : measured(id, missing));
    const { rollBackAt } = stateOf(model, id, "countdown");
    expect(rollBackAt.getTime() - model.now.getTime()).toBe(MINUTE);
    expect(model.effects).toContainEqual({ kind: "look_now", deployment: id });
    expect(model.effects).toContainEqual({ kind: "recheck", at: rollBackAt });
    expect(model.get(id).rolledBackBy).toBeNull();
  });

  test("rolls back after that look if it goes on", () => {
    const { model, id } = slept();
    model.must(rechecked(model));
    model.pass(5000);
    model.must(measured(id, BAD));
    expect(model.state(id)).toBe("countdown");
    model.pass(55_000);
    const command = rechecked(model);
    model.must(command);
    expect([model.state(id), model.state(command.id)]).toEqual(["regressed", "executing"]);
  });

  test("rolls nothing back when it is over", () => {
    const { model, id } = slept();
    model.must(rechecked(model));
    model.must(measured(id, verdict("regressed", "propose", false)));
    expect(["watching", "succeeded_unverified"]).toContain(model.state(id));
    expect(model.get(id).rolledBackBy).toBeNull();
  });

  test.each(["blind", "regressed"] as const)("waits for a person when nobody can look, however the gap is judged: %s", (kind) => {
    const { model, id } = slept();
    model.must(rechecked(model));
    const missing = kind === "blind" ? verdict("blind") : { ...BAD, seenAt: new Date(model.now.getTime() - 30 * MINUTE) };
    model.must(measured(id, missing));
    expect(model.state(id)).toBe("countdown");
    model.pass(MINUTE);
    model.must(rechecked(model));
    expect(model.state(id)).toBe("watching");
    expect(pings(model)).toEqual([
      "Regression in shop, production: nobody could look again whether it still happens, so Greenlight does not roll back by itself: it waits for you.",
    ]);
  });
});

test("what was seen long ago begins no countdown", () => {
  const { model, id } = watching();
  model.pass(10 * MINUTE);
  model.must(measured(id, { ...BAD, seenAt: new Date(model.now.getTime() - 10 * MINUTE) }));
  expect(model.state(id)).toBe("watching");
  model.must(measured(id, BAD));
  expect(model.state(id)).toBe("countdown");
});

test("an environment that is taken out of the configuration ends its countdown, and says so", () => {
  const { model, id } = counting();
  model.must({ kind: "gone" });
  const held = { noSecondCountdown: true, countdownHeld: "not_configured" };
  expect(stateOf(model, id, "watching")).toMatchObject(held);
  expect(pings(model)).toEqual([
    "Regression in shop, production: the environment is not in the configuration any more, so Greenlight rolls nothing back there. Look after it by hand.",
  ]);
  model.must(measured(id, BAD));
  expect(stateOf(model, id, "watching")).toMatchObject(held);
  model.must({ kind: "gone" });
  expect(pings(model)).toEqual([]);
});

test("errors that come back after they had stopped are told anew, and a second time only once", () => {
  const { model, id } = counting();
  model.must(measured(id, verdict("regressed", "propose", false)));
  const resumes = measured(id, verdict("regressed", "propose", true));
  model.must(resumes);
  const keys = () => replies(model).map((reply) => reply.key);
  expect(pings(model)[0]).toContain("still happening. Greenlight is not sure enough");
  const [first] = keys();
  expect(first).toBe(`regression:${id}:${model.get(id).counter}`);
  model.must(measured(id, verdict("regressed", "propose", true)));
  expect(pings(model)).toEqual([]);
  // The same key again: the thread has it already.
  model.must(measured(id, verdict("regressed", "propose", false)));
  model.must(measured(id, verdict("regressed", "propose", true)));
  expect(keys()).toEqual([first]);
});

describe("a countdown", () => {
  test("that is over rolls back, by the clock alone", () => {
    const { model, id } = counting();
    model.pass(89_000);
    model.must(rechecked(model));
    expect(model.state(id)).toBe("countdown");
    model.pass(1000);
    const command = rechecked(model);
    model.must(command);
    expect([model.state(id), model.state(command.id)]).toEqual(["regressed", "executing"]);
    expect(model.get(command.id)).toMatchObject({ revision: sha(1), automatic: true, rollsBack: id });
  });

  test("that is over rolls back at a look, too", () => {
    const { model, id } = counting();
    model.pass(90_000);
    const command = measured(id, BAD);
    model.must(command);
    expect([model.state(id), model.state(command.id)]).toEqual(["regressed", "executing"]);
  });

  test("begins by itself once in six hours: the next regression waits for a person", () => {
    const { model, id } = counting();
    model.pass(90_000);
    const back = measured(id, BAD);
    model.must(back);
    model.must(ended(back.id));
    const third = live(model, 3);
    const { effects } = model.must(measured(third, BAD));
    expect(model.state(third)).toBe("watching");
    expect(JSON.stringify(effects)).toContain("so this time it waits for a person");
    model.pass(6 * 60 * MINUTE);
    const fourth = live(model, 4);
    model.must(measured(fourth, BAD));
    expect(model.state(fourth)).toBe("countdown");
  });

  test("ends by recovery, and a second regression counts down again", () => {
    const { model, id } = counting();
    model.must(measured(id, verdict("regressed", "propose", false)));
    expect(model.state(id)).toBe("watching");
    expect(JSON.stringify(model.effects)).toContain("The errors have stopped, without a rollback. The watch goes on.");
    model.must(measured(id, BAD));
    expect(model.state(id)).toBe("countdown");
  });

  test("of a site that was down ends with the word that it answers again", () => {
    const { model, id } = watching();
    model.must(measured(id, { ...BAD, troubles: ["down"] }));
    model.must(measured(id, { ...verdict("regressed", "propose", false), troubles: ["down"] }));
    expect(JSON.stringify(model.effects)).toContain("The site answers again, without a rollback.");
  });

  test("does not take missing data for recovery", () => {
    const { model, id } = counting();
    model.must(measured(id, verdict("blind")));
    expect(stateOf(model, id, "countdown").verdict.kind).toBe("regressed");
  });

  test("ends when what is known is not enough to act any more, says so, and begins again when it is", () => {
    const { model, id } = counting();
    model.must(measured(id, verdict("regressed", "propose", true)));
    expect(stateOf(model, id, "watching")).toMatchObject({ noSecondCountdown: false, verdict: { level: "propose" } });
    expect(pings(model)).toEqual([
      "Regression in shop, production: still happening. Greenlight is not sure enough any more to roll back by itself: it waits for you. Rolling back is safe.",
    ]);
    expect(model.history.at(-1)?.kind).toBe("countdown_unsure");
    model.pass(90_000);
    model.must(rechecked(model));
    expect(model.state(id)).toBe("watching");
    model.must(measured(id, BAD));
    expect(model.state(id)).toBe("countdown");
  });

  test("that is not enough to act at the end of the watch ends with it, and rolls nothing back", () => {
    const { model, id } = watching();
    atTheEnd(model, id);
    model.must(measured(id, BAD));
    model.pass(90_000);
    model.must(measured(id, verdict("regressed", "propose", true)));
    expect(model.state(id)).toBe("regressed");
    expect(model.get(id).rolledBackBy).toBeNull();
    expect(pings(model)[0]).toContain("not sure enough any more");
  });

  test("stopped by a person goes on watching, and never counts down again", () => {
    const { model, id } = counting();
    expect(model.refused({ kind: "stop_countdown", standing: person("UEVE"), deployment: id }).title).toContain("Not stopped");
    model.must({ kind: "stop_countdown", standing: PETRA, deployment: id });
    expect(model.refused({ kind: "stop_countdown", standing: DORA, deployment: id }).title).toContain("It is live and being watched");
    model.must(measured(id, BAD));
    model.pass(10 * MINUTE);
    model.must(measured(id, BAD));
    model.must(rechecked(model));
    expect(model.state(id)).toBe("watching");
    atTheEnd(model, id);
    model.must(measured(id, BAD));
    expect(model.state(id)).toBe("regressed");
  });

  test("goes on past the end of the watch, and recovery then ends it", () => {
    const { model, id } = watching();
    atTheEnd(model, id);
    model.must(measured(id, BAD));
    expect(model.state(id)).toBe("countdown");
    model.pass(30_000);
    model.must(measured(id, BAD));
    expect(model.state(id)).toBe("countdown");
    model.must(measured(id, verdict("regressed", "propose", false)));
    expect(model.state(id)).toBe("succeeded_unverified");
  });

  test("is over at once when somebody rolls back, and cut short by another deployment", () => {
    const { model, id } = counting();
    model.must({ kind: "roll_back", standing: PETRA, deployment: id, reason: null, id: newId() });
    expect(model.state(id)).toBe("regressed");
    const other = counting();
    started(other.model, 3);
    expect(other.model.state(other.id)).toBe("regressed");
  });

  test("starts nothing in a restored environment", () => {
    const { model, id } = counting();
    model.must({ kind: "restored", because: "This database was restored." });
    model.pass(2 * MINUTE);
    model.must(rechecked(model));
    expect(model.state(id)).toBe("countdown");
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
