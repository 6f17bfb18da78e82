import { describe, expect, test } from "vitest";
import type { Deployment } from "../../src/domain/deployment.ts";
import { hostStates } from "../../src/domain/host-states.ts";
import type { StepRecord } from "../../src/domain/progress.ts";
import {
  AUTOMATIC,
  ended,
  environmentOf,
  healthy,
  live,
  modelOf,
  newId,
  OLAF,
  person,
  PETRA,
  sha,
  shownNow,
  started,
  stateOf,
} from "./model.ts";
import { watchedBy } from "./watched-shop.ts";

const HOSTS = ["web-1", "web-2", "web-3"] as const;
const WATCHED = watchedBy("site");

/** Three servers, of which revision 1 is live on all; revision 2 is executing. */
function stopped(onFailure: Deployment["plan"]["onFailure"], lines: readonly string[] = []) {
  const base = environmentOf([AUTOMATIC, ...lines]);
  const [host] = base.target.hosts;
  if (host === undefined) throw new Error("an environment without a host");
  const hosts = HOSTS.map((name) => ({ ...host, name, address: `${name}.acme.test` }));
  const model = modelOf({ ...base, onFailure, target: { ...base.target, hosts } });
  live(model, 1);
  return { model, id: started(model, 2) };
}

const because = "verify on web-1 ended with exit code 1.";

describe("a roll that stops half-way", () => {
  test("by on_failure: rollback takes back the servers that were changed, and no other", () => {
    const { model, id } = stopped("rollback");
    const command = ended(id, { kind: "failed", because, switched: ["web-1"] });
    model.must(command);
    expect([model.state(id), model.state(command.id)]).toEqual(["failed", "executing"]);
    const { plan } = model.get(command.id);
    expect(plan.hosts.map((host) => host.name)).toEqual(["web-1"]);
    expect(new Set(plan.steps.map((step) => step.host))).toEqual(new Set(["web-1"]));
    expect(model.snapshot.mixed).toBe(true);
    model.must(ended(command.id));
    expect(model.snapshot.live.map((row) => row.revision)).toEqual([sha(1), sha(1), sha(1)]);
    expect(model.snapshot.mixed).toBe(false);
  });

  test("says who has it, who goes back and who was not changed", () => {
    const { model, id } = stopped("rollback");
    model.must(ended(id, { kind: "failed", because, switched: ["web-1"] }));
    const [ping] = model.effects.flatMap((effect) =>
      effect.kind === "reply" && effect.reply.ping === "failed" ? [effect.reply.text] : [],
    );
    expect(ping).toBe(`Failed: ${because} web-1 goes back to ${sha(1).slice(0, 7)}. Not changed: web-2 and web-3.`);
  });

  test("goes back to what the other servers run, though an older revision was healthier", () => {
    const { model, id } = stopped("rollback", [WATCHED]);
    const command = ended(id, { kind: "failed", because, switched: ["web-1"] });
    model.must(command);
    model.must(ended(command.id));
    healthy(model, 3);
    live(model, 4);
    const fifth = started(model, 5);
    const back = ended(fifth, { kind: "failed", because, switched: ["web-1", "web-2"] });
    model.must(back);
    expect(model.get(back.id)).toMatchObject({ revision: sha(4), rollsBack: fifth });
    expect(model.get(back.id).plan.hosts.map((host) => host.name)).toEqual(["web-1", "web-2"]);
  });

  test("with every server changed goes back as a whole, to the last healthy revision", () => {
    const { model, id } = stopped("rollback", [WATCHED]);
    const command = ended(id, { kind: "failed", because, switched: HOSTS });
    model.must(command);
    expect(model.get(command.id).plan.hosts.map((host) => host.name)).toEqual([...HOSTS]);
  });

  test("on hold can be rolled back by a person: the same servers only", () => {
    const { model, id } = stopped("hold");
    model.must(ended(id, { kind: "failed", because, switched: ["web-1", "web-2"] }));
    expect(model.snapshot.live.map((row) => row.revision)).toEqual([sha(2), sha(2), sha(1)]);
    const back = newId();
    model.must({ kind: "roll_back", standing: PETRA, deployment: id, reason: "errors", id: back });
    expect(model.get(back)).toMatchObject({ revision: sha(1) });
    expect(model.get(back).plan.hosts.map((host) => host.name)).toEqual(["web-1", "web-2"]);
  });

  test("what failed within max_failures is left for a person: the good servers do not go back", () => {
    const { model, id } = stopped("rollback");
    model.must(ended(id, { kind: "failed", because, switched: HOSTS, finished: true }));
    expect(model.state(id)).toBe("failed");
    expect(model.snapshot.open).toEqual([]);
    expect(model.snapshot.mixed).toBe(true);
  });

  test("a server that says it never left the old revision is not recorded as changed", () => {
    const { model, id } = stopped("hold");
    const found = [
      { host: "web-1", revision: sha(2) },
      { host: "web-2", revision: sha(1) },
    ];
    model.must(ended(id, { kind: "failed", because, switched: ["web-1", "web-2"], found }));
    expect(model.snapshot.live.map((row) => row.revision)).toEqual([sha(2), sha(1), sha(1)]);
  });

  test("stopped and rolled back in one press takes back the servers that were changed by then", () => {
    const { model, id } = stopped("hold");
    model.must({ kind: "cancel", standing: PETRA, deployment: id, thenRollBack: true });
    const back = newId();
    model.must({ kind: "cancel_ended", deployment: id, unreachable: [], switched: ["web-1"], id: back });
    expect([model.state(id), model.state(back)]).toEqual(["cancelled", "executing"]);
    expect(model.get(back).plan.hosts.map((host) => host.name)).toEqual(["web-1"]);
    model.must(ended(back));
    expect(model.snapshot.mixed).toBe(false);
  });

  test("a rollback that fails in its turn is tried anew on the same servers", () => {
    const { model, id } = stopped("rollback");
    const first = ended(id, { kind: "failed", because, switched: ["web-1", "web-2"] });
    model.must(first);
    model.must(ended(first.id, { kind: "failed", because, switched: ["web-1"] }));
    expect(model.state(first.id)).toBe("needs_attention");
    const again = newId();
    model.must({ kind: "resolve", standing: PETRA, deployment: first.id, way: "roll_back", reason: "again", id: again });
    expect(model.get(again).plan.hosts.map((host) => host.name)).toEqual(["web-1", "web-2"]);
    expect(model.get(again).revision).toBe(sha(1));
  });
});

function record(step: string, host: string, status: StepRecord["status"] = "done") {
  return { step, host, status };
}

describe("which server runs what", () => {
  test("while it goes on: changed servers are on their way, the others run what they ran", () => {
    const { model, id } = stopped("hold");
    expect(hostStates(model.get(id), model.snapshot.live, [record("pull", "web-1", "running")])).toEqual([
      { host: "web-1", revision: sha(1), as: "changing" },
      { host: "web-2", revision: sha(1), as: "runs" },
      { host: "web-3", revision: sha(1), as: "runs" },
    ]);
  });

  test("after a failure: a server with the code that was not restarted is said to be that", () => {
    const { model, id } = stopped("hold");
    model.must(ended(id, { kind: "failed", because, switched: ["web-1", "web-2"] }));
    const records = [record("pull", "web-1"), record("pull", "web-2"), record("restart", "web-1"), record("restart", "web-2", "failed")];
    expect(hostStates(model.get(id), model.snapshot.live, records)).toEqual([
      { host: "web-1", revision: sha(2), as: "runs" },
      { host: "web-2", revision: sha(2), as: "not_restarted" },
      { host: "web-3", revision: sha(1), as: "runs" },
    ]);
  });
});

function way(id: Deployment["id"], chosen: "take_over" | "stays_broken" | "ask_hosts" | "roll_back", standing = PETRA) {
  return { kind: "resolve", standing, deployment: id, way: chosen, reason: "it is dead", id: newId() } as const;
}

describe("the lock of a run that is gone", () => {
  const holders = [{ host: "web-2", run: newId(), since: null, who: "#1 of shop/production" }];

  function held() {
    const { model, id } = stopped("hold");
    model.must(ended(id, { kind: "held", because: "web-2 is held by #1 of shop/production.", holders }));
    return { model, id };
  }

  test("needs a person, and nothing differs for it", () => {
    const { model, id } = held();
    expect(stateOf(model, id, "needs_attention").held).toEqual(holders);
    expect(model.snapshot.mixed).toBe(false);
  });

  test("taken over: it executes with exactly those locks, and the history names them", () => {
    const { model, id } = held();
    model.must(way(id, "take_over"));
    expect(stateOf(model, id, "executing").takeOver).toEqual(holders);
    expect(model.effects).toContainEqual({ kind: "drive", deployment: id });
    const [taken] = model.history.filter((entry) => entry.kind === "taken_over");
    expect(taken).toMatchObject({ actor: PETRA.actor, body: { locks: [{ host: "web-2", run: holders[0]?.run }] } });
  });

  test("pressed on a card that showed other locks: nothing is taken", () => {
    const { model, id } = held();
    const seen = { ...way(id, "take_over"), shown: shownNow(model, id) };
    model.must(way(id, "ask_hosts"));
    const others = [{ host: "web-3", run: newId(), since: null, who: "#1 of blog/production" }];
    model.must(ended(id, { kind: "held", because: "web-3 is held by #1 of blog/production.", holders: others }));
    expect(model.refused(seen).title).toContain("has moved on since this card was drawn");
    model.must({ ...seen, shown: shownNow(model, id) });
    expect(stateOf(model, id, "executing").takeOver).toEqual(others);
  });

  test("asked again without taking over: no lock is taken", () => {
    const { model, id } = held();
    model.must(way(id, "ask_hosts"));
    expect(stateOf(model, id, "executing").takeOver).toBeUndefined();
  });

  test("given up: failed, with nothing changed on any server and nothing to roll back", () => {
    const { model, id } = held();
    expect(model.refused(way(id, "roll_back")).title).toContain("nothing was changed");
    model.must(way(id, "stays_broken"));
    expect(model.state(id)).toBe("failed");
    expect(model.snapshot.mixed).toBe(false);
  });

  test("a bystander takes nothing over, and there is nothing to take where no lock stands in the way", () => {
    const { model, id } = held();
    expect(model.refused(way(id, "take_over", person("UEVE"))).title).toContain("Not taken over");
    model.must(way(id, "take_over", OLAF));
    model.must(ended(id, { kind: "unknown", because: "nobody can tell" }));
    expect(model.refused(way(id, "take_over")).title).toContain("no lock of another run");
  });
});
