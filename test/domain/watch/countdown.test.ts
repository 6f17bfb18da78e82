import { describe, expect, test } from "vitest";
import type { DeploymentId } from "../../../src/domain/ids.ts";
import {
  DORA,
  ended,
  live,
  measured,
  MINUTE,
  type Model,
  newId,
  person,
  PETRA,
  rechecked,
  sha,
  started,
  stateOf,
  verdict,
  replies,
} from "../model.ts";
import { BAD, watching, atTheEnd, pings } from "./regressing.ts";

function counting(): { model: Model; id: DeploymentId } {
  const { model, id } = watching();
  model.pass(MINUTE);
  model.must(measured(id, BAD));
  expect(model.state(id)).toBe("countdown");
  expect(model.effects).toContainEqual({ kind: "recheck", at: stateOf(model, id, "countdown").rollBackAt });
  return { model, id };
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
