import { expect, test } from "vitest";
import { queueOf } from "../../src/domain/queue.ts";
import { approved, environmentOf, modelOf, person, PETRA, rechecked, requested, type Model } from "./model.ts";

const BREAKS = person("UEVE", { mayOverride: true });

function queued(by: "a yes" | "an override"): { model: Model; id: ReturnType<typeof requested>["id"] } {
  const model = modelOf(
    environmentOf(['approval: { from: ["@product-owners"], count: 1, expires: 24h, override: { from: ["@on-call"] } }']),
  );
  const asked = requested(1);
  model.must(asked);
  const command = by === "a yes" ? approved(model, asked.id, PETRA) : { ...approved(model, asked.id, BREAKS), override: "it burns" };
  model.must(command);
  expect(model.state(asked.id)).toBe("queued");
  return { model, id: asked.id };
}

test.each(["a yes", "an override"] as const)("while Slack cannot say who may, %s is not void, and nothing starts by it", (by) => {
  const { model, id } = queued(by);
  model.must(rechecked(model, { entitled: null, asked: [] }));
  expect(model.state(id)).toBe("queued");
  model.must(rechecked(model, { overriders: ["UEVE"] }));
  expect(model.state(id)).toBe("executing");
});

test("what waits because Slack does not say who may says so, until Slack does", () => {
  const { model, id } = queued("a yes");
  const reasons = () =>
    queueOf(model.snapshot, { now: model.now, usualMs: 60_000 }).map((one) => [one.blockers.map(({ rule }) => rule), one.startsAt]);
  model.must(rechecked(model, { entitled: null, asked: [], silent: true }));
  expect(reasons()).toEqual([[["people"], null]]);
  const until = new Date(model.now.getTime() + 3_600_000);
  model.must({ kind: "lock", standing: BREAKS, reason: "the sale", until });
  model.must(rechecked(model, { entitled: null, asked: [], silent: true }));
  expect(reasons()).toEqual([[["lock", "people"], null]]);
  model.must(rechecked(model));
  expect(reasons()).toEqual([[["lock"], until]]);
  model.now = until;
  model.must(rechecked(model));
  expect(model.state(id)).toBe("executing");
});

test("an override of somebody who may not any more is void", () => {
  const { model, id } = queued("an override");
  model.must(rechecked(model, { overriders: [] }));
  expect(model.state(id)).toBe("awaiting_approval");
});
