import { randomUUID } from "node:crypto";
import { newKeyPair } from "../../sandbox/host/keys.ts";
import { freshDatabase, type TestDatabase } from "./database.ts";
import { startReplica, type Replica, type ReplicaSettings } from "./engine-replica.ts";

/** A database with replicas that decide but carry nothing out: no host is ever asked. */
export type Desk = AsyncDisposable & {
  readonly database: TestDatabase;
  readonly settings: ReplicaSettings;
  /** Another replica, with a pool of its own; closed with the desk. */
  open(replica: string, over?: Partial<ReplicaSettings>): Promise<Replica>;
};

const LINES = [
  "apps:",
  "  shop:",
  "    repository: github:acme/shop",
  '    channel: "#shop-deploys"',
  "    environments:",
  "      production:",
  "        requires: [unit]",
  '        approval: { from: ["@product-owners"], count: 1, expires: 24h }',
  "        target: { type: ssh, hosts: [deploy@web-1.acme.test, deploy@web-2.acme.test], directory: /srv/shop, recipe: django }",
  "",
];

export async function openDesk(): Promise<Desk> {
  const database = await freshDatabase();
  const settings: ReplicaSettings = {
    connectionString: database.connectionString,
    config: LINES.join("\n"),
    privateKey: newKeyPair().privateKey,
    knownHosts: "",
    installation: randomUUID(),
    replica: "desk",
  };
  const replicas: Replica[] = [];
  return {
    database,
    settings,
    async open(replica, over = {}) {
      const opened = await startReplica({ ...settings, ...over, replica }, { work: false });
      replicas.push(opened);
      return opened;
    },
    async [Symbol.asyncDispose]() {
      for (const replica of replicas) await replica[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}
