import { describe, expect, test } from "vitest";
import { companionsFor, isSameSet, sourceName, type CompanionRevision, type PassedRevision } from "../../src/domain/companion.ts";
import type { Environment } from "../../src/domain/config.ts";
import type { AfterRecord, Command, Snapshot } from "../../src/domain/environment.ts";
import { pendingFound } from "../../src/domain/django/record.ts";
import { gate } from "../../src/domain/gate.ts";
import { environmentId, type DeploymentId, type Sha } from "../../src/domain/ids.ts";
import { UNLESS_BUILT } from "../../src/domain/recipe/release-script.ts";
import { unseenSteps } from "../../src/domain/recipe/unseen.ts";
import type { Validation } from "../../src/domain/standing.ts";
import { wordsFor } from "../../src/domain/validation.ts";
import { wayKey, waysBack } from "../../src/domain/way-back.ts";
import { configOf } from "../support/engine-replica.ts";
import {
  approved,
  AUTOMATIC,
  APPROVAL,
  ended,
  measured,
  MINUTE,
  MONDAY,
  modelOf,
  newId,
  NOTHING,
  offered,
  person,
  PETRA,
  rechecked,
  requested,
  sha,
  verdict,
  type Model,
} from "./model.ts";

const ORIGIN = "git@github.com:acme/shop-theme.git";
const MINUTE_BEFORE = MONDAY.getTime() - MINUTE;
const AFTER = "after: { environment: staging, for: 0s }";

function environmentOf(lines: readonly string[], layout = "in_place"): Environment {
  const config = configOf(`apps:
  shop:
    repository: github:acme/shop
    channel: "#shop"
    with: [{ repository: github:acme/shop-theme, requires: [build], directory: theme, origin: "${ORIGIN}" }]
    environments:
      staging: { deploy: automatically, target: { type: ssh, hosts: [deploy@staging.acme.test], directory: /srv/shop, recipe: django } }
      production:
${lines.map((line) => `        ${line}`).join("\n")}
        target: { type: ssh, hosts: [deploy@web-1.acme.test, deploy@web-2.acme.test], directory: /srv/shop, recipe: django, layout: ${layout} }
`);
  const found = config.apps[0]?.environments.find(({ name }) => name === "production");
  if (found === undefined) throw new Error("no production");
  return found;
}

/** The theme's revisions are counted from 100, so that none is the app's too. */
const theme = (number: number): Sha => sha(100 + number);
const themes = (...numbers: readonly number[]) =>
  numbers.map((number) => ({ repository: "acme/shop-theme", directory: "theme", origin: ORIGIN, revision: theme(number) }));

const SOURCE = sourceName("shop", { repository: { kind: "github", connection: "default", path: "acme/shop-theme" }, branch: "main" });
const passed = (number: number): PassedRevision => ({ source: SOURCE, revision: theme(number), position: number, since: MONDAY });
const lost = (number: number): PassedRevision => ({ ...passed(number), lost: true });

function world(lines: readonly string[] = [AUTOMATIC], over: Partial<Snapshot> = {}, layout = "in_place"): Model {
  return modelOf(environmentOf(lines, layout), { passed: [passed(1)], ...over });
}

function passes(model: Model, number: number): void {
  model.snapshot = { ...model.snapshot, passed: [passed(number), ...(model.snapshot.passed ?? [])] };
}

/** What was found out for the companions that it comes with now. */
function comes({ snapshot }: Model, number: number): { readonly companions?: readonly CompanionRevision[] } {
  const wanted = companionsFor(snapshot, sha(number));
  return wanted.kind === "set" ? { companions: wanted.set } : {};
}

/** The revision is offered by rule and goes live, if it is offered at all. */
function goesLive(model: Model, number: number): DeploymentId | null {
  const command = offered(number, comes(model, number));
  if (!model.must(command).changes.some(({ kind }) => kind === "insert")) return null;
  model.must(rechecked(model));
  model.must(ended(command.id));
  return command.id;
}

function live(model: Model, number: number): DeploymentId {
  const id = goesLive(model, number);
  if (id === null) throw new Error(`${number} was not offered`);
  return id;
}

function back(deployment: DeploymentId, over: Partial<Extract<Command, { kind: "roll_back" }>> = {}) {
  const standing = person("UEVE", { onCall: true });
  return { kind: "roll_back", standing, deployment, reason: "errors", id: newId(), ...over } as const satisfies Command;
}

/** Petra's look at the first revision, at the time of that record. */
function wordAt(at: number): Validation {
  const environment = environmentId("shop", "staging");
  return {
    environmentId: environment,
    revision: sha(1),
    actor: PETRA.actor,
    verdict: "looks_good",
    reason: null,
    at: new Date(MINUTE_BEFORE + at),
  };
}

function record(number: number, companions: ReturnType<typeof themes>, at: number, state: AfterRecord["state"] = "succeeded"): AfterRecord {
  return { revision: sha(number), liveAt: new Date(MINUTE_BEFORE + at), state, number: at, companions };
}

describe("which revisions come with a candidate", () => {
  test("in the first environment the newest that has passed, whatever the order it is read in", () => {
    const model = world([AUTOMATIC], { passed: [passed(2), passed(3), passed(1)] });
    expect(model.get(live(model, 1)).plan.companions).toEqual(themes(3));
  });

  test("none has passed: it is not offered, and says why", () => {
    const model = world([AUTOMATIC], { passed: [{ ...passed(1), source: `${SOURCE}-next` }] });
    expect(goesLive(model, 1)).toBeNull();
    expect(model.history.at(-1)?.body).toMatchObject({
      notOffered: "No version of acme/shop-theme on main passed all that is required yet. Have its CI run there once more, or push to it.",
    });
  });

  test("after another environment exactly what ran there last with it, though a newer one has passed", () => {
    const after = [record(1, themes(1), 1), record(2, themes(2), 3), record(1, themes(3), 2)];
    const model = world([AFTER, AUTOMATIC], { passed: [passed(9)], after });
    expect(model.get(live(model, 1)).plan.companions).toEqual(themes(3));
  });

  test("what ran there before the repository was named is not enough", () => {
    const model = world([AFTER, AUTOMATIC], { after: [record(1, [], 1)] });
    expect(goesLive(model, 1)).toBeNull();
    expect(model.history.at(-1)?.body).toMatchObject({
      notOffered: "It was live on staging without acme/shop-theme: deploy it there again.",
    });
  });

  test("a good end with other companions is not one of these", () => {
    const after = [record(1, themes(1), 1), record(1, themes(2), 2, "regressed")];
    const model = world([AFTER, AUTOMATIC], { after });
    const command = offered(1, comes(model, 1));
    model.must(command);
    expect(gate(model.snapshot, model.get(command.id), model.now).map(({ rule }) => rule)).toEqual(["order"]);
  });

  test("whoever looked before the companions changed there has not seen these", () => {
    const after = [record(1, themes(1), 1), record(1, themes(2), 5)];
    const environment = environmentOf([AFTER, "needs: validation", APPROVAL]);
    for (const [at, rules] of [
      [4, ["approval", "validation"]],
      [5, ["approval"]],
    ] as const) {
      const model = modelOf(environment, { after, passed: [passed(2)], validations: [wordAt(at)] });
      const command = offered(1, comes(model, 1));
      model.must(command);
      expect(gate(model.snapshot, model.get(command.id), model.now).map(({ rule }) => rule)).toEqual(rules);
    }
  });
});

describe("a word on staging", () => {
  const looked = { kind: "validate", standing: PETRA } as const satisfies Command;
  test("given once more is recorded where something else came with it meanwhile, and only then", () => {
    const model = world();
    live(model, 1);
    model.pass(MINUTE);
    model.must(looked);
    model.pass(MINUTE);
    expect(model.must(looked).changes).toEqual([]);
    passes(model, 2);
    live(model, 1);
    model.pass(MINUTE);
    expect(model.must(looked).changes).toMatchObject([{ kind: "validate", validation: { at: model.now } }]);
    expect(model.must(looked).changes).toEqual([]);
  });

  test("counts for what ran there when it was given, also once that is back", () => {
    const words = [wordAt(4)];
    const [first, second, third] = [record(1, themes(1), 1), record(1, themes(2), 5), record(1, themes(1), 9)];
    const other = record(2, themes(2), 3);
    expect(wordsFor(words, sha(1), [other, first])).toEqual(words);
    expect(wordsFor(words, sha(1), [second, other, first])).toEqual([]);
    expect(wordsFor(words, sha(1), [third, second, first])).toEqual(words);
    expect(wordsFor(words, sha(1), [second])).toEqual([]);
    expect(wordsFor(words, sha(1), [record(1, [], 5)])).toEqual(words);
    expect(wordsFor(words, sha(1), null)).toEqual(words);
    expect(wordsFor(words, sha(2), [first])).toEqual([]);
  });

  test("on other companions keeps nothing from being replaced", () => {
    for (const [seen, state] of [
      [2, "awaiting_approval"],
      [1, "superseded"],
    ] as const) {
      const after = [record(1, themes(1), 1), record(1, themes(2), 5), record(2, themes(2), 6)];
      const word = wordAt(seen === 2 ? 7 : 4);
      const model = modelOf(environmentOf([AFTER, "needs: validation", APPROVAL]), { after, validations: [word] });
      const command = offered(1, comes(model, 1));
      model.must(command);
      model.must(offered(2, comes(model, 2)));
      expect(model.state(command.id)).toBe(state);
    }
  });
});

describe("how they are brought", () => {
  test("right after pull, exactly, and as data; what is before it stays", () => {
    const model = world();
    const { plan } = model.get(live(model, 1));
    const first = plan.steps.filter(({ host }) => host === plan.hosts[0]?.name);
    expect(first.slice(0, 3).map(({ id, name, phase, repeatable }) => ({ id, name, phase, repeatable }))).toEqual([
      { id: "pull", name: "pull", phase: 0, repeatable: true },
      { id: "with-1", name: "pull", phase: 1, repeatable: true },
      { id: "check", name: "check", phase: 2, repeatable: true },
    ]);
    expect(first[1]).toMatchObject({ cwd: null });
    expect(first[1]?.argv.slice(3)).toEqual(["pull", theme(1), ORIGIN, "theme"]);
    expect(first[1]?.argv[2]).not.toContain(theme(1));
  });

  test("with a script as with Django, where it is ours: nothing of it changes a database unseen", () => {
    const environment = environmentOf([AUTOMATIC]);
    const script = { ...environment, target: { ...environment.target, recipe: "script" as const, commands: { pull: ["./pull.sh"] } } };
    const { plan } = ((model) => model.get(live(model, 1)))(modelOf(script, { passed: [passed(1)] }));
    expect(plan.steps.map(({ id }) => id)).toContain("with-1");
    expect([...new Set(unseenSteps(plan).map(({ id }) => id))]).toEqual(["pull"]);
  });

  test("another set is another release, and the same set the same", () => {
    const folders = [1, 2, 1].map((number) => {
      const model = world([AUTOMATIC], { passed: [passed(number)] }, "releases");
      const steps = model.get(live(model, 1)).plan.steps;
      return steps.find(({ id }) => id === "with-1")?.cwd;
    });
    expect(folders[0]).toMatch(/^releases\/[0-9a-f]{12}-[0-9a-f]{8}$/);
    expect(folders[1]?.slice(0, 21)).not.toBe(folders[0]?.slice(0, 21));
    expect(folders[2]).toBe(folders[0]);
  });

  test("a release that was built has what building made of it: nothing is brought into it again", () => {
    const model = world([AUTOMATIC], {}, "releases");
    const step = model.get(live(model, 1)).plan.steps.find(({ id }) => id === "with-1");
    expect(step?.argv[2]).toBe(UNLESS_BUILT);
    expect(step?.argv.slice(-4)).toEqual(["pull", theme(1), ORIGIN, "theme"]);
  });

  test("what was live comes back where the checkout is put back", () => {
    const model = world();
    live(model, 1);
    passes(model, 2);
    const steps = model.get(live(model, 2)).plan.putBack;
    expect(steps.filter(({ id }) => id === "back-with-1").map(({ argv }) => argv[4])).toEqual([theme(1), theme(1)]);
  });

  test("an app without companions has the plan that it always had", () => {
    const { companions: _companions, ...alone } = environmentOf([AUTOMATIC]);
    const model = modelOf(alone);
    expect(Object.keys(model.get(live(model, 1)).plan)).not.toContain("companions");
  });
});

describe("a companion's new revision", () => {
  test("brings what is live already once more, and only once", () => {
    const model = world();
    live(model, 1);
    expect(goesLive(model, 1)).toBeNull();
    passes(model, 2);
    const again = model.get(live(model, 1));
    expect(again).toMatchObject({ revision: sha(1), from: sha(1), plan: { companions: themes(2) } });
    expect(goesLive(model, 1)).toBeNull();
  });

  test("brings the newest candidate alone", () => {
    const model = world();
    live(model, 1);
    live(model, 2);
    passes(model, 2);
    expect(goesLive(model, 1)).toBeNull();
    expect(goesLive(model, 2)).not.toBeNull();
  });

  test("plans anew what waits: the yes was for another set, and it says for which it is asked now", () => {
    const model = world([APPROVAL]);
    const command = offered(1, comes(model, 1));
    model.must(command);
    model.must(approved(model, command.id));
    expect(model.state(command.id)).toBe("queued");
    passes(model, 2);
    const applied = { name: "colours.0002_dark", class: "additive", operations: [] } as const;
    const changes = { ...NOTHING, migrations: pendingFound([applied], "the repository") };
    model.must(rechecked(model, { anew: { [command.id]: { changes, containsBlocked: null, companions: themes(2) } } }));
    expect(model.get(command.id)).toMatchObject({
      plan: { companions: themes(2), migrations: [{ name: "colours.0002_dark" }] },
      changes,
      state: { state: "awaiting_approval", voided: "it comes with acme/shop-theme 0000000 now, which changed after it was approved" },
    });
    expect(goesLive(model, 1)).toBeNull();
    model.must(approved(model, command.id));
    model.must(rechecked(model));
    expect(model.state(command.id)).toBe("executing");
  });

  test("a person may ask for what is live as soon as it comes with another one", () => {
    const model = world([APPROVAL]);
    const first = requested(1, comes(model, 1));
    model.must(first);
    model.must(approved(model, first.id));
    model.must(rechecked(model));
    model.must(ended(first.id));
    expect(model.refused(requested(1, comes(model, 1))).reasons.map(({ rule }) => rule)).toEqual(["live"]);
    passes(model, 2);
    model.must(requested(1, comes(model, 1)));
  });

  test("is not brought by what was looked at with another one: that is done once more", () => {
    const model = world([APPROVAL]);
    const early = comes(model, 1);
    const [first, asks, third] = [offered(1, early), requested(1, early), offered(1, early)];
    passes(model, 2);
    expect(model.refused(first).title).toContain("changed while it was looked at");
    expect(model.snapshot).toMatchObject({ candidates: [], open: [] });
    expect(model.refused(asks)).toMatchObject({
      title: "Not deployed: what comes with it changed while you asked.",
      change: "Ask once more.",
    });
    model.must({ ...third, companions: themes(2) });
    const reject = { kind: "reject", standing: PETRA, deployment: third.id, reason: "not now" } as const;
    model.must(reject);
    const again = { ...asks, kind: "offer_again", deployment: third.id, standing: PETRA, id: newId() } as const;
    expect(model.refused(again).title).toBe("Not offered again: what comes with it changed while you asked.");
    model.must({ ...again, companions: themes(2) });
  });

  test("passes while what waits is looked at: nothing starts before it was looked at too", () => {
    const model = world();
    const command = offered(1, comes(model, 1));
    model.must(command);
    const found = (number: number) => ({ anew: { [command.id]: { changes: NOTHING, containsBlocked: null, companions: themes(number) } } });
    passes(model, 2);
    for (const over of [{}, found(3)]) {
      expect(model.must(rechecked(model, over)).effects).toContainEqual({ kind: "recheck", at: null });
      expect(model.get(command.id)).toMatchObject({ state: { state: "queued" }, plan: { companions: themes(1) } });
    }
    model.must(rechecked(model, found(2)));
    expect(model.get(command.id)).toMatchObject({ state: { state: "executing" }, plan: { companions: themes(2) } });
  });

  test("that was looked at is gone again: its plan did not change, and waits for its own look", () => {
    const model = world();
    const command = offered(1, comes(model, 1));
    model.must(command);
    model.must(rechecked(model, { anew: { [command.id]: { changes: NOTHING, containsBlocked: null, companions: themes(2) } } }));
    expect(model.get(command.id)).toMatchObject({ state: { state: "queued" }, plan: { companions: themes(1) } });
    model.must(rechecked(model));
    expect(model.state(command.id)).toBe("executing");
  });

  test("that contains what was rolled back is held, though its list does not say so, until that is allowed again", () => {
    const model = world();
    live(model, 1);
    passes(model, 2);
    const second = live(model, 2);
    const rollback = back(second);
    model.must(rollback);
    model.must(ended(rollback.id));
    model.snapshot = { ...model.snapshot, passed: [passed(1)], lock: null };
    const waits = offered(3, comes(model, 3));
    model.must(waits);
    passes(model, 3);
    const anew = { [waits.id]: { changes: NOTHING, containsBlocked: theme(2), companions: themes(3) } };
    model.must(rechecked(model, { anew }));
    expect(model.get(waits.id)).toMatchObject({ state: { state: "queued", blockers: [{ rule: "blocked_commit" }] } });
    model.must({ kind: "allow_again", standing: PETRA, deployment: second, reason: "it was the database" });
    model.must(rechecked(model));
    expect(model.state(waits.id)).toBe("executing");
  });

  test("may be asked for while the same version is on its way with another one, and not twice", () => {
    const model = world();
    const first = requested(1, comes(model, 1));
    model.must(first);
    model.must(rechecked(model));
    expect(model.refused(requested(1, comes(model, 1))).title).toBe("Not asked twice: #1 brings this version to production already.");
    passes(model, 2);
    model.must(requested(1, comes(model, 1)));
    expect(model.refused(requested(1, comes(model, 1))).title).toBe("Not asked twice: #2 brings this version to production already.");
  });

  test("one that is taken back by CI holds what waits for it", () => {
    const model = world([APPROVAL]);
    const command = offered(1, comes(model, 1));
    model.must(command);
    model.snapshot = { ...model.snapshot, passed: [] };
    model.must(rechecked(model));
    expect(gate(model.snapshot, model.get(command.id), model.now).map(({ text }) => text)).toContain(
      "No version of acme/shop-theme on main passed all that is required yet. Have its CI run there once more, or push to it.",
    );
  });
});

describe("a companion that CI does once more", () => {
  const WAITS = "acme/shop-theme 0000000 has to pass on main once more, or a newer one.";

  test("is waited for: nothing goes back to the one before it, and the newest comes when it has passed again", () => {
    const model = world();
    live(model, 1);
    passes(model, 2);
    live(model, 1);
    model.snapshot = { ...model.snapshot, passed: [lost(2), passed(1)] };
    expect(goesLive(model, 1)).toBeNull();
    expect(goesLive(model, 2)).toBeNull();
    expect(model.history.at(-1)?.body).toMatchObject({ notOffered: WAITS });
    model.snapshot = { ...model.snapshot, passed: [passed(2), passed(1)] };
    expect(model.get(live(model, 2)).plan.companions).toEqual(themes(2));
  });

  test("takes nothing from what waits with it: the yes stays, and it starts when it has passed again", () => {
    const model = world([APPROVAL]);
    const { id } = ((command) => (model.must(command), command))(offered(1, comes(model, 1)));
    model.must(approved(model, id));
    for (const now of [[], [lost(1)]]) {
      model.snapshot = { ...model.snapshot, passed: now };
      model.must(rechecked(model));
      expect(model.state(id)).toBe("queued");
    }
    expect(gate(model.snapshot, model.get(id), model.now).map(({ text }) => text)).toEqual([WAITS]);
    model.snapshot = { ...model.snapshot, passed: [passed(1)] };
    model.must(rechecked(model));
    expect(model.state(id)).toBe("executing");
  });

  test("holds it behind another environment too, where a newer one changes nothing", () => {
    const after = [record(1, themes(1), 1)];
    const model = world([AFTER, AUTOMATIC], { after, passed: [passed(2), lost(1)] });
    expect(goesLive(model, 1)).toBeNull();
    expect(model.history.at(-1)?.body).toMatchObject({ notOffered: "acme/shop-theme 0000000 has to pass on main once more." });
    model.snapshot = { ...model.snapshot, passed: [passed(2)] };
    expect(model.get(live(model, 1)).plan.companions).toEqual(themes(1));
  });

  test("comes again when something else took its place, though it was there before", () => {
    const model = world();
    live(model, 1);
    passes(model, 2);
    live(model, 1);
    model.snapshot = { ...model.snapshot, passed: [passed(1)] };
    live(model, 1);
    passes(model, 2);
    expect(model.get(live(model, 1)).plan.companions).toEqual(themes(2));
    expect(goesLive(model, 1)).toBeNull();
  });

  test("is not asked for again where somebody said no to it", () => {
    const model = world([APPROVAL]);
    const { id } = ((command) => (model.must(command), command))(offered(1, comes(model, 1)));
    model.must({ kind: "reject", standing: PETRA, deployment: id, reason: "not today" });
    model.snapshot = { ...model.snapshot, passed: [lost(1)] };
    expect(goesLive(model, 1)).toBeNull();
    model.snapshot = { ...model.snapshot, passed: [passed(1)] };
    expect(goesLive(model, 1)).toBeNull();
  });
});

describe("servers that run something else than is recorded, found when it starts", () => {
  test.each([
    { name: "another one has passed", now: [passed(2), passed(1)] },
    { name: "CI does its own once more", now: [] },
  ])("it goes on with what it was started with, though $name", ({ now }) => {
    const model = world();
    const { id } = ((command) => (model.must(command), command))(offered(1, comes(model, 1)));
    model.must(rechecked(model));
    expect(model.state(id)).toBe("executing");
    model.snapshot = { ...model.snapshot, passed: now };
    const before = model.get(id).planHash;
    model.must({ kind: "drifted", deployment: id, hosts: [{ host: "web-1.acme.test", revision: sha(7) }] });
    expect(model.get(id)).toMatchObject({ state: { state: "executing" }, plan: { companions: themes(1) } });
    expect(model.get(id).planHash).not.toBe(before);
  });
});

describe("a rollback", () => {
  test("returns both, and only the companion where only that changed", () => {
    const model = world();
    live(model, 1);
    passes(model, 2);
    const second = live(model, 1);
    const command = back(second);
    model.must(command);
    expect(model.get(command.id)).toMatchObject({ revision: sha(1), from: sha(1), plan: { companions: themes(1) } });
    expect(
      model
        .get(command.id)
        .plan.steps.filter(({ id }) => id === "with-1")
        .map(({ argv }) => argv[4]),
    ).toEqual([theme(1), theme(1)]);
    // The app's own revision is what it went back to: that is not blocked.
    expect(model.snapshot.blocked.map(({ revision }) => revision)).toEqual([theme(2)]);
    model.must(ended(command.id));
    expect(goesLive(model, 1)).toBeNull();
    passes(model, 3);
    expect(goesLive(model, 1)).not.toBeNull();
  });

  test.each(["in_place", "releases"])("fetches from where the configuration says now, in layout %s", (layout) => {
    const moved = "git@git.acme.test:shop-theme.git";
    const model = world([AUTOMATIC], {}, layout);
    const first = model.get(live(model, 1));
    passes(model, 2);
    const { environment } = model.snapshot;
    const companions = (environment.companions ?? []).map((companion) => ({ ...companion, origin: moved }));
    model.snapshot = { ...model.snapshot, environment: { ...environment, companions } };
    const second = model.get(live(model, 1));
    const command = back(second.id);
    model.must(command);
    const { plan } = model.get(command.id);
    expect(plan.companions).toMatchObject([{ revision: theme(1), origin: moved }]);
    const folders = [first.plan, plan].map(({ steps }) => steps.find(({ id }) => id === "with-1")?.cwd);
    expect(folders[1]).toBe(folders[0]);
    const putBack = second.plan.putBack.filter(({ id }) => id === "back-with-1");
    expect(putBack.map(({ argv }) => argv[5])).toEqual(layout === "releases" ? [] : [moved, moved]);
  });

  test("of both blocks both, and nothing comes with the blocked one until it is allowed again", () => {
    const model = world();
    live(model, 1);
    passes(model, 2);
    const second = live(model, 2);
    const command = back(second);
    model.must(command);
    expect(model.get(command.id)).toMatchObject({ revision: sha(1), plan: { companions: themes(1) } });
    model.must(ended(command.id));
    expect(model.snapshot.blocked.map(({ revision }) => revision)).toEqual([sha(2), theme(2)]);
    const third = offered(3, comes(model, 3));
    model.must(third);
    expect(gate(model.snapshot, model.get(third.id), model.now).map(({ rule }) => rule)).toEqual(["blocked_commit"]);
    model.must({ kind: "allow_again", standing: PETRA, deployment: second, reason: "it was the database" });
    expect(model.snapshot.blocked).toEqual([]);
  });

  test("is offered each set that was live with one revision, each with its own word, and goes to the one that is chosen", () => {
    const model = world([AUTOMATIC, 'watch: { for: 30m, http: { url: "https://shop.acme.test/health" } }']);
    const first = live(model, 1);
    model.pass(30 * MINUTE);
    model.must(measured(first, verdict("healthy")));
    passes(model, 2);
    live(model, 1);
    model.pass(MINUTE);
    const third = live(model, 2);
    const ways = waysBack(model.snapshot, model.get(third));
    expect(ways.map(({ revision, companions, healthySince }) => [revision, companions, healthySince !== null])).toEqual([
      [sha(1), themes(1), true],
      [sha(1), themes(2), false],
    ]);
    expect(new Set(ways.map(wayKey)).size).toBe(2);
    const command = back(third, { to: sha(1), toSet: themes(2) });
    model.must(command);
    expect(model.get(command.id)).toMatchObject({ revision: sha(1), plan: { companions: themes(2) } });
  });

  test("that was chosen while the deployment executes goes there once it has stopped, and nowhere that was never live", () => {
    const model = world();
    live(model, 1);
    passes(model, 2);
    live(model, 1);
    passes(model, 3);
    const third = offered(2, comes(model, 2));
    model.must(third);
    model.must(rechecked(model));
    expect(model.refused(back(third.id, { to: sha(1), toSet: themes(9) })).title).toContain("was never live in production");
    model.must(back(third.id, { to: sha(1), toSet: themes(1) }));
    const id = newId();
    model.must({ kind: "cancel_ended", deployment: third.id, unreachable: [], switched: ["web-1.acme.test"], id });
    expect(model.get(id)).toMatchObject({ revision: sha(1), plan: { companions: themes(1) } });
  });

  test("never goes to where nobody knows what came with it", () => {
    const { companions: _companions, ...alone } = environmentOf([AUTOMATIC]);
    const model = modelOf(alone, { passed: [passed(1)] });
    live(model, 1);
    model.snapshot = { ...model.snapshot, environment: environmentOf([AUTOMATIC]) };
    const second = model.get(live(model, 2));
    expect(second.plan.companions).toEqual(themes(1));
    expect(waysBack(model.snapshot, second)).toEqual([]);
  });

  test("of an earlier deployment of the same revision is refused: it is not what runs", () => {
    const model = world();
    const first = live(model, 1);
    passes(model, 2);
    live(model, 1);
    expect(model.refused(back(first)).title).toBe("Not rolled back: it is not what runs there now.");
  });
});

test("sets are the same whatever their order, and not with one more", () => {
  const [one] = themes(1);
  if (one === undefined) throw new Error("no theme");
  const other = { ...one, repository: "acme/texts", directory: "texts" };
  expect(isSameSet([one, other], [other, one])).toBe(true);
  expect(isSameSet([one, other], [one])).toBe(false);
  expect(isSameSet([], undefined)).toBe(true);
  expect(isSameSet([one], themes(2))).toBe(false);
});
