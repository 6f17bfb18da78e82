import type { Companion, CompanionRevision } from "../../src/domain/companion.ts";
import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { v7 as uuidv7 } from "uuid";
import { newKeyPair } from "../../sandbox/host/keys.ts";
import { insertDeployment } from "../../src/db/deployments.ts";
import { steps } from "../../src/db/schema.ts";
import { ensureEnvironment } from "../../src/db/snapshot.ts";
import type { Deployment } from "../../src/domain/deployment.ts";
import type { Migration } from "../../src/domain/django/migration.ts";
import type { Migrations } from "../../src/domain/django/record.ts";
import type { DeploymentId, Sha } from "../../src/domain/ids.ts";
import { planOf } from "../../src/domain/plan.ts";
import { pendingMigrations } from "../../src/engine/pending.ts";
import { freshDatabase } from "../support/database.ts";
import { NO_CHANGES } from "../support/engine-far-side.ts";
import { startReplica } from "../support/engine-replica.ts";
import { sha } from "../domain/model.ts";

const target = (name: string): string => `target: { type: ssh, hosts: [deploy@web-1.acme.test], directory: /srv/${name}, recipe: django }`;
const CONFIG = `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop-deploys"
    environments:
      staging: { deploy: automatically, ${target("staging")} }
      production: { after: { environment: staging, for: 0s }, approval: { from: ["@product-owners"], count: 1, expires: 24h }, ${target("production")} }
`;

/** Two environments of which nothing is known yet, and what may be recorded of them. */
async function openPlace() {
  const database = await freshDatabase();
  const bot = await startReplica(
    {
      connectionString: database.connectionString,
      config: CONFIG,
      privateKey: newKeyPair().privateKey,
      knownHosts: "",
      installation: randomUUID(),
      replica: "one",
    },
    { work: false },
  );
  const [app] = bot.engine.config.apps;
  const [staging, production] = app?.environments ?? [];
  if (app === undefined || staging === undefined || production === undefined) throw new Error("the configuration lost an environment");
  for (const environment of [staging, production]) await ensureEnvironment(bot.engine.db, environment);
  let number = 0;
  return {
    bot,
    /** A deployment that went live there, with what `showmigrations` said afterwards. */
    async ran(where: "staging" | "production", revision: Sha, applied: readonly string[], pending: readonly Migration[]) {
      const environment = where === "staging" ? staging : production;
      const id = uuidv7() as DeploymentId;
      const migrations: Migrations = {
        pending,
        source: "web-1",
        applied: pending.map(({ name }) => name),
        doubtful: [],
        undone: [],
        leaves: {},
      };
      const plan = planOf(environment, { kind: "deploy", from: null, revision });
      number += 1;
      const at = new Date(number * 1000);
      const deployment: Deployment = {
        id,
        number,
        environmentId: environment.id,
        kind: "deploy",
        revision,
        from: null,
        plan,
        planHash: "hash",
        configHash: "hash",
        counter: 1,
        runId: null,
        requestedBy: { kind: "greenlight", because: "a test" },
        requestedAt: at,
        changes: { ...NO_CHANGES, migrations },
        rollsBack: null,
        rolledBackBy: null,
        automatic: true,
        startedAt: at,
        liveAt: at,
        state: { state: "succeeded", at, because: "", by: null, verdict: null },
      };
      await insertDeployment(bot.engine.db, deployment);
      const log = [
        "== greenlight 1 showmigrations --plan",
        ...applied.map((name) => `| [X]  ${name}`),
        `== exit 0 lines ${applied.length}`,
        "",
      ];
      const row = {
        deploymentId: id,
        target: "ssh",
        step: "migrate",
        host: "web-1.acme.test",
        attempt: 1,
        kind: "command",
        status: "done",
        phase: 5,
      } as const;
      await bot.engine.db.insert(steps).values({ ...row, startedAt: at, head: Buffer.from(log.join("\n")) });
    },
    pending: (live: Sha | null, revision: Sha, sets: Sets = {}) =>
      pendingMigrations(
        bot.engine,
        { app: { ...app, companions: [companion] }, environment: production },
        { live, revision, set: sets.set ?? [], before: sets.before ?? null },
      ),
    async [Symbol.asyncDispose]() {
      await bot[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

type Sets = { readonly set?: readonly CompanionRevision[]; readonly before?: readonly CompanionRevision[] };

const companion: Companion = {
  repository: { kind: "github", connection: "default", path: "acme/shop-theme" },
  branch: "main",
  requires: [],
  directory: "theme",
  origin: "git@github.com:acme/shop-theme.git",
};

function themes(revision: Sha): readonly CompanionRevision[] {
  const { directory, origin, repository } = companion;
  return [{ directory, origin, repository: repository.path, revision }];
}

const of = (name: string, one: Migration["class"]): Migration => ({ name, class: one, operations: [] });
const FILE = `from django.db import migrations, models
class Migration(migrations.Migration):
    operations = [migrations.RemoveField(model_name="order", name="note")]
`;

test("what ran before with the same revision tells it, against what is applied here; files only fill what it lacks", async () => {
  await using place = await openPlace();
  await place.ran("production", sha(1), ["orders.0001_initial"], [of("orders.0001_initial", "additive")]);
  // Two revisions went over staging since: the pending ones of both count.
  await place.ran("staging", sha(2), ["orders.0001_initial", "orders.0002_a"], [of("orders.0002_a", "risky")]);
  await place.ran("staging", sha(3), ["orders.0001_initial", "orders.0002_a", "orders.0003_b"], [of("orders.0003_b", "unread")]);
  expect(await place.pending(sha(1), sha(3))).toMatchObject({
    source: "staging",
    pending: [
      { name: "orders.0002_a", class: "risky" },
      { name: "orders.0003_b", class: "unread" },
    ],
  });
  place.bot.far.codeHost.addedMigrations = async () => [{ path: "orders/migrations/0003_b.py", text: FILE }];
  expect((await place.pending(sha(1), sha(3)))?.pending?.map((migration) => migration.class)).toEqual(["risky", "destructive"]);
});

test("else the files that come with it do; what cannot be read is there, and unread", async () => {
  await using place = await openPlace();
  expect(await place.pending(sha(1), sha(2))).toBeNull();
  place.bot.far.codeHost.addedMigrations = async () => [
    { path: "shop/orders/migrations/0002_b.py", text: FILE },
    { path: "shop/orders/migrations/0003_c.py", text: null },
    { path: "shop/orders/migrations/0004 d.py", text: FILE },
  ];
  expect(await place.pending(sha(1), sha(2))).toMatchObject({
    source: "the repository",
    pending: [
      { name: "orders.0002_b", class: "destructive" },
      { name: "orders.0003_c", class: "unread" },
    ],
  });
});

test("what the other repositories bring counts too, and where that cannot be read nothing is said of all of it", async () => {
  await using place = await openPlace();
  const asked: string[] = [];
  place.bot.far.codeHost.addedMigrations = async (repository, base, head) => {
    if (base === null) return null;
    asked.push(`${repository} ${base.slice(-1)}..${head.slice(-1)}`);
    return repository === "acme/shop-theme" ? [{ path: "migrations/0002_dark.py", text: FILE }] : [];
  };
  const [old, next] = [themes(sha(4)), themes(sha(5))];
  expect(await place.pending(sha(1), sha(1), { set: next, before: old })).toMatchObject({
    source: "the repository",
    pending: [{ name: "theme.0002_dark", class: "destructive" }],
  });
  expect(asked).toEqual(["acme/shop 1..1", "acme/shop-theme 4..5"]);
  expect(await place.pending(sha(1), sha(1), { set: next, before: next })).toMatchObject({ pending: [] });
  expect(await place.pending(sha(1), sha(1), { set: next })).toBeNull();
});
