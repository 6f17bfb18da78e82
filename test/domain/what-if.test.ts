import { describe, expect, test } from "vitest";
import { newDeployment } from "../../src/domain/decide/offer.ts";
import type { Blocker, Deployment } from "../../src/domain/deployment.ts";
import type { DeploymentId } from "../../src/domain/ids.ts";
import { whatIf, type WhatIf } from "../../src/domain/what-if.ts";
import {
  APPROVAL,
  approved,
  AUTOMATIC,
  environmentOf,
  live,
  MINUTE,
  type Model,
  modelOf,
  newId,
  NOTHING,
  offered,
  OLAF,
  rechecked,
  requested,
  sha,
  started,
} from "./model.ts";

function draft(model: Model, number: number, over: Partial<Deployment["changes"]> = {}): Deployment {
  return newDeployment(model.snapshot, {
    id: newId(),
    revision: sha(number),
    runId: null,
    prepared: { changes: { ...NOTHING, ...over }, containsBlocked: null },
    by: { kind: "greenlight", because: "a preview" },
    automatic: model.snapshot.environment.release.mode === "automatically",
    now: model.now,
  });
}

function judged(model: Model, number: number, missing: readonly Blocker[] = [], containsBlocked: number | null = null): WhatIf {
  const blocked = containsBlocked === null ? null : sha(containsBlocked);
  return whatIf(model.snapshot, draft(model, number), { missing, containsBlocked: blocked, now: model.now });
}

/** What asking for it does in truth: the form must not have said anything else. */
function happens(model: Model, number: number, missing: readonly Blocker[] = []): string {
  const command = requested(number, { missing });
  const outcome = model.do(command);
  if (!outcome.ok) return `refused: ${outcome.refusal.title}`;
  model.do(rechecked(model));
  return model.state(command.id);
}

const texts = ({ warnings }: WhatIf): string => warnings.map((warning) => warning.text).join(" ");
const MISSING: Blocker = { rule: "requirements", text: "Stage unit failed.", owner: null, liftsAt: null };

describe("what the form says of the button is what the button does", () => {
  test("it starts at once", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    expect(judged(model, 2)).toEqual({ doing: "starts", effect: "It starts at once.", warnings: [] });
    expect(happens(model, 2)).toBe("executing");
  });

  test("it asks those who may say yes", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    expect(judged(model, 2)).toEqual({ doing: "asks", effect: "It asks for a yes from @product-owners.", warnings: [] });
    expect(happens(model, 2)).toBe("awaiting_approval");
  });

  test("it waits behind what is being deployed, and says so", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    started(model, 1);
    const said = judged(model, 2);
    expect([said.doing, said.effect]).toEqual(["waits", expect.stringContaining("It waits, then starts by itself: #1")]);
    expect(happens(model, 2)).toBe("queued");
  });

  test("it asks, and after the yes still waits for a lock, which is named with its end", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    const until = new Date(model.now.getTime() + 30 * MINUTE);
    model.must({ kind: "lock", standing: OLAF, reason: "demo", until });
    const said = judged(model, 2);
    expect(said.doing).toBe("asks");
    expect(said.effect).toContain("After that it still waits:");
    expect(said.warnings).toMatchObject([{ rule: "lock", text: expect.stringContaining("demo"), liftsAt: until }]);
  });

  test("a freeze is named with its next opening", () => {
    const model = modelOf(
      environmentOf([AUTOMATIC, 'freeze: [{ days: [mon], from: "08:00", to: "12:00", timezone: UTC, reason: "Monday" }]']),
    );
    const said = judged(model, 2);
    expect(said.doing).toBe("waits");
    expect(said.warnings).toMatchObject([{ rule: "freeze", liftsAt: new Date("2026-03-02T12:00:00Z") }]);
    expect(happens(model, 2)).toBe("queued");
  });

  test.each([
    ["asked", (model: Model, _id: DeploymentId) => model, "It is already asked: see the card of #1."],
    ["approved and waiting", (model: Model, id: DeploymentId) => model.must(approved(model, id)), "#1 waits its turn."],
  ] as const)("%s already: nothing is asked twice", (_what, then, words) => {
    const model = modelOf(environmentOf([APPROVAL]));
    const command = requested(2);
    model.must(command);
    then(model, command.id);
    const said = judged(model, 2);
    expect([said.doing, said.effect]).toEqual(["asked", expect.stringContaining(words)]);
    expect(happens(model, 2)).toContain("refused: Not asked twice: #1");
  });

  test.each([
    ["missing stages", 2, [MISSING], "Stage unit failed."],
    ["what is live already", 1, [], "This version is live there already."],
  ] as const)("%s cannot be asked for, and the form has every reason", (_what, number, missing, words) => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    const said = judged(model, number, missing);
    expect([said.doing, texts(said)]).toEqual(["refused", expect.stringContaining(words)]);
    expect(happens(model, number, missing)).toContain("refused: Not deployed.");
  });

  test("what brings back a rolled-back commit cannot be asked for, said once", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    const id = live(model, 2);
    model.must({ kind: "roll_back", standing: OLAF, deployment: id, reason: null, id: newId() });
    const said = judged(model, 2, [], 2);
    expect(said.doing).toBe("refused");
    expect(said.warnings.filter((warning) => warning.rule === "blocked_commit")).toHaveLength(1);
  });
});

describe("what nobody forbids but everybody should know", () => {
  test("a newer version has passed too", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    model.must(offered(2));
    model.must(offered(3));
    expect(texts(judged(model, 2))).toContain(`A newer version has passed everything too: ${sha(3).slice(0, 7)}.`);
    expect(texts(judged(model, 3))).not.toContain("newer");
  });

  test.each([
    ["it takes back what is live", "live_content: refuse", ["refused", "It lacks 2 commits that are live."]],
    ["it takes back what is live, and may", "live_content: warn", ["starts", "It lacks 2 commits that are live. They would be gone."]],
  ] as const)("%s", (_what, line, words) => {
    const model = modelOf(environmentOf([AUTOMATIC, line]));
    live(model, 5);
    const said = whatIf(model.snapshot, draft(model, 4, { behind: 2 }), { missing: [], containsBlocked: null, now: model.now });
    expect([said.doing, texts(said)]).toEqual(words);
  });
});
