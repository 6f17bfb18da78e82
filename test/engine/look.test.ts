import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { verifyHistory } from "../../src/db/history.ts";
import { digestOf } from "../../src/domain/digest.ts";
import type { Deployment } from "../../src/domain/deployment.ts";
import type { Answer, Intent } from "../../src/domain/intent.ts";
import { openLookWorld, type LookWorld } from "./look-world.ts";

const PLACE = { app: "shop", environment: "staging" } as const;

let world: LookWorld;
beforeEach(async () => {
  world = await openLookWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

function looksGood(revision?: string): Intent {
  return { kind: "validate", ...PLACE, ...(revision === undefined ? {} : { revision }) };
}

function notYet(reason: string, revision?: string): Intent {
  return { kind: "not_yet", ...PLACE, reason, ...(revision === undefined ? {} : { revision }) };
}

function approve({ id, counter, revision, environmentId, planHash }: Deployment): Intent {
  return { kind: "approve", deployment: id, counter, digest: digestOf({ revision, environment: environmentId, planHash }) };
}

function title(answer: Answer): string {
  return answer.kind === "refused" ? answer.refusal.title : answer.kind === "done" ? answer.text : answer.kind;
}

async function only(environment: "staging" | "production" = "production"): Promise<Deployment> {
  const open = await world.open(environment);
  const [first] = open;
  if (first === undefined || open.length > 1) throw new Error(`${open.length} are open in ${environment}`);
  return first;
}

describe("a day of a product owner", () => {
  test("looked at on Monday evening, two merges at night, and exactly that goes out on Tuesday at nine", async () => {
    world.at("Mon 18:00");
    const pay = await world.merged("feat: pay with Bancontact");
    expect(await world.open("production")).toEqual([]);
    expect(await world.reads(pay.card)).toMatch(/^Validation needed: shop in staging\. 1 change is ready to look at; production waits/u);
    expect((await world.threads()).filter(({ ping }) => ping !== null)).toEqual([
      {
        text: "Validation needed: shop in staging, 1 change to look at before production. The card has the link, Looks good and Not yet.",
        mention: ["@product-owners"],
        ping: "approval",
      },
    ]);

    world.at("Mon 18:20");
    expect(title(await world.says("UPETRA", looksGood(pay.revision)))).toBe("Recorded: 0000001 looks good on staging.");
    const asked = await only();
    expect(asked).toMatchObject({ revision: pay.revision, state: { state: "awaiting_approval" } });
    expect(await world.reads(pay.card)).toContain("Validated: by Petra on staging, 18:20 UTC.");

    world.at("Mon 22:00");
    await world.merged("fix: round prices", "UCLEO");
    world.at("Tue 02:00");
    const late = await world.merged("feat: pay by invoice", "UCLEO");
    expect(await world.reads(late.card)).toMatch(/^Validation needed: shop in staging\./u);

    world.at("Tue 09:00");
    expect((await only()).id).toBe(asked.id);
    const card = await world.reads(pay.card);
    expect(card).toMatch(/^Approval needed: shop to production\. 1 change, safe to undo: /u);
    expect(card).toContain("Validated: by Petra on staging, Mon 2 Mar 18:20 UTC.");
    expect(card).toContain(
      "Newer: 0000003 Pay by invoice waits for validation on staging, on its own card. This one stays deployable until 18:20 UTC.",
    );
    expect(title(await world.says("UPETRA", approve(asked)))).toBe("Deploying to production. The card shows how it goes.");
    expect(await world.productionGoesOn()).toMatchObject({ id: asked.id, revision: pay.revision });
    await world.wentLive(asked.id);
    expect(await world.open("production")).toEqual([]);

    world.at("Tue 10:00");
    await world.says("UOLAF", looksGood());
    expect(await only()).toMatchObject({ revision: late.revision, state: { state: "awaiting_approval" } });
    expect((await verifyHistory(world.engine.db, world.engine.historyKey)).faults).toEqual([]);
  });

  test("of two that were looked at both stay on offer, until the newer one is live", async () => {
    world.at("Mon 18:00");
    const first = await world.merged("feat: pay with Bancontact");
    await world.says("UPETRA", looksGood());
    world.at("Mon 19:00");
    const second = await world.merged("feat: pay by invoice");
    await world.says("UPETRA", looksGood());
    const [older, newer] = await world.open("production");
    expect([older?.revision, newer?.revision]).toEqual([first.revision, second.revision]);
    expect(await world.reads(first.card)).toContain("Newer: 0000002 Pay by invoice waits for a yes too (#2), on its own card.");
    expect(await world.reads(second.card)).not.toContain("Newer:");
    if (newer === undefined) throw new Error("the second was not offered");
    await world.says("UPETRA", approve(newer));
    await world.productionGoesOn();
    await world.wentLive(newer.id);
    expect(await world.open("production")).toEqual([]);
    expect(await world.reads(first.card)).toContain("The newer 0000002 is live");
  });
});

describe("not yet", () => {
  test("holds what was said yes to already, calls its authors, and ends with somebody's next look", async () => {
    world.at("Mon 18:00");
    const { revision, card } = await world.merged("feat: pay with Bancontact", "UBOB");
    await world.says("UPETRA", looksGood());
    const asked = await only();
    world.at("Mon 18:30");
    expect(title(await world.says("UOLAF", notYet("the total is wrong.")))).toContain("0000001 goes no further than staging");
    expect(await world.reads(card)).toMatch(/^Not yet: shop in staging\. Olaf said not yet: The total is wrong\./u);
    expect((await world.threads()).at(-1)).toEqual({
      text: "Olaf says not yet on staging: the total is wrong.",
      mention: ["UBOB"],
      ping: null,
    });
    expect(title(await world.says("UPETRA", approve(asked)))).toContain(
      'Olaf said not yet on staging: the total is wrong. It goes on when Olaf, or somebody who looks after that, says "looks good".',
    );
    expect(await world.productionGoesOn()).toBeNull();
    expect((await only()).state).toMatchObject({ state: "queued", blockers: [{ rule: "validation", owner: "Olaf" }] });

    world.at("Mon 18:40");
    await world.says("UPETRA", looksGood(revision));
    expect(await world.productionGoesOn()).toMatchObject({ id: asked.id });
  });

  test("of somebody who looks before it is offered keeps it from being offered", async () => {
    const { card } = await world.merged("feat: pay with Bancontact");
    await world.says("UOLAF", notYet("the total is wrong"));
    expect(await world.open("production")).toEqual([]);
    expect(await world.reads(card)).toMatch(/^Not yet: shop in staging\. Olaf said not yet/u);
  });
});

describe("who looks", () => {
  test("is not who wrote it, though who wrote it may say not yet", async () => {
    await world.merged("feat: pay with Bancontact", "UBOB");
    await world.merged("fix: round prices", "UCLEO");
    // Staging took it in two steps; to production it goes in one.
    expect(title(await world.says("UCLEO", looksGood()))).toBe("Not recorded: you wrote part of this. Somebody else has to look at it.");
    expect(title(await world.says("UCLEO", notYet("I forgot a case")))).toContain("Recorded");
    expect(await world.open("production")).toEqual([]);
  });

  test("says it of what is there: an old card is told what is live now, unless its presser looked before", async () => {
    const first = await world.merged("feat: pay with Bancontact");
    await world.says("UOLAF", notYet("the total is wrong", first.revision));
    await world.merged("feat: pay by invoice");
    const late = await world.says("UPETRA", looksGood(first.revision));
    expect(late).toMatchObject({
      kind: "refused",
      refusal: {
        title: "Not recorded: staging does not run 0000001 any more, it runs 0000002 now.",
        change: "Look at what is live there, on its own card.",
      },
    });
    expect(title(await world.says("UOLAF", looksGood(first.revision)))).toBe("Recorded: 0000001 looks good on staging.");
  });
});

test("held while somebody looks, staging waits, says so to all, and goes on when the time is over", async () => {
  world.at("Mon 09:00");
  const first = await world.merged("feat: pay with Bancontact");
  await world.says("UPETRA", { kind: "lock", ...PLACE, reason: "looking at it", forMs: 2 * 3_600_000 });
  expect(await world.reads(first.card)).toContain(
    "Petra holds staging until 11:00 UTC: looking at it. Nothing else is deployed there meanwhile.",
  );
  world.at("Mon 10:00");
  const second = await world.merged("feat: pay by invoice");
  expect((await only("staging")).state).toMatchObject({ state: "queued", blockers: [{ rule: "lock", owner: "Petra" }] });
  expect(await world.reads(first.card)).toMatch(/^Validation needed: shop in staging\./u);
  expect(title(await world.says("UPETRA", looksGood(first.revision)))).toContain("0000001 looks good");
  world.at("Mon 11:00");
  await world.stagingGoesOn();
  expect(await world.reads(second.card)).toMatch(/^Validation needed: shop in staging\./u);
});

test("a card is drawn again when what it tells of changes on staging", async () => {
  const versions = async (): Promise<ReadonlyMap<string, number>> => {
    const rows = await world.desk.database.pool.query<{ id: string; version: number }>("select id, version from cards");
    return new Map(rows.rows.map((row) => [row.id, row.version]));
  };
  const first = await world.merged("feat: pay with Bancontact");
  const acts: Readonly<Record<string, () => Promise<unknown>>> = {
    held: () => world.says("UPETRA", { kind: "lock", ...PLACE, reason: "looking at it", forMs: 3_600_000 }),
    released: () => world.says("UPETRA", { kind: "unlock", ...PLACE }),
    "not yet": () => world.says("UOLAF", notYet("wrong")),
    "looks good": () => {
      world.at("Mon 19:00");
      return world.says("UPETRA", looksGood());
    },
    "another one there": () => world.merged("feat: pay by invoice"),
    "and another": () => world.merged("feat: pay later"),
  };
  for (const [name, act] of Object.entries(acts)) {
    const before = (await versions()).get(first.card) ?? 0;
    await act();
    expect([name, ((await versions()).get(first.card) ?? 0) > before]).toEqual([name, true]);
  }
});
