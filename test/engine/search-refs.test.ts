import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { lockRun, saveRun, saveRunChanges } from "../../src/db/runs.ts";
import type { Change } from "../../src/domain/pipeline.ts";
import { parseSha, type DeploymentId, type RunId, type Sha } from "../../src/domain/ids.ts";
import { apply } from "../../src/engine/apply.ts";
import type { DeployChoices } from "../../src/domain/intent.ts";
import { deployChoices } from "../../src/engine/choices.ts";
import { searchRefs } from "../../src/engine/search-refs.ts";
import { NOTHING } from "../domain/model.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import type { Replica } from "../support/engine-replica.ts";
import { PRODUCTION } from "../support/engine-world.ts";

const PLACE = { app: "shop", environment: "production" };
const CHOSEN = { ...PLACE, user: "UDORA" };
/** More than a group shows. */
const PASSED = 30;
let desk: Desk;
let one: Replica;

function sha(number: number): Sha {
  const revision = parseSha(number.toString(16).padStart(40, "b"));
  if (revision === null) throw new Error("a revision of a test is none");
  return revision;
}

/** A run of that revision, whose push said what it is called. */
async function ran(revision: Sha, title: string): Promise<{ readonly runId: RunId; readonly position: number }> {
  const { db, clock } = one.engine;
  const author = { name: "Bob", email: null, login: null, slackId: null };
  const change: Change = { revision, title, author, url: null, pullRequest: null };
  const stored = await db.transaction(async (tx) => {
    const locked = await lockRun(tx, { id: one.engine.newId() as RunId, app: "shop", revision }, clock());
    await saveRun(tx, { ...locked.run, branch: "main" }, clock());
    return locked;
  });
  await saveRunChanges(db, stored.run.id, { ...NOTHING, changes: [change] });
  return { runId: stored.run.id, position: stored.position };
}

beforeAll(async () => {
  desk = await openDesk();
  one = await desk.open("one");
  for (let number = 1; number <= PASSED; number += 1) {
    const candidate = { revision: sha(number), since: one.engine.clock(), ...(await ran(sha(number), `Change ${number} of the basket`)) };
    const id = one.engine.newId() as DeploymentId;
    await apply(one.engine, PRODUCTION, { kind: "offer", candidate, changes: NOTHING, containsBlocked: null, id });
  }
  await ran(sha(99), "Half done basket");
});
beforeEach(() => {
  Object.assign(one.far.codeHost, {
    resolve: async (_repository: string, ref: string) => (ref === "refs/tags/v2" ? sha(7) : null),
    search: async () => ({
      branches: ["main", "pay"],
      tags: ["v2"],
      commits: [
        { revision: sha(30), title: "Change 30 of the basket" },
        { revision: sha(200), title: "Pushed a moment ago" },
      ],
      complete: true,
    }),
  });
});
afterAll(() => desk[Symbol.asyncDispose]());

describe("a search for a version", () => {
  test("has what passed first, newest first, and each commit once", async () => {
    const found = await searchRefs(one.engine, { ...PLACE, text: "" });
    expect(found.away).toBe(false);
    expect(found.candidates).toHaveLength(25);
    expect(found.candidates[0]).toEqual({
      value: sha(30),
      name: "Change 30 of the basket",
      note: `${sha(30).slice(0, 7)}, newest that passed`,
    });
    expect(found.branches.map((choice) => choice.value)).toEqual(["refs/heads/main", "refs/heads/pay"]);
    expect(found.tags.map((choice) => choice.value)).toEqual(["refs/tags/v2"]);
    expect(found.commits.map((choice) => choice.name)).toEqual(["Half done basket", "Pushed a moment ago"]);
  });

  test("looks in titles, and in how ids begin", async () => {
    const titled = await searchRefs(one.engine, { ...PLACE, text: "CHANGE 7 of" });
    expect(titled.candidates.map((choice) => choice.value)).toEqual([sha(7)]);
    const begun = await searchRefs(one.engine, { ...PLACE, text: sha(99) });
    expect(begun.commits.map((choice) => choice.value)).toContain(sha(99));
  });

  test.each([
    ["does not answer", () => new Promise<never>(() => undefined)],
    ["breaks", () => Promise.reject(new Error("hang up"))],
    ["has no account", () => Promise.resolve(null)],
  ])("with a code host that %s gives what the database has, and says so", async (_how, search) => {
    Object.assign(one.far.codeHost, { search });
    const found = await searchRefs(one.engine, { ...PLACE, text: "basket" });
    expect([found.away, found.branches, found.tags]).toEqual([true, [], []]);
    expect(found.candidates).toHaveLength(25);
    expect(found.commits.map((choice) => choice.name)).toEqual(["Half done basket"]);
  });

  test("of a place that is not there finds nothing", async () => {
    expect(await searchRefs(one.engine, { app: "shop", environment: "moon", text: "" })).toMatchObject({ candidates: [], commits: [] });
  });
});

async function choicesOf(wanted: Parameters<typeof deployChoices>[1]): Promise<DeployChoices> {
  const choices = await deployChoices(one.engine, wanted);
  if (choices === null) throw new Error("there is no app to choose from");
  return choices;
}

describe("what is chosen", () => {
  test("by default the newest that passed; what asking would do is true of it", async () => {
    const choices = await choicesOf({ ...CHOSEN, revision: null });
    expect(choices.chosen).toMatchObject({ value: sha(30), name: "Change 30 of the basket" });
    // It was offered, so the approval is asked for already.
    expect(choices.card).toBeNull();
    expect([choices.doing, choices.effect]).toEqual(["asked", expect.stringContaining("It is already asked: see the card of #")]);
  });

  test("by a tag is the version behind it, with what it lacks and what is newer", async () => {
    const choices = await choicesOf({ ...CHOSEN, revision: "refs/tags/v2" });
    expect(choices.chosen).toEqual({ value: "refs/tags/v2", name: "v2", note: sha(7).slice(0, 7) });
    expect(choices.preview).toMatchObject({ kind: "deployment", deployment: { revision: sha(7) } });
    const texts = choices.warnings.map((warning) => warning.text).join(" ");
    expect(texts).toContain("Stage unit has not run for this version.");
    expect(texts).toContain("A newer version has passed everything too");
    expect(choices.doing).toBe("refused");
  });

  test("by the beginning of an id, though the code host does not know it", async () => {
    const only = parseSha("cafe0123".padEnd(40, "0")) ?? sha(0);
    await ran(only, "Only here");
    const found = await choicesOf({ ...CHOSEN, revision: "cafe012" });
    expect(found.preview).toMatchObject({ deployment: { revision: only } });
    const whole = await choicesOf({ ...CHOSEN, revision: only });
    expect(whole.chosen?.name).toBe("Only here");
  });

  test("and resolved by nobody is said, not guessed", async () => {
    const choices = await choicesOf({ ...CHOSEN, revision: "refs/heads/gone" });
    expect([choices.doing, choices.preview, choices.warnings[0]?.text]).toEqual([
      "refused",
      null,
      "Nobody can say now which version gone is.",
    ]);
  });

  test("without a pipeline's run cannot be asked for", async () => {
    const choices = await choicesOf({ ...CHOSEN, revision: sha(500) });
    expect([choices.doing, choices.warnings[0]?.text]).toEqual(["refused", "No pipeline has run for this version."]);
  });
});
