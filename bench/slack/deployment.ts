import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { v7 as uuidv7 } from "uuid";
import { dirtyCards, cardById } from "../../src/db/cards.ts";
import { deploymentById } from "../../src/db/deployments.ts";
import { findRunning } from "../../src/db/embedded.ts";
import { digestOf } from "../../src/domain/digest.ts";
import { environmentId, parseSha, type DeploymentId } from "../../src/domain/ids.ts";
import { apply } from "../../src/engine/apply.ts";
import { NO_CHANGES } from "../../test/support/engine-far-side.ts";
import { startReplica, type Replica } from "../../test/support/engine-replica.ts";
import type { ShownCard } from "./payload.ts";

export const CONFIG = `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop-deploys"
    environments:
      production:
        requires: [unit]
        approval: { from: [U01ANN], count: 1, expires: 24h }
        target: { type: ssh, hosts: [deploy@127.0.0.1], directory: /srv/shop, recipe: django }
`;
const PRODUCTION = environmentId("shop", "production");

/** Asks for a deployment in the running bot's own database, and waits until its card stands in Slack. */
export async function askForDeployment(folder: string): Promise<ShownCard> {
  const connectionString = await findRunning(join(folder, ".greenlight"));
  if (connectionString === null) throw new Error("the bot runs no database of its own");
  await using replica = await startReplica(
    {
      connectionString,
      config: CONFIG,
      privateKey: readFileSync(join(folder, "key"), "utf8"),
      knownHosts: "",
      installation: uuidv7(),
      replica: "bench",
    },
    { work: false },
  );
  const { db } = replica.engine;
  const id = await ask(replica);
  const [card] = await dirtyCards(db);
  const deployment = await deploymentById(db, id);
  if (card === undefined || deployment === null) throw new Error("the deployment has no card");
  for (;;) {
    const shown = await cardById(db, card.id);
    if (shown?.ts !== null && shown?.postedChannel !== null && shown !== null) {
      const { revision, environmentId: environment, planHash, counter } = deployment;
      const pressed = { deployment: id, counter, digest: digestOf({ revision, environment, planHash }) };
      return { channel: shown.postedChannel, ts: shown.ts, text: "Approval needed: shop to production.", blocks: [], pressed };
    }
    await pause(50);
  }
}

async function ask({ engine }: Replica): Promise<DeploymentId> {
  const revision = parseSha("9f3c2ab".padEnd(40, "0"));
  if (revision === null) throw new Error("the revision is none");
  const id = engine.newId() as DeploymentId;
  const standing = {
    actor: { kind: "slack", id: "U02BOB", name: "bob" },
    ours: true,
    team: "T01SIM",
    guest: false,
    bot: false,
    deactivated: false,
    approver: false,
    standsInFor: [],
    justJoined: null,
    mayOverride: false,
    onCall: false,
    mayRollBack: null,
  } as const;
  const request = {
    kind: "request",
    standing,
    revision,
    runId: null,
    changes: NO_CHANGES,
    missing: [],
    containsBlocked: null,
    id,
  } as const;
  const applied = await apply(engine, PRODUCTION, request);
  if (!applied.ok) throw new Error(applied.refusal.title);
  return id;
}
