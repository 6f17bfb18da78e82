import { describe, expect, test } from "vitest";
import type { Alarm } from "../../src/domain/alarm.ts";
import type { DeploymentId } from "../../src/domain/ids.ts";
import { measured, MINUTE, type Model, MONDAY, person, PETRA, verdict } from "./model.ts";
import { watchedBy, watchedShop } from "./watched-shop.ts";

const POLICIES = ["shadow", "offer", "rollback"] as const;
const UNSAID: Alarm = { seenAt: MONDAY, wouldActAt: null, word: null };

function watching(policy: (typeof POLICIES)[number]): { readonly model: Model; readonly id: DeploymentId } {
  return watchedShop([watchedBy("site", `on_regression: ${policy}`)]);
}

const said = (id: DeploymentId, isReal: boolean, alarm: Alarm | null, standing = PETRA) =>
  ({ kind: "mark_alarm", standing, deployment: id, isReal, alarm }) as const;

describe("what a look saw", () => {
  test.each(POLICIES)("is remembered with what a rollback would have done, under %s", (policy) => {
    const { model, id } = watching(policy);
    expect(model.must(measured(id, verdict("inconclusive"))).changes.some((change) => change.kind === "alarm")).toBe(false);
    expect(model.must(measured(id, verdict("regressed", "propose", true))).changes.at(-1)).toEqual({ kind: "alarm", id, wouldActAt: null });
    model.pass(MINUTE);
    expect(model.must(measured(id, verdict("regressed", "act", true))).changes.at(-1)).toEqual({
      kind: "alarm",
      id,
      wouldActAt: model.now,
    });
  });

  test.each([
    ["it is over", verdict("regressed", "act", false), "yes"],
    ["the database would have to go back too", verdict("regressed", "act", true), "no"],
  ] as const)("is nothing to act on when %s", (_why, seen, undo) => {
    const { model, id } = watching("offer");
    expect(model.must(measured(id, seen, undo)).changes.at(-1)).toEqual({ kind: "alarm", id, wouldActAt: null });
  });
});

describe("what a person says of it", () => {
  test("counts, is told in the thread, and is written down with what was said before", () => {
    const { model, id } = watching("offer");
    model.must(measured(id, verdict("regressed", "propose", true)));
    const first = model.must(said(id, false, UNSAID));
    expect(first.changes).toEqual([{ kind: "alarm_word", id, word: { isReal: false, by: PETRA.actor, at: model.now } }]);
    expect(first.effects).toMatchObject([{ kind: "reply", reply: { text: "upetra says of this regression: False alarm." } }]);

    const alarm: Alarm = { ...UNSAID, word: { isReal: false, by: PETRA.actor, at: model.now } };
    const oscar = person("UOSCAR", { onCall: true });
    const second = model.must(said(id, true, alarm, oscar));
    expect(second.effects).toMatchObject([{ reply: { text: "uoscar says of this regression: Real. upetra had said: False alarm." } }]);
    expect(model.history.slice(-2).map(({ kind, actor, body }) => [kind, actor, body["said"], body["before"]])).toEqual([
      ["alarm_judged", PETRA.actor, "false alarm", undefined],
      ["alarm_judged", oscar.actor, "real", "false alarm"],
    ]);
    expect(model.must(said(id, false, alarm))).toMatchObject({ changes: [], history: [], answer: "You have said so: False alarm." });
  });

  test("may be said after the end, and of nothing that was not seen", () => {
    const { model, id } = watching("offer");
    model.must(measured(id, verdict("regressed", "propose", true)));
    model.pass(60 * MINUTE);
    model.must(measured(id, verdict("regressed", "propose", true)));
    expect(model.state(id)).toBe("regressed");
    expect(model.must(said(id, true, UNSAID)).answer).toContain("Noted: Real.");
    expect(model.refused(said(id, true, null)).title).toBe("Not noted: no regression was seen of #2.");
  });

  test("is not for somebody without rights", () => {
    const { model, id } = watching("offer");
    model.must(measured(id, verdict("regressed", "propose", true)));
    const refusal = model.refused(said(id, false, UNSAID, person("UEVE")));
    expect(refusal.title).toContain("you are none of them");
    expect(refusal.change).toContain("rollback: { from: [...] }");
  });
});
