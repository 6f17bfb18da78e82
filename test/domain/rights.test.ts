import { describe, expect, test } from "vitest";
import type { Standing } from "../../src/domain/standing.ts";
import type { DeploymentId } from "../../src/domain/ids.ts";
import type { ChangeSet } from "../../src/domain/deployment.ts";
import { mayBeOfferedAgain } from "../../src/domain/decide/offer-again.ts";
import { toldPrivately } from "../../src/domain/told.ts";
import {
  APPROVAL,
  approved,
  DORA,
  ended,
  environmentOf,
  live,
  measured,
  MINUTE,
  modelOf,
  newId,
  NOTHING,
  OLAF,
  person,
  PETRA,
  rechecked,
  requested,
  sha,
  started,
  stateOf,
  verdict,
  type Model,
} from "./model.ts";
import { watchedBy } from "./watched-shop.ts";

const HOUR = 60 * MINUTE;
const TWO = 'approval: { from: ["@product-owners"], count: 2 }';
const petra = { id: "UPETRA", name: "Petra" };
const BEA = person("UBEA", { standsInFor: [petra] });

function by(...ids: readonly string[]): ChangeSet {
  return { ...NOTHING, authors: ids.map((id) => ({ name: id, email: null, login: null, slackId: id === "" ? null : id })) };
}

function waiting(model: Model, over: Parameters<typeof requested>[1] = {}): DeploymentId {
  const command = requested(1, over);
  model.must(command);
  return command.id;
}

function yes(model: Model, id: DeploymentId, who: Standing) {
  return model.do(approved(model, id, who));
}

function titleOf(outcome: ReturnType<Model["do"]>): string {
  return outcome.ok ? "it was not refused" : outcome.refusal.title;
}

const inDays = (model: Model, days: number): Date => new Date(model.now.getTime() + days * 24 * HOUR);

function rejected(model: Model): DeploymentId {
  const id = waiting(model);
  model.must({ kind: "reject", standing: PETRA, deployment: id, reason: "a slip of the thumb" });
  return id;
}

const again = (deployment: DeploymentId, over: Partial<Extract<Parameters<Model["do"]>[0], { kind: "offer_again" }>> = {}) =>
  ({
    kind: "offer_again",
    standing: PETRA,
    deployment,
    changes: NOTHING,
    containsBlocked: null,
    missing: [],
    id: newId(),
    ...over,
  }) as const;

const told = (model: Model, command: Parameters<Model["do"]>[0]) => {
  const before = model.snapshot;
  return toldPrivately(before, model.must(command)).map(({ to, key, text }) => [to, key.split(":")[0], text] as const);
};

describe("a stand-in", () => {
  test("says yes by the right of whom they stand in for, and is recorded as that", () => {
    const model = modelOf();
    const id = waiting(model);
    model.must(approved(model, id, BEA));
    expect(model.snapshot.approvals[0]?.actor).toEqual({ kind: "slack", id: "UBEA", name: "ubea", for: petra });
    model.must(rechecked(model, { standIns: [{ from: "UPETRA", to: "UBEA" }] }));
    expect(model.state(id)).toBe("executing");
  });

  test("is nobody any more once the right was taken back, whatever they said before", () => {
    const model = modelOf();
    const id = waiting(model);
    model.must(approved(model, id, BEA));
    model.must(rechecked(model));
    expect(stateOf(model, id, "awaiting_approval").voided).toBe("who approved it may not approve any more");
  });

  test("adds no second yes to that of whom they stand in for, in either order", () => {
    for (const [first, second] of [
      [PETRA, BEA],
      [BEA, PETRA],
    ] as const) {
      const model = modelOf(environmentOf([TWO]));
      const id = waiting(model);
      model.must(approved(model, id, first));
      expect(titleOf(yes(model, id, second))).toMatch(/^Not counted twice: .* said yes to #1 by the same right\.$/u);
      model.must(approved(model, id, OLAF));
      expect(model.state(id)).toBe("queued");
    }
  });

  test.each([
    ["what they wrote", { changes: by("UBEA") }, "you wrote part of this"],
    ["what they asked for", { standing: BEA }, "you asked for this deployment"],
    ["what whom they stand in for wrote", { changes: by("UPETRA") }, "you stand in for Petra, whose own change or request this is"],
    ["what whom they stand in for asked for", { standing: PETRA }, "you stand in for Petra, whose own change or request this is"],
  ])("may not say yes to %s", (_what, over, says) => {
    const model = modelOf();
    const id = waiting(model, over);
    expect(titleOf(yes(model, id, BEA))).toContain(says);
    expect(model.snapshot.approvals).toEqual([]);
  });

  test("uses a right of their own first", () => {
    const model = modelOf();
    const id = waiting(model);
    model.must(approved(model, id, { ...OLAF, standsInFor: [petra] }));
    expect(model.snapshot.approvals[0]?.actor).toEqual(OLAF.actor);
  });
});

describe("giving one's right to somebody", () => {
  const bea = { id: "UBEA", name: "Bea", unfit: null };
  test("is written, told to the stand-in, and recorded", () => {
    const model = modelOf();
    const until = inDays(model, 3);
    const done = model.must({ kind: "delegate", standing: PETRA, to: bea, until });
    expect(done.changes).toEqual([{ kind: "delegate", delegation: { app: "shop", from: "UPETRA", to: "UBEA", until, at: model.now } }]);
    expect(done.effects).toMatchObject([{ kind: "notice", to: "UBEA", app: "shop" }]);
    expect(model.history.at(-1)).toMatchObject({ kind: "delegated", actor: PETRA.actor, body: { app: "shop", to: "UBEA" } });
    model.must({ kind: "undelegate", standing: PETRA, to: bea });
    expect(model.history.at(-1)).toMatchObject({ kind: "undelegated", body: { to: "UBEA" } });
  });

  test.each([
    ["a bystander", DORA, bea, 3, "only approvers"],
    ["a stand-in: no chains", BEA, { ...bea, id: "UEVE" }, 3, "nobody a right that was given to them"],
    ["to oneself", PETRA, { ...bea, id: "UPETRA" }, 3, "it is your right already"],
    ["to a bot", PETRA, { ...bea, unfit: "bots decide nothing here." }, 3, "bots decide nothing here"],
    ["for too long", PETRA, bea, 31, "30 days is the longest"],
    ["until a time that has passed", PETRA, bea, -1, "that time has passed"],
  ])("is refused: %s", (_who, standing, to, days, says) => {
    const model = modelOf();
    expect(model.refused({ kind: "delegate", standing, to, until: inDays(model, days) }).title).toContain(says);
  });
});

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

describe("a rejection taken back", () => {
  test("asks anew for the same version, in the name of who asked; the rejected one stays rejected", () => {
    const model = modelOf();
    const id = rejected(model);
    const command = again(id);
    model.must(command);
    expect([model.state(id), model.state(command.id)]).toEqual(["rejected", "awaiting_approval"]);
    expect(model.get(command.id)).toMatchObject({ revision: sha(1), requestedBy: DORA.actor, number: 2 });
    expect(model.history.slice(-2).map((line) => line.kind)).toEqual(["offered_again", "asked"]);
    // Whoever rejected by mistake may say yes now.
    model.must(approved(model, command.id));
    expect(model.state(command.id)).toBe("queued");
  });

  test("happens once", () => {
    const model = modelOf();
    const id = rejected(model);
    model.must(again(id));
    expect(mayBeOfferedAgain(model.snapshot, model.get(id))).toBe(false);
    expect(model.refused(again(id)).title).toBe("Not offered again: #2 asked for this version again already.");
  });

  test("is too late when a newer one was started, and its card is drawn again without the button", () => {
    const model = modelOf();
    const id = rejected(model);
    expect(mayBeOfferedAgain(model.snapshot, model.get(id))).toBe(true);
    const newer = requested(2);
    model.must(newer);
    model.must(approved(model, newer.id));
    const start = model.must(rechecked(model));
    expect(start.changes).toContainEqual({ kind: "redraw", id });
    expect(model.refused(again(id)).title).toBe("Not offered again: #2 was started here since.");
  });

  test.each([
    ["a bystander", { standing: DORA }, "Not offered again: you may not approve this."],
    [
      "what lacks a stage by now",
      { missing: [{ rule: "requirements", text: "unit failed.", owner: null, liftsAt: null }] } as const,
      "Not offered again.",
    ],
    ["what was rolled back here", { containsBlocked: sha(1) }, "Not offered again."],
  ])("is refused for %s", (_what, over, title) => {
    const model = modelOf();
    const id = rejected(model);
    expect(model.refused(again(id, over)).title).toBe(title);
  });

  test("is nothing for what was not rejected", () => {
    const model = modelOf();
    const id = waiting(model);
    expect(model.refused(again(id)).title).toContain("Not offered again: #1 is past that.");
  });
});

test("what waits is called for once more, at half of its time, by one key", () => {
  const model = modelOf();
  const id = waiting(model);
  model.pass(12 * HOUR - 1);
  model.must(rechecked(model));
  expect(model.effects).toEqual([]);
  for (const wait of [1, HOUR]) {
    model.pass(wait);
    model.must(rechecked(model));
    expect(model.effects).toMatchObject([
      {
        kind: "reply",
        reply: {
          key: `reminder:${id}`,
          ping: "approval",
          mention: ["@product-owners"],
          deadline: stateOf(model, id, "awaiting_approval").expiresAt,
        },
      },
    ]);
  }
});

describe("told privately", () => {
  const WATCHED = [APPROVAL, watchedBy("site")];
  test("who said yes and who asked hear when it is live, and at its verdict", () => {
    const model = modelOf(environmentOf(WATCHED));
    const id = started(model, 1);
    const said = told(model, ended(id));
    expect(said.map(([to, key]) => [to, key])).toEqual([
      ["UPETRA", "live"],
      ["UDORA", "live"],
    ]);
    expect(said[0]?.[2]).toMatch(/^Live: shop in production, #1\. Watched until /u);
    model.pass(31 * MINUTE);
    expect(told(model, measured(id, verdict("healthy")))).toEqual([
      ["UPETRA", "verdict", "Healthy: shop in production, #1. it looks healthy"],
      ["UDORA", "verdict", "Healthy: shop in production, #1. it looks healthy"],
    ]);
  });

  test("they hear of a failure, and of a rollback of what they let go", () => {
    const model = modelOf();
    live(model, 1);
    const broken = started(model, 2);
    const failed = told(model, ended(broken, { kind: "failed", because: "restart failed on web-2", switched: [] }));
    expect(failed.map(([to, key]) => [to, key])).toEqual([
      ["UPETRA", "failed"],
      ["UDORA", "failed"],
    ]);
    const id = live(model, 3);
    const back = newId();
    model.must({ kind: "roll_back", standing: PETRA, deployment: id, reason: null, id: back });
    expect(told(model, ended(back)).map(([to, key]) => [to, key])).toEqual([
      ["UPETRA", "rolled_back"],
      ["UDORA", "rolled_back"],
    ]);
  });
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
