import { describe, expect, test } from "vitest";
import { APPROVAL, approved, environmentOf, modelOf, NOTHING, OLAF, person, PETRA, rechecked, stateOf } from "../model.ts";
import { HOUR, TWO, by, waiting, yes, titleOf } from "./two-approvers.ts";

describe("the glass", () => {
  const GLASS = 'approval: { from: ["@product-owners"], count: 2, override: { from: ["@on-call"] } }';
  const EVE = person("UEVE", { mayOverride: true });

  test("is broken by whom it names, over four eyes, with a reason that the thread and the history keep", () => {
    const model = modelOf(environmentOf([GLASS]));
    const id = waiting(model, { standing: EVE, changes: by("UEVE") });
    model.must({ ...approved(model, id, EVE), override: "the shop is on fire" });
    const reply = model.effects.find((effect) => effect.kind === "reply");
    expect(reply).toMatchObject({ reply: { text: expect.stringMatching(/^Override: ueve .*@product-owners.*the shop is on fire$/u) } });
    expect(model.history.at(-1)).toMatchObject({ kind: "override", actor: EVE.actor, body: { reason: "the shop is on fire" } });
    model.must(rechecked(model, { overriders: ["UEVE"] }));
    expect(model.state(id)).toBe("executing");
  });

  test("does not open a lock or a freeze", () => {
    const model = modelOf(environmentOf([GLASS]));
    const id = waiting(model);
    model.must({ kind: "lock", standing: OLAF, reason: "stand still", until: new Date(model.now.getTime() + HOUR) });
    model.must({ ...approved(model, id, EVE), override: "now" });
    model.must(rechecked(model, { overriders: ["UEVE"] }));
    expect(stateOf(model, id, "queued").blockers.map((blocker) => blocker.rule)).toEqual(["lock"]);
  });

  test("is asked about again when it starts", () => {
    const model = modelOf(environmentOf([GLASS]));
    const id = waiting(model);
    model.must({ ...approved(model, id, EVE), override: "now" });
    model.must(rechecked(model));
    expect(stateOf(model, id, "awaiting_approval").voided).toBe("who approved it may not approve any more");
  });

  test.each([
    ["an approver whom it does not name", GLASS, PETRA],
    ["anybody where nobody is named", TWO, PETRA],
  ])("stays whole for %s", (_who, line, standing) => {
    const model = modelOf(environmentOf([line]));
    const id = waiting(model);
    const refusal = model.refused({ ...approved(model, id, standing), override: "now" });
    expect(refusal.title).toMatch(/^Not overridden: only people in approval\.override/u);
    expect(refusal.change).toContain("override: { from: [...] }");
    expect(model.snapshot.approvals).toEqual([]);
  });
});

test("an author who is nobody in Slack is only named, unless the environment refuses every yes then", () => {
  for (const [line, says] of [
    [APPROVAL, "it was not refused"],
    ['approval: { from: ["@product-owners"], unmapped_authors: refuse }', "nobody knows who dependabot is in Slack"],
  ] as const) {
    const model = modelOf(environmentOf([line]));
    const id = waiting(model, { changes: { ...NOTHING, authors: [{ name: "dependabot", email: null, login: null, slackId: null }] } });
    const outcome = yes(model, id, PETRA);
    expect(titleOf(outcome)).toContain(says);
  }
});

test("who joined the group a moment ago is refused by name", () => {
  const model = modelOf();
  const id = waiting(model);
  const outcome = yes(model, id, person("UEVE", { justJoined: "@product-owners" }));
  expect(titleOf(outcome)).toContain("you joined @product-owners only a short while ago, ueve");
});

describe("whoever may do nothing here is told what would let them in, and not another rule", () => {
  const kept = [
    { name: "a guest", over: { guest: true }, change: /^`allow: \{ guests: true \}` of production/u },
    {
      name: "somebody of another workspace",
      over: { ours: false, team: "TOTHER" },
      change: /^`allow: \{ teams: \[\.\.\.\] \}` of production/u,
    },
    { name: "a deactivated account", over: { deactivated: true }, change: /admin can activate/u },
  ] as const;
  test.each(kept)("$name", ({ over, change }) => {
    const model = modelOf();
    const id = waiting(model);
    const standing = person("UEVE", over);
    const commands = [
      { kind: "cancel", standing, deployment: id, thenRollBack: false },
      { kind: "reject", standing, deployment: id, reason: "no" },
      { kind: "lock", standing, reason: "mine", until: new Date(model.now.getTime() + HOUR) },
      { kind: "freeze", standing, reason: "mine", until: new Date(model.now.getTime() + HOUR) },
    ] as const;
    for (const command of commands) {
      const outcome = model.do(command);
      expect([command.kind, outcome.ok ? "" : outcome.refusal.change]).toEqual([command.kind, expect.stringMatching(change)]);
      expect(outcome.ok ? [] : outcome.refusal.reasons).toEqual([]);
    }
  });
});
