import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadSnapshot, loadValidations } from "../../src/db/snapshot.ts";
import type { Command } from "../../src/domain/environment.ts";
import { environmentId, parseSha, type DeploymentId, type Sha } from "../../src/domain/ids.ts";
import type { Answer, Intent } from "../../src/domain/intent.ts";
import { validated } from "../../src/domain/validation.ts";
import { apply } from "../../src/engine/apply.ts";
import { carryOut, takeClick } from "../../src/engine/clicks.ts";
import { recheck } from "../../src/engine/recheck.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import { NO_CHANGES } from "../support/engine-far-side.ts";
import type { Replica } from "../support/engine-replica.ts";
import { standingOf } from "../support/engine-world.ts";

const STAGING = environmentId("shop", "staging");
const target = (name: string): string => `target: { type: ssh, hosts: [deploy@${name}.acme.test], directory: /srv/shop, recipe: django }`;
const CONFIG = `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop-deploys"
    environments:
      staging: { deploy: automatically, ${target("staging")} }
      production:
        after: { environment: staging, for: 0s }
        needs: validation
        approval: { from: ["@product-owners"], count: 1, expires: 24h }
        ${target("production")}
`;
const ROUNDS = 6;
let desk: Desk;
let one: Replica;
let other: Replica;
let revisions = 0;

beforeAll(async () => {
  desk = await openDesk();
  one = await desk.open("one", { config: CONFIG });
  other = await desk.open("other", { config: CONFIG });
});
afterAll(() => desk[Symbol.asyncDispose]());

async function must(command: Command): Promise<void> {
  const applied = await apply(other.engine, STAGING, command);
  if (!applied.ok) throw new Error(applied.refusal.title);
}

/** On its way to staging; `arrive` makes it live there. */
async function onItsWay(): Promise<{ readonly revision: Sha; arrive(): Promise<void> }> {
  revisions += 1;
  const revision = parseSha(revisions.toString(16).padStart(40, "d"));
  if (revision === null) throw new Error("a revision of a test is none");
  const id = one.engine.newId() as DeploymentId;
  const standing = standingOf("UDORA", { approver: false });
  await must({ kind: "request", standing, revision, runId: null, changes: NO_CHANGES, missing: [], containsBlocked: null, id });
  await recheck(one.engine, STAGING);
  return {
    revision,
    arrive: () => must({ kind: "steps_ended", deployment: id, outcome: { kind: "done" }, id: one.engine.newId() as DeploymentId }),
  };
}

async function goesLive(): Promise<Sha> {
  const { revision, arrive } = await onItsWay();
  await arrive();
  return revision;
}

let presses = 0;
async function says({ engine }: Replica, who: string, word: "validate" | "not_yet", revision: Sha): Promise<Answer> {
  presses += 1;
  const place = { app: "shop", environment: "staging", revision };
  const intent: Intent = word === "validate" ? { kind: word, ...place } : { kind: word, ...place, reason: "the basket is empty" };
  const id = `word-${presses}`;
  await takeClick(engine, { id, actor: { kind: "slack", id: who, name: who }, team: "TACME", intent });
  return carryOut(engine, id, await engine.directory.person(who));
}

async function recorded(kind: string, revision: Sha): Promise<number> {
  const text = "select 1 from history where kind = $1 and body->>'revision' = $2";
  return (await desk.database.pool.query(text, [kind, revision])).rowCount ?? 0;
}

function wordsOf(answer: Answer): string {
  return answer.kind === "done" ? answer.text : answer.kind === "refused" ? answer.refusal.title : answer.kind;
}

/** What both replicas hold of it, as production's gate reads it. */
async function standsAs(revision: Sha): Promise<readonly string[]> {
  const kinds = await Promise.all(
    [one, other].map(async ({ engine }) => {
      const production = engine.config.apps[0]?.environments[1];
      if (production === undefined) throw new Error("no production");
      return validated((await loadSnapshot(engine.db, production, engine.config)).validations, revision).kind;
    }),
  );
  return [...new Set(kinds)];
}

describe("people who look at the same time, on two replicas", () => {
  test("two who like it are both recorded", async () => {
    const revision = await goesLive();
    const answers = await Promise.all([says(one, "UANN", "validate", revision), says(other, "UBOB", "validate", revision)]);
    expect(answers.map(({ kind }) => kind)).toEqual(["done", "done"]);
    const words = (await loadValidations(one.engine.db, STAGING)).filter((word) => word.revision === revision);
    expect(words.map(({ actor }) => (actor.kind === "slack" ? actor.id : "")).toSorted()).toEqual(["UANN", "UBOB"]);
    expect([await recorded("validated", revision), await standsAs(revision)]).toEqual([2, ["looks_good"]]);
  });

  test("looks good against not yet: both words stay, the later one decides, and it goes on when its sayer is content", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const revision = await goesLive();
      const words = [() => says(one, "UANN", "validate", revision), () => says(other, "UBOB", "not_yet", revision)];
      const answers = await Promise.all((round % 2 === 0 ? words : words.toReversed()).map((word) => word()));
      expect(answers.map(({ kind }) => kind)).toEqual(["done", "done"]);
      expect([await recorded("validated", revision), await recorded("not_yet", revision)]).toEqual([1, 1]);
      const said = (await loadValidations(one.engine.db, STAGING)).filter((word) => word.revision === revision);
      const [ann, bob] = ["UANN", "UBOB"].map(
        (id) => said.find(({ actor }) => actor.kind === "slack" && actor.id === id)?.at.getTime() ?? 0,
      );
      expect(await standsAs(revision)).toEqual([(ann ?? 0) > (bob ?? 0) ? "looks_good" : "not_yet"]);
      await says(other, "UBOB", "validate", revision);
      expect(await standsAs(revision)).toEqual(["looks_good"]);
    }
  });

  test("one person who presses twice gives one word, and both presses are answered alike", async () => {
    const revision = await goesLive();
    const twice = await Promise.all([says(one, "UANN", "validate", revision), says(other, "UANN", "validate", revision)]);
    expect(twice[0]).toMatchObject({ kind: "done", text: expect.stringContaining("looks good on staging") });
    expect(twice[1]).toEqual(twice[0]);
    expect(await recorded("validated", revision)).toBe(1);
    // Somebody else's doubt in between makes the same word a new one.
    await says(one, "UBOB", "not_yet", revision);
    await says(one, "UANN", "validate", revision);
    expect([await recorded("validated", revision), await standsAs(revision)]).toEqual([2, ["looks_good"]]);
  });

  test("a word against what takes its place: it is on what was looked at, or refused, and never on what nobody has seen", async () => {
    const seen = new Set<string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = await goesLive();
      const next = await onItsWay();
      const word = says(one, "UANN", "validate", before);
      // The first two one after the other, so that both endings are seen; then at once, and the database says who was first.
      if (round === 0) await word;
      const arriving = next.arrive();
      if (round === 1) await arriving;
      const answer = await (round === 1 ? says(one, "UBOB", "validate", before) : word);
      await arriving;
      expect(await recorded("validated", before)).toBeLessThanOrEqual(1);
      expect([await recorded("validated", next.revision), await standsAs(next.revision)]).toEqual([0, ["nobody"]]);
      expect(wordsOf(answer)).toMatch(answer.kind === "done" ? /looks good on staging/u : /does not run/u);
      seen.add(answer.kind);
    }
    expect([...seen].toSorted()).toEqual(["done", "refused"]);
  });
});
