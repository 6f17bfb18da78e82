import type { HostAddress } from "../../ports.ts";
import { connectTo } from "./connection.ts";
import type { Connection } from "./connection.ts";
import type { SshDeps, Unreachable } from "./protocol.ts";
import { createTurns } from "./turns.ts";

/** sshd drops unauthenticated connections above MaxStartups (10). */
const CONNECTS_AT_ONCE = 10;

export type Pool = {
  /** The warm connection of a host; `fresh` false says that it was there already and may be dead without our knowing. */
  get(host: HostAddress): Promise<{ readonly connection: Connection; readonly fresh: boolean } | Unreachable>;
  /** Gives up a connection that failed. */
  drop(host: HostAddress, connection: Connection): void;
  close(): void;
};

/** One connection per host and user, shared by all that speak to it; simultaneous callers share one connect. */
export function createPool(deps: SshDeps): Pool {
  const connects = createTurns(CONNECTS_AT_ONCE);
  const connections = new Map<string, Connection>();
  const pending = new Map<string, Promise<Connection | Unreachable>>();
  let closed = false;
  async function dial(host: HostAddress, key: string): Promise<Connection | Unreachable> {
    const giveBack = await connects.take();
    try {
      const connection = await connectTo(host, deps);
      if ("kind" in connection) return connection;
      if (closed) {
        connection.end();
        return { kind: "unreachable", because: `${host.name}: the bot is stopping` };
      }
      connections.set(key, connection);
      return connection;
    } finally {
      giveBack();
      pending.delete(key);
    }
  }
  return {
    async get(host) {
      const key = keyOf(host);
      const warm = connections.get(key);
      if (warm?.alive()) return { connection: warm, fresh: false };
      if (closed) return { kind: "unreachable", because: `${host.name}: the bot is stopping` };
      const dialled = pending.get(key) ?? dial(host, key);
      if (!pending.has(key)) pending.set(key, dialled);
      const connection = await dialled;
      return "kind" in connection ? connection : { connection, fresh: true };
    },
    drop(host, connection) {
      connection.end();
      if (connections.get(keyOf(host)) === connection) connections.delete(keyOf(host));
    },
    close() {
      closed = true;
      for (const connection of connections.values()) connection.end();
      connections.clear();
    },
  };
}

function keyOf(host: HostAddress): string {
  return `${host.user}@${host.address}:${host.port}`;
}
