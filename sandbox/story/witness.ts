import { setTimeout as pause } from "node:timers/promises";
import type { Server } from "../world/server.ts";
import { expect } from "./expectation.ts";

type Seen = { readonly server: string; readonly command: string; readonly revision: string };

/** Watches what the servers themselves say was executed there. */
export type Witness = {
  /** Everything since the last call of `begin`, in the order in which it was seen. */
  seen(): readonly Seen[];
  /** A new deployment begins: what came before does not count. */
  begin(): void;
  close(): Promise<void>;
};

const LOOK_MS = 40;
/** Questions, not steps: asked as often as it takes. */
const QUESTIONS = new Set(["migrate-plan", "showmigrations", "sqlmigrate", "status"]);

export function watchServers(servers: readonly Server[]): Witness {
  const counted = new Map<string, number>();
  let all: Seen[] = [];
  const closed = new AbortController();

  async function look(): Promise<void> {
    for (const server of servers) {
      const lines = await server.witnessed();
      const known = counted.get(server.name) ?? 0;
      counted.set(server.name, lines.length);
      all.push(...lines.slice(known).map((line) => ({ server: server.name, ...line })));
    }
  }

  async function keepLooking(): Promise<void> {
    while (!closed.signal.aborted) {
      await look();
      await pause(LOOK_MS, null, { signal: closed.signal }).catch(() => null);
    }
  }

  const looking = keepLooking();
  return {
    seen: () => all.filter((one) => !QUESTIONS.has(one.command)),
    begin: () => void (all = []),
    async close() {
      closed.abort();
      await looking;
    },
  };
}

const ORDER = ["check", "collectstatic", "migrate", "restart", "verify"];

/** Each step once on each server and in order, `migrate` only on the first or (rolling back) nowhere, one server after the other. */
export function expectOneDeployment(
  what: string,
  witness: Witness,
  given: { servers: readonly string[]; revision: string; migrates: boolean },
): void {
  const seen = witness.seen();
  for (const [index, server] of given.servers.entries()) {
    const own = seen.filter((one) => one.server === server);
    const wanted = ORDER.filter((step) => step !== "migrate" || (given.migrates && index === 0));
    const found = own.map((one) => one.command);
    expect(
      `${what}: each step ran exactly once on ${server}, in order`,
      found.join() === wanted.join(),
      () => `ran: ${found.join(", ") || "nothing"}`,
    );
    expect(
      `${what}: every step on ${server} ran in ${given.revision.slice(0, 7)}`,
      own.every((one) => one.revision === given.revision),
    );
  }
  const restarts = seen.flatMap((one, index) => (one.command === "restart" ? [index] : []));
  const verified = seen.findIndex((one) => one.command === "verify");
  expect(
    `${what}: the next server was restarted only after the one before was verified`,
    restarts.slice(1).every((index) => index > verified),
  );
}
