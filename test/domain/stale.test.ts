import { describe, expect, test } from "vitest";
import { STALENESS, stale, type Press } from "../../src/domain/decide/stale.ts";
import type { Command } from "../../src/domain/environment.ts";
import type { DeploymentId } from "../../src/domain/ids.ts";
import {
  APPROVAL,
  approved,
  AUTOMATIC,
  ended,
  environmentOf,
  live,
  measured,
  modelOf,
  MONDAY,
  newId,
  NOTHING,
  PETRA,
  rechecked,
  requested,
  shownNow,
  started,
  type Model,
  verdict,
} from "./model.ts";
import { watchedBy } from "./watched-shop.ts";

const watched = (policy: "offer" | "rollback") => [AUTOMATIC, watchedBy("site", `on_regression: ${policy}`)];
const standing = PETRA;

/** Where each press is possible, and what its presser would give. */
type Scene = { readonly model: Model; readonly id: DeploymentId; readonly command: Command };

function waiting(): { readonly model: Model; readonly id: DeploymentId } {
  const model = modelOf(environmentOf([APPROVAL]));
  const command = requested(1);
  model.must(command);
  return { model, id: command.id };
}

function running(): { readonly model: Model; readonly id: DeploymentId } {
  const model = modelOf(environmentOf([AUTOMATIC]));
  live(model, 1);
  return { model, id: started(model, 2) };
}

function regressed(policy: "offer" | "rollback"): { readonly model: Model; readonly id: DeploymentId } {
  const model = modelOf(environmentOf(watched(policy)));
  live(model, 1);
  const id = live(model, 2);
  model.must(measured(id, verdict("regressed", "act", true)));
  return { model, id };
}

function stuck(): { readonly model: Model; readonly id: DeploymentId } {
  const { model, id } = running();
  model.must(ended(id, { kind: "unknown", because: "nobody can tell" }));
  return { model, id };
}

function held(): { readonly model: Model; readonly id: DeploymentId } {
  const { model, id } = running();
  const holders = [{ host: "web-1.acme.test", run: newId(), since: null, who: "#1 of blog/production" }];
  model.must(ended(id, { kind: "held", because: "web-1 is held.", holders }));
  return { model, id };
}

type Place = { readonly model: Model; readonly id: DeploymentId };

function at(place: Place, command: (deployment: DeploymentId) => Command): Scene {
  return { ...place, command: command(place.id) };
}

const SCENES: Readonly<Record<Press, () => Scene>> = {
  approve: () => {
    const { model, id } = waiting();
    return { model, id, command: approved(model, id) };
  },
  start_now: () => {
    const { model, id } = waiting();
    model.must({ ...approved(model, id), later: { kind: "at", at: new Date(MONDAY.getTime() + 3_600_000) } });
    return { model, id, command: { kind: "start_now", standing, deployment: id, approverNames: [] } };
  },
  reject: () => at(waiting(), (deployment) => ({ kind: "reject", standing, deployment, reason: "no" })),
  offer_again: () => {
    const { model, id } = waiting();
    model.must({ kind: "reject", standing, deployment: id, reason: "no" });
    const asked = { changes: NOTHING, containsBlocked: null, missing: [], id: newId() };
    return { model, id, command: { kind: "offer_again", standing, deployment: id, ...asked } };
  },
  cancel: () => at(running(), (deployment) => ({ kind: "cancel", standing, deployment, thenRollBack: false })),
  stop_and_roll_back: () => at(running(), (deployment) => ({ kind: "cancel", standing, deployment, thenRollBack: true })),
  roll_back: () => at(regressed("offer"), (deployment) => ({ kind: "roll_back", standing, deployment, reason: null, id: newId() })),
  roll_back_schema: () =>
    at(regressed("offer"), (deployment) => ({ kind: "roll_back", standing, deployment, reason: null, schema: true, id: newId() })),
  stop_countdown: () => at(regressed("rollback"), (deployment) => ({ kind: "stop_countdown", standing, deployment })),
  keep_watching: () => at(regressed("offer"), (deployment) => ({ kind: "keep_watching", standing, deployment })),
  on_it: () => at(regressed("offer"), (deployment) => ({ kind: "on_it", standing, deployment })),
  mark_alarm: () =>
    at(regressed("offer"), (deployment) => ({
      kind: "mark_alarm",
      standing,
      deployment,
      isReal: true,
      alarm: { seenAt: MONDAY, wouldActAt: null, word: null },
    })),
  allow_again: () => {
    const { model, id } = regressed("offer");
    const back = newId();
    model.must({ kind: "roll_back", standing, deployment: id, reason: null, id: back });
    model.must(ended(back));
    return { model, id, command: { kind: "allow_again", standing, deployment: id, reason: "it was the cache" } };
  },
  resolve_ask_hosts: () => resolving(stuck(), "ask_hosts"),
  resolve_take_over: () => resolving(held(), "take_over"),
  resolve_mark_live: () => resolving(stuck(), "mark_live"),
  resolve_mark_earlier: () => resolving(stuck(), "mark_earlier"),
  resolve_roll_back: () => resolving(stuck(), "roll_back"),
  resolve_stays_broken: () => resolving(stuck(), "stays_broken"),
};

function resolving(place: Place, way: Extract<Command, { kind: "resolve" }>["way"]): Scene {
  return at(place, (deployment) => ({ kind: "resolve", standing, deployment, way, reason: "I looked", id: newId() }));
}

const PRESSES = Object.keys(STALENESS).flatMap((name) => (isPress(name) ? [name] : []));

function isPress(name: string): name is Press {
  return name in SCENES;
}

describe("a press on what is not so any more", () => {
  test("has a scene for every row", () => {
    expect(Object.keys(SCENES).toSorted()).toEqual(Object.keys(STALENESS).toSorted());
  });

  test.each(PRESSES)("%s: with another digest it is answered and changes nothing", (press) => {
    const { model, id, command } = SCENES[press]();
    const before = model.snapshot;
    const shown = { ...shownNow(model, id), digest: "0".repeat(16) };
    expect(model.refused({ ...command, shown }).title).toBe(
      `Not ${STALENESS[press].done}: what would be deployed has changed since this card was drawn.`,
    );
    expect(model.snapshot).toBe(before);
  });

  test.each(PRESSES)("%s: with what the card shows now nothing is old", (press) => {
    const { model, id, command } = SCENES[press]();
    expect(stale(model.snapshot, { ...command, shown: shownNow(model, id) })).toBeNull();
  });

  test.each(PRESSES)("%s: after other decisions it counts as its row says", (press) => {
    const { model, id, command } = SCENES[press]();
    const now = shownNow(model, id);
    const outcome = stale(model.snapshot, { ...command, shown: { ...now, counter: now.counter - 1 } });
    const counts = STALENESS[press].counter;
    const obeyed = counts === "never" || (counts === "once_it_runs" && model.get(id).startedAt === null);
    const title = outcome === null || outcome.ok ? null : outcome.refusal.title;
    expect(title?.includes("has moved on since this card was drawn") ?? false).toBe(!obeyed);
  });
});

describe("what a tick does not make old", () => {
  test("Cancel: a deployment whose approvals became void and came again is still the one that was shown", () => {
    const { model, id } = waiting();
    const shown = shownNow(model, id);
    model.must(approved(model, id));
    model.must({ kind: "cancel", standing, deployment: id, thenRollBack: false, shown });
    expect(model.state(id)).toBe("cancelled");
  });

  test("Cancel that was drawn before it began does not stop it half-way", () => {
    const { model, id } = waiting();
    model.must(approved(model, id));
    const shown = shownNow(model, id);
    model.must(rechecked(model));
    expect(model.state(id)).toBe("executing");
    const refusal = model.refused({ kind: "cancel", standing, deployment: id, thenRollBack: false, shown });
    expect(refusal.title).toContain("It is being deployed already");
    expect(model.state(id)).toBe("executing");
  });

  test("Roll back below a ping, through a countdown that began and ended since", () => {
    const { model, id } = regressed("rollback");
    const shown = shownNow(model, id);
    model.must({ kind: "stop_countdown", standing, deployment: id, shown });
    expect(model.get(id).counter).toBeGreaterThan(shown.counter);
    const back = newId();
    model.must({ kind: "roll_back", standing, deployment: id, reason: null, id: back, shown });
    expect(model.state(back)).toBe("executing");
  });

  test("Stop countdown of an earlier one stops no later one", () => {
    const { model, id } = regressed("rollback");
    const shown = shownNow(model, id);
    model.must(measured(id, verdict("healthy")));
    model.must(measured(id, verdict("regressed", "act", true)));
    expect(model.state(id)).toBe("countdown");
    expect(model.do({ kind: "stop_countdown", standing, deployment: id, shown }).ok).toBe(false);
    expect(model.state(id)).toBe("countdown");
  });
});

function allow(deployment: DeploymentId): Command {
  return { kind: "allow_again", standing, deployment, reason: "fixed" };
}

test("a version that was rolled back twice is allowed again on the card of the later rollback", () => {
  const model = modelOf(environmentOf([AUTOMATIC]));
  live(model, 1);
  const first = live(model, 2);
  const gone = (deployment: DeploymentId): void => {
    const id = newId();
    model.must({ kind: "roll_back", standing, deployment, reason: null, id });
    model.must(ended(id));
  };
  gone(first);
  model.must(allow(first));
  const second = live(model, 2);
  gone(second);
  expect(model.refused(allow(first)).title).toContain(`rolled back once more after this, as #${model.get(second).number}`);
  model.must(allow(second));
  expect(model.snapshot.blocked).toEqual([]);
});
