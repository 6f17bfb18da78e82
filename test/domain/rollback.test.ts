import { describe, expect, test } from "vitest";
import type { Command } from "../../src/domain/environment.ts";
import type { DeploymentId } from "../../src/domain/ids.ts";
import {
  AUTOMATIC,
  DORA,
  ended,
  environmentOf,
  healthy,
  live,
  MINUTE,
  type Model,
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
} from "./model.ts";
import { watchedBy } from "./watched-shop.ts";

const WATCHED = [AUTOMATIC, watchedBy("site")];

function asked(deployment: DeploymentId, over: Partial<Extract<Command, { kind: "roll_back" }>> = {}) {
  return {
    kind: "roll_back",
    standing: person("UEVE", { onCall: true }),
    deployment,
    reason: "errors",
    id: newId(),
    ...over,
  } as const satisfies Command;
}

function failedOn(model: Model, id: DeploymentId, ...switched: readonly string[]): void {
  model.must(ended(id, { kind: "failed", because: "migrate on web-1 ended with exit code 1.", switched }));
}

describe("where a rollback goes", () => {
  test("to the last revision here with a healthy verdict, past unverified ones", () => {
    const model = modelOf(environmentOf(WATCHED));
    healthy(model, 1);
    live(model, 2);
    const third = live(model, 3);
    const command = asked(third);
    model.must(command);
    expect(model.get(command.id)).toMatchObject({ kind: "rollback", revision: sha(1), from: sha(3), rollsBack: third });
  });

  test("else to the last different one, never to a blocked one", () => {
    const model = modelOf(environmentOf(WATCHED));
    live(model, 1);
    const second = live(model, 2);
    const command = asked(second);
    model.must(command);
    expect(model.get(command.id).revision).toBe(sha(1));
    model.must(ended(command.id));
    const third = live(model, 3);
    model.must(asked(third));
    expect(model.snapshot.open.at(-1)?.revision).toBe(sha(1));
    expect(model.snapshot.blocked.map((commit) => commit.revision)).toEqual([sha(2), sha(3)]);
  });

  test("never to what a failed attempt left on a host", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    failedOn(model, started(model, 2), "web-1.acme.test");
    const third = live(model, 3);
    expect(model.get(third).from).toBe(sha(2));
    const command = asked(third);
    model.must(command);
    expect(model.get(command.id).revision).toBe(sha(1));
  });

  test("to what the first look found on the hosts, if nothing else was live", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    model.must({ kind: "found_live", hosts: ["web-1.acme.test", "web-2.acme.test"].map((host) => ({ host, revision: sha(7) })) });
    const command = asked(live(model, 8));
    model.must(command);
    expect(model.get(command.id).revision).toBe(sha(7));
  });

  test("nowhere after a first deployment", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    expect(model.refused(asked(live(model, 1))).title).toContain("there is no earlier version here");
  });

  test("without migrations, whatever the deployment had", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    const command = asked(live(model, 2));
    model.must(command);
    expect(model.get(command.id).plan.steps.map((step) => step.name)).not.toContain("migrate");
  });
});

describe("a rollback asked for", () => {
  test("needs no approval and no open freeze, and a lock's owner is told", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    const second = live(model, 2);
    model.must({ kind: "lock", standing: OLAF, reason: "demo", until: new Date(model.now.getTime() + MINUTE) });
    const command = asked(second);
    model.must(command);
    expect(model.state(command.id)).toBe("executing");
    expect(model.effects.filter((effect) => effect.kind === "notice").map(({ to, key }) => [to, key])).toContainEqual([
      "UOLAF",
      `rollback-lock:${second}`,
    ]);
  });

  test("ends the watch of what it rolls back as regressed, in the same decision", () => {
    const model = modelOf(environmentOf(WATCHED));
    live(model, 1);
    const second = live(model, 2);
    const command = asked(second);
    model.must(command);
    expect(stateOf(model, second, "regressed").because).toBe("errors");
    expect(model.get(second).rolledBackBy).toBe(command.id);
    model.must(ended(command.id));
    expect(stateOf(model, command.id, "succeeded_unverified").because).toBe("the earlier version is live again");
    expect(model.snapshot.live.map((host) => host.revision)).toEqual([sha(1), sha(1)]);
  });

  test.each([
    ["on-call", person("UEVE", { onCall: true }), true],
    ["an approver", PETRA, true],
    ["whoever asked for it", DORA, true],
    ["a bystander", person("UEVE"), false],
    ["somebody in rollback.from", person("UEVE", { mayRollBack: true }), true],
    ["an approver who is not in rollback.from", person("UPETRA", { approver: true, mayRollBack: false }), false],
    ["the operator", person("", { actor: { kind: "cli", user: "root" } }), true],
    ["a guest", person("UEVE", { onCall: true, guest: true }), false],
    ["a bot", person("UEVE", { onCall: true, bot: true }), false],
  ])("by %s", (_who, standing, may) => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    expect(model.do(asked(live(model, 2), { standing })).ok).toBe(may);
  });

  test("while it is still executing stops it first, then goes back", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    const second = started(model, 2);
    model.must(asked(second));
    expect(stateOf(model, second, "cancelling").thenRollBack).toBe(true);
    const id = newId();
    model.must({ kind: "cancel_ended", deployment: second, unreachable: [], switched: ["web-1.acme.test"], id });
    expect([model.state(second), model.state(id)]).toEqual(["cancelled", "executing"]);
    expect(model.get(second).rolledBackBy).toBe(id);
  });

  test("while another deployment is executing stops that one, and goes first in the queue", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    const second = live(model, 2);
    const third = started(model, 3);
    const waits = requested(4);
    model.must(waits);
    const command = asked(second);
    model.must(command);
    expect([model.state(third), model.state(command.id)]).toEqual(["cancelling", "queued"]);
    model.must({ kind: "cancel_ended", deployment: third, unreachable: [], switched: [], id: newId() });
    model.must(rechecked(model));
    expect([model.state(third), model.state(command.id), model.state(waits.id)]).toEqual(["cancelled", "executing", "queued"]);
  });

  test("while another one needs attention ends that one as failed, in the same decision", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    const second = live(model, 2);
    const third = started(model, 3);
    model.must(ended(third, { kind: "unknown", because: "nobody can tell" }));
    const command = asked(second);
    model.must(command);
    expect([model.state(third), model.state(command.id)]).toEqual(["failed", "executing"]);
    expect(model.effects).toContainEqual({ kind: "drive", deployment: third });
  });

  test("twice: the second presser hears who was first", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    const second = live(model, 2);
    const command = asked(second);
    model.must(command);
    expect(model.refused(asked(second, { standing: PETRA })).title).toBe("Not rolled back: ueve is rolling it back already.");
    model.must(ended(command.id));
    expect(model.refused(asked(second)).title).toBe("Not rolled back: it was rolled back already.");
  });

  test("that was cancelled while it waited can be asked for again", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    const second = live(model, 2);
    const third = started(model, 3);
    const command = asked(second);
    model.must(command);
    model.must({ kind: "cancel", standing: PETRA, deployment: command.id, thenRollBack: false });
    model.must({ kind: "cancel_ended", deployment: third, unreachable: [], switched: [], id: newId() });
    expect(model.do(asked(second)).ok).toBe(true);
  });

  test("of what does not run there is refused", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    const first = live(model, 1);
    live(model, 2);
    expect(model.refused(asked(first)).title).toBe("Not rolled back: it is not what runs there now.");
    const waits = modelOf();
    const command = requested(1);
    waits.must(command);
    expect(waits.refused(asked(command.id, { standing: PETRA })).title).toBe("Not rolled back: it is not live, nothing needs to go back.");
  });

  test("waits in a restored environment until somebody has looked", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    const second = live(model, 2);
    model.must({ kind: "restored", because: "This database was restored." });
    const command = asked(second);
    model.must(command);
    expect(model.state(command.id)).toBe("queued");
    expect(model.refused({ kind: "unlock", standing: person("UEVE") }).title).toContain("Not released");
    model.must({ kind: "unlock", standing: PETRA });
    model.must(rechecked(model));
    expect(model.state(command.id)).toBe("executing");
  });
});

function failing(): { model: Model; second: DeploymentId; rollback: DeploymentId } {
  const model = modelOf(environmentOf([AUTOMATIC]));
  live(model, 1);
  const second = live(model, 2);
  const { id: rollback, ...command } = asked(second);
  model.must({ ...command, id: rollback });
  failedOn(model, rollback, "web-1.acme.test");
  return { model, second, rollback };
}

describe("a rollback that fails", () => {
  test("makes the environment mixed and needs a person, and is not itself rolled back", () => {
    const { model, rollback } = failing();
    expect(model.state(rollback)).toBe("needs_attention");
    expect(model.snapshot.mixed).toBe(true);
    expect(model.refused(asked(rollback)).title).toBe("Not rolled back: this is a rollback itself.");
  });

  test("is tried anew to the same revision, which stays unblocked", () => {
    const { model, second, rollback } = failing();
    const id = newId();
    model.must({ kind: "resolve", standing: PETRA, deployment: rollback, way: "roll_back", reason: "again", id });
    expect([model.state(rollback), model.state(id)]).toEqual(["failed", "executing"]);
    expect(model.get(id)).toMatchObject({ revision: sha(1), rollsBack: second });
    expect(model.snapshot.blocked.map((commit) => commit.revision)).not.toContain(sha(1));
    expect(model.get(second).rolledBackBy).toBe(id);
  });

  test("can be tried anew from the card of what it rolls back", () => {
    const { model, second, rollback } = failing();
    const command = asked(second);
    model.must(command);
    expect([model.state(rollback), model.state(command.id)]).toEqual(["failed", "executing"]);
  });

  test("stopped half-way needs a person too", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    const command = asked(live(model, 2));
    model.must(command);
    model.must({ kind: "cancel", standing: PETRA, deployment: command.id, thenRollBack: true });
    model.must({ kind: "cancel_ended", deployment: command.id, unreachable: [], switched: ["web-1.acme.test"], id: newId() });
    expect(model.state(command.id)).toBe("needs_attention");
  });
});

test("allowing a version again needs somebody who did not write it, and a reason", () => {
  const model = modelOf(environmentOf([AUTOMATIC]));
  live(model, 1);
  const authors = [{ name: "Eve", email: null, login: null, slackId: "UEVE" }];
  const second = requested(2, { changes: { ...NOTHING, authors } });
  model.must(second);
  model.must(rechecked(model));
  model.must(ended(second.id));
  const command = asked(second.id);
  model.must(command);
  model.must(ended(command.id));
  const allow = (standing = PETRA) => ({ kind: "allow_again" as const, standing, deployment: second.id, reason: "it was the cache" });
  expect(model.refused(requested(2, { containsBlocked: sha(2) })).reasons[0]?.rule).toBe("blocked_commit");
  expect(model.refused(allow(person("UEVE", { onCall: true }))).title).toContain("you wrote part of what was rolled back");
  model.must(allow());
  expect(model.snapshot.blocked).toEqual([]);
  expect(model.refused(allow()).title).toContain("Nothing to allow");
  model.must(requested(2));
});
