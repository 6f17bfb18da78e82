import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { startEmbedded } from "../../src/db/embedded.ts";
import { migrateDatabase } from "../../src/db/migrate.ts";
import { deploymentById } from "../../src/db/deployments.ts";
import { digestOf } from "../../src/domain/digest.ts";
import type { Standing } from "../../src/domain/standing.ts";
import { environmentId, parseSha, type DeploymentId } from "../../src/domain/ids.ts";
import { act } from "../../src/engine/act.ts";
import { apply } from "../../src/engine/apply.ts";
import { NO_CHANGES } from "../../test/support/engine-far-side.ts";
import { startReplica } from "../../test/support/engine-replica.ts";
import type { Answered, Asked, BotOrders } from "./greenlight.ts";
import { timedTarget, type Mark } from "./timed-target.ts";

/**
 * A running bot: the engine, its job queue, its own PostgreSQL with fsync, and the real SSH target. Slack and the code host are
 * answered in memory. `node bot.ts FILE`; then each message asks for one deployment and is answered with its times.
 */
const orders: BotOrders = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
const database = await startDatabase(`${orders.folder}/database`);
const marks: Mark[] = [];
const mark = (what: string): void => void marks.push({ what, at: performance.timeOrigin + performance.now() });
const bot = await startReplica(
  { ...orders.settings, connectionString: database.connectionString },
  { checkpoint: async (name) => (name === "claimed" || name === "releasing" ? mark(name) : undefined) },
);
Object.assign(bot.engine, { target: timedTarget(bot.engine.target, mark) });
const watcher = new Client({ connectionString: database.connectionString });
await watcher.connect();
process.on("message", (asked: Asked) => void answer(asked));
process.on("disconnect", () => process.exit(0));
process.send?.({ kind: "ready" } satisfies Answered);

async function answer(asked: Asked): Promise<void> {
  if (asked.kind === "stop") {
    await watcher.end();
    await bot[Symbol.asyncDispose]();
    await database.stop();
    process.exit(0);
  }
  try {
    process.send?.(await deploy(asked));
  } catch (fault) {
    process.send?.({ kind: "fault", says: String(fault) } satisfies Answered);
  }
}

/** PostgreSQL as the bot starts its own; it keeps the time of each commit, which is what is measured. */
async function startDatabase(folder: string): ReturnType<typeof startEmbedded> {
  const first = await startEmbedded({ folder });
  await migrateDatabase(first.connectionString);
  const admin = new Client({ connectionString: first.connectionString });
  await admin.connect();
  await admin.query("alter system set track_commit_timestamp = on");
  await admin.end();
  await first.stop();
  return startEmbedded({ folder });
}

async function deploy(asked: Extract<Asked, { kind: "deploy" }>): Promise<Answered> {
  const { engine } = bot;
  const id = await request(asked);
  const deployment = await deploymentById(engine.db, id);
  if (deployment === null) throw new Error("the deployment is gone");
  const digest = digestOf({ revision: deployment.revision, environment: deployment.environmentId, planHash: deployment.planHash });
  marks.length = 0;
  const answered = await act(
    engine,
    { kind: "approve", deployment: id, counter: deployment.counter, digest },
    { actor: { kind: "slack", id: "UPETRA", name: "petra" }, person: await engine.directory.person("UPETRA"), ours: true },
    async () => undefined,
  );
  if (answered.kind !== "done") throw new Error(`not approved: ${JSON.stringify(answered)}`);
  while (!marks.some(({ what }) => what === "releasing")) await pause(5);
  while (await holdsHosts(id)) await pause(10);
  const [from, to] = [await committed(id, "approved"), await committed(id, "live")];
  if (from === null || to === null) throw new Error(`it did not go live: ${JSON.stringify((await deploymentById(engine.db, id))?.state)}`);
  return {
    kind: "deployed",
    ms: to - from,
    marks: [...marks.map(({ what, at }) => ({ what, at: at - from })), { what: "live", at: to - from }],
  };
}

async function request(asked: Extract<Asked, { kind: "deploy" }>): Promise<DeploymentId> {
  const revision = parseSha(asked.revision);
  if (revision === null) throw new Error(`${asked.revision} is no revision`);
  const id = bot.engine.newId() as DeploymentId;
  const standing: Standing = {
    actor: { kind: "slack", id: "UDORA", name: "dora" },
    ours: true,
    team: "TACME",
    guest: false,
    bot: false,
    deactivated: false,
    approver: false,
    standsInFor: [],
    justJoined: null,
    mayOverride: false,
    onCall: false,
    mayRollBack: null,
  };
  const applied = await apply(bot.engine, environmentId("shop", asked.environment), {
    kind: "request",
    standing,
    revision,
    runId: null,
    changes: NO_CHANGES,
    missing: [],
    containsBlocked: null,
    id,
  });
  if (!applied.ok) throw new Error(`${applied.refusal.title} ${applied.refusal.reasons.map((reason) => reason.text).join(" ")}`);
  return id;
}

/** When the entry was committed, by PostgreSQL's own record, in milliseconds since 1970. */
async function committed(id: DeploymentId, kind: string): Promise<number | null> {
  const { rows } = await watcher.query<{ ms: string | null }>(
    "select extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000 as ms from history where deployment_id = $1 and kind = $2",
    [id, kind],
  );
  return rows[0]?.ms === undefined || rows[0].ms === null ? null : Number(rows[0].ms);
}

async function holdsHosts(id: DeploymentId): Promise<boolean> {
  const { rows } = await watcher.query<{ holds: boolean }>("select holds_hosts as holds from deployments where id = $1", [id]);
  return rows[0]?.holds === true;
}
