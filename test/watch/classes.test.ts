import { afterAll, beforeAll, expect, test } from "vitest";
import type { Migration } from "../../src/domain/django/migration.ts";
import { unreadMigration } from "../../src/domain/django/migration.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import type { Replica } from "../support/engine-replica.ts";
import { changesWith, migration } from "./changes.ts";
import { EARLIER, LATER, openStage } from "./stage.ts";

type Class = {
  readonly migrations: readonly Migration[] | null;
  /** Null: it goes back by itself. Else why it waits for a person. */
  readonly stays: string | null;
};

const ADDED_SQL = ['ALTER TABLE "orders_order" ADD COLUMN "total" integer NULL;'];
const total = migration("orders.0002_order_total", "Add field total to order", { sql: ADDED_SQL });
const invoice = migration("orders.0003_invoice", "Create model Invoice");

const CLASSES: Readonly<Record<string, Class>> = {
  none: { migrations: [], stays: null },
  additive: { migrations: [total, invoice], stays: null },
  risky: {
    migrations: [migration("orders.0002_order_total", "Alter field total on order")],
    stays: "The code goes back, the database keeps orders.0002_order_total; earlier code may not fit it.",
  },
  destructive: {
    migrations: [migration("orders.0002_backfill", "Raw Python operation", { reversible: true })],
    stays: "The code goes back; what orders.0002_backfill did to the data stays.",
  },
  incompatible: {
    migrations: [total, migration("orders.0003_remove_order_note", "Remove field note from order")],
    stays: "Earlier code needs field note of order, which is gone.",
  },
  irreversible: {
    migrations: [migration("orders.0002_forget", "Raw Python operation", { reversible: false })],
    stays: "The code goes back; what orders.0002_forget did to the data stays.",
  },
  unread: {
    migrations: [unreadMigration("orders.0002_strange")],
    stays: "Nobody could read what orders.0002_strange did to the database.",
  },
  unknown: { migrations: null, stays: "Nobody has read yet what it does to the database." },
};

let desk: Desk;
let replica: Replica;
beforeAll(async () => {
  desk = await openDesk();
  replica = await desk.open("one");
});
afterAll(() => desk[Symbol.asyncDispose]());

test.concurrent.for(Object.entries(CLASSES))(
  "a site that is down after a deployment whose migrations are %s",
  { timeout: 240_000 },
  async ([name, { migrations, stays }]) => {
    await using stage = await openStage(replica, { name, policy: "rollback", minutes: 6, only: "http" });
    await stage.goesLive(changesWith(migrations));
    stage.site.status = 502;
    await stage.minutes(6);

    expect((await stage.deployment()).state).toMatchObject({ state: "regressed", verdict: { level: "act", ongoing: true } });
    const calls = (await stage.thread()).filter(({ ping }) => ping === "regression");
    expect(calls).toMatchObject([{ button: true, minute: 3, text: expect.stringContaining(stays ?? "Rolling back is safe.") }]);
    expect(await stage.card()).toMatch(
      stays === null
        ? /^Rolled back: .*Code only, the database was not touched\./u
        : new RegExp(`^Regression: .*It stays live: nobody rolled it back\\..*${stays}`, "u"),
    );
    expect({ back: await stage.rollback(), believed: await stage.believed() }).toMatchObject(
      stays === null
        ? { back: { automatic: true, revision: EARLIER, changes: { migrations: { undone: [] } } }, believed: [EARLIER, EARLIER] }
        : { back: null, believed: [LATER, LATER] },
    );
    expect(stage.faults).toEqual([]);
  },
);
