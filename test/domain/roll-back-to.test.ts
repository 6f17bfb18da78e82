import { describe, expect, test } from "vitest";
import type { Command } from "../../src/domain/environment.ts";
import type { DeploymentId } from "../../src/domain/ids.ts";
import { waysBack } from "../../src/domain/way-back.ts";
import {
  AUTOMATIC,
  ended,
  environmentOf,
  healthy,
  live,
  type Model,
  modelOf,
  newId,
  PETRA,
  requested,
  sha,
  started,
  stateOf,
} from "./model.ts";
import { watchedBy } from "./watched-shop.ts";

const WATCHED = [AUTOMATIC, watchedBy("site")];

function back(deployment: DeploymentId, to: number | null = null) {
  return {
    kind: "roll_back",
    standing: PETRA,
    deployment,
    reason: null,
    id: newId(),
    ...(to === null ? {} : { to: sha(to) }),
  } as const satisfies Command;
}

/** 1 and 2 were healthy, 3 was live and not verified, 4 is live. */
function four(): { readonly model: Model; readonly fourth: DeploymentId } {
  const model = modelOf(environmentOf(WATCHED));
  healthy(model, 1);
  healthy(model, 2);
  live(model, 3);
  return { model, fourth: live(model, 4) };
}

describe("a rollback to a chosen version", () => {
  test("is offered the default first, then all that was live here, each once", () => {
    const { model, fourth } = four();
    const ways = waysBack(model.snapshot, model.get(fourth));
    expect(ways.map((way) => way.revision)).toEqual([sha(2), sha(3), sha(1)]);
    expect(ways.map((way) => way.healthySince === null)).toEqual([false, true, false]);
  });

  test("is offered what the first look found live there too, however many deployments ago", () => {
    const model = modelOf(environmentOf(WATCHED), { live: [] });
    const { hosts } = model.snapshot.environment.target;
    model.must({ kind: "found_live", hosts: hosts.map(({ name }) => ({ host: name, revision: sha(7) })) });
    live(model, 1);
    const second = live(model, 2);
    expect(waysBack(model.snapshot, model.get(second)).map((way) => way.revision)).toEqual([sha(1), sha(7)]);
    const command = back(second, 7);
    model.must(command);
    expect(model.get(command.id)).toMatchObject({ kind: "rollback", revision: sha(7) });
  });

  test("goes there, on all servers", () => {
    const { model, fourth } = four();
    const command = back(fourth, 1);
    model.must(command);
    expect(model.get(command.id)).toMatchObject({ kind: "rollback", revision: sha(1), rollsBack: fourth });
    expect(model.get(command.id).plan.hosts).toHaveLength(2);
  });

  test.each([
    ["never live here", 9, "was never live in production"],
    ["what would be taken back", 4, "is what would be taken back"],
  ])("%s is refused, and nothing changes", (_what, to, because) => {
    const { model, fourth } = four();
    const before = model.snapshot;
    expect(model.refused(back(fourth, to)).title).toContain(because);
    expect(model.snapshot).toBe(before);
  });

  test("to one that is asked for here but was never live is refused: it would be a deployment that nobody approved", () => {
    const { model, fourth } = four();
    model.must(requested(5));
    expect(model.refused(back(fourth, 5)).change).toContain("Deploy it instead");
  });

  test("to one that was rolled back here itself is refused while it is blocked", () => {
    const { model, fourth } = four();
    const first = back(fourth);
    model.must(first);
    model.must(ended(first.id));
    const fifth = live(model, 5);
    expect(waysBack(model.snapshot, model.get(fifth)).map((way) => way.revision)).not.toContain(sha(4));
    expect(model.refused(back(fifth, 4)).title).toContain("was rolled back here itself and is blocked");
    model.must({ kind: "allow_again", standing: PETRA, deployment: fourth, reason: "fixed" });
    model.must(back(fifth, 4));
  });

  test("chosen while it is still executing is kept until it has stopped", () => {
    const { model } = four();
    const fifth = started(model, 5);
    model.must(back(fifth, 1));
    expect(stateOf(model, fifth, "cancelling").to).toBe(sha(1));
    const id = newId();
    model.must({ kind: "cancel_ended", deployment: fifth, unreachable: [], switched: ["web-1.acme.test"], id });
    expect(model.get(id).revision).toBe(sha(1));
    expect(model.get(id).plan.hosts).toHaveLength(2);
  });

  test("chosen like the default takes back only the servers that were changed", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    const second = started(model, 2);
    model.must(back(second, 1));
    const id = newId();
    model.must({ kind: "cancel_ended", deployment: second, unreachable: [], switched: ["web-1.acme.test"], id });
    expect(model.get(id).plan.hosts.map((host) => host.name)).toEqual(["web-1.acme.test"]);
  });
});

describe("a person who saw that the earlier version runs everywhere", () => {
  test("ends it as failed, and the servers are alike again", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    const first = live(model, 1);
    const second = started(model, 2);
    model.must(ended(second, { kind: "unknown", because: "nobody can tell" }));
    model.must({ kind: "resolve", standing: PETRA, deployment: second, way: "mark_earlier", reason: "I looked", id: newId() });
    expect(stateOf(model, second, "failed").because).toBe(`${sha(1).slice(0, 7)} is what runs, says upetra`);
    expect(model.snapshot.mixed).toBe(false);
    expect(model.snapshot.live.map((row) => [row.revision, row.deploymentId])).toEqual([
      [sha(1), first],
      [sha(1), first],
    ]);
    live(model, 3);
  });

  test("of a rollback that is stuck: what was to go still runs, and it can be asked for again", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    const second = live(model, 2);
    const command = back(second);
    model.must(command);
    model.must(ended(command.id, { kind: "unknown", because: "nobody can tell" }));
    model.must({ kind: "resolve", standing: PETRA, deployment: command.id, way: "mark_earlier", reason: "I looked", id: newId() });
    expect(model.state(command.id)).toBe("failed");
    expect(model.snapshot.live.map((row) => row.revision)).toEqual([sha(2), sha(2)]);
    model.must(back(second));
  });

  test("is not heard where nothing ran before", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    const first = started(model, 1);
    model.must(ended(first, { kind: "unknown", because: "nobody can tell" }));
    const refusal = model.refused({
      kind: "resolve",
      standing: PETRA,
      deployment: first,
      way: "mark_earlier",
      reason: "I looked",
      id: newId(),
    });
    expect(refusal.title).toContain("no earlier version is known");
  });
});
