import { describe, expect, test } from "vitest";
import { driftOf, driftWords } from "../../src/domain/drift.ts";
import type { Sha } from "../../src/domain/ids.ts";
import {
  APPROVAL,
  approved,
  AUTOMATIC,
  environmentOf,
  live,
  modelOf,
  MONDAY,
  newId,
  PETRA,
  rechecked,
  sha,
  started,
  replies,
} from "./model.ts";

const [FIRST, SECOND] = ["web-1.acme.test", "web-2.acme.test"] as const;

function drifted(deployment: ReturnType<typeof started>, host: string, revision: Sha) {
  return { kind: "drifted", deployment, hosts: [{ host, revision }] } as const;
}

/** Revision 1 is live by an approval, revision 2 is approved and executing, nothing is started yet. */
function approvedAndExecuting() {
  const model = modelOf(environmentOf([APPROVAL]));
  live(model, 1);
  return { model, id: started(model, 2) };
}

function row(host: string, revision: Sha) {
  return { host, revision, since: MONDAY, deploymentId: null, source: "ours" as const };
}

describe("what a host says beside what is recorded", () => {
  const model = modelOf(environmentOf([AUTOMATIC]));
  live(model, 1);
  const { plan } = model.get(started(model, 2));

  test("the same is no drift, another revision is", () => {
    const recorded = [row(FIRST, sha(1)), row(SECOND, sha(1))];
    const said = [
      { host: FIRST, revision: sha(1) },
      { host: SECOND, revision: sha(7) },
    ];
    expect(driftOf(plan, recorded, said)).toEqual([{ host: SECOND, revision: sha(7) }]);
    expect(driftWords([{ host: SECOND, revision: sha(7) }], recorded, plan.from)).toBe(
      "web-2.acme.test runs 0000000, not 0000000 as recorded",
    );
  });

  test("a server of which nothing is recorded is held against what the plan starts from", () => {
    expect(driftOf(plan, [], [{ host: SECOND, revision: sha(1) }])).toEqual([]);
    expect(driftOf(plan, [], [{ host: SECOND, revision: sha(7) }])).toHaveLength(1);
    expect(driftOf({ ...plan, from: null }, [], [{ host: SECOND, revision: sha(7) }])).toEqual([]);
  });
});

describe("a hotfix by hand on any server, found before the first step", () => {
  test.each([FIRST, SECOND])("on %s voids the approvals: people are asked about the plan from there", (host) => {
    const { model, id } = approvedAndExecuting();
    const before = model.get(id).planHash;
    model.must(drifted(id, host, sha(7)));
    const after = model.get(id);
    expect(after).toMatchObject({ state: { state: "awaiting_approval", voided: expect.stringContaining(host) }, startedAt: null });
    expect(after.planHash).not.toBe(before);
    expect(after.plan.running[host]).toBe(sha(7));
    expect(model.snapshot.live.find((known) => known.host === host)).toMatchObject({ revision: sha(7), source: "read from host" });
    expect(model.snapshot.mixed).toBe(true);
    expect(model.history.map((entry) => entry.kind)).toContain("drifted");
    const asked = replies(model);
    expect(asked).toMatchObject([{ ping: "approval", text: expect.stringContaining("Nothing was started on any server.") }]);
    model.must(rechecked(model));
    expect(model.state(id)).toBe("awaiting_approval");
    model.must(approved(model, id));
    model.must(rechecked(model));
    expect(model.state(id)).toBe("executing");
  });

  test("put back by hand as it was: whoever approved that plan then lets it go by pressing once more", () => {
    const { model, id } = approvedAndExecuting();
    const before = model.get(id).planHash;
    model.must(drifted(id, FIRST, sha(7)));
    model.must(approved(model, id, PETRA));
    model.must(rechecked(model));
    model.must(drifted(id, FIRST, sha(1)));
    expect(model.get(id)).toMatchObject({ planHash: before, state: { state: "awaiting_approval" } });
    model.must(approved(model, id, PETRA));
    model.must(rechecked(model));
    expect(model.state(id)).toBe("executing");
  });

  test("where nobody is asked, it is planned anew, goes on, and says so", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    const id = started(model, 2);
    model.must(drifted(id, FIRST, sha(7)));
    expect(model.state(id)).toBe("executing");
    expect(model.get(id).from).toBe(sha(7));
    expect(model.effects).toContainEqual({ kind: "drive", deployment: id });
    expect(model.effects.some((effect) => effect.kind === "reply" && effect.reply.text.includes("it goes on"))).toBe(true);
  });

  test("a rollback goes on with its own plan", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    live(model, 1);
    const id = newId();
    model.must({ kind: "roll_back", standing: PETRA, deployment: live(model, 2), reason: "errors", id });
    const { planHash } = model.get(id);
    model.must(drifted(id, SECOND, sha(7)));
    expect([model.state(id), model.get(id).planHash]).toEqual(["executing", planHash]);
  });

  test("told when it is past that changes nothing", () => {
    const { model, id } = approvedAndExecuting();
    model.must({ kind: "steps_ended", deployment: id, outcome: { kind: "done" }, id: newId() });
    expect(model.refused(drifted(id, FIRST, sha(7))).title).toContain("past that");
  });
});
