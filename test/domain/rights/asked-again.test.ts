import { describe, expect, test } from "vitest";
import type { DeploymentId } from "../../../src/domain/ids.ts";
import { mayBeOfferedAgain } from "../../../src/domain/decide/offer-again.ts";
import { toldPrivately } from "../../../src/domain/told.ts";
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
  PETRA,
  rechecked,
  requested,
  sha,
  started,
  stateOf,
  verdict,
  type Model,
} from "../model.ts";
import { watchedBy } from "../watched-shop.ts";
import { HOUR, waiting } from "./two-approvers.ts";

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
