import type { HostAddress, WayOutcome } from "../../ports.ts";
import { createHostLines } from "./connection.ts";
import type { Connection, HostLines } from "./connection.ts";
import { hopFault } from "./hop-faults.ts";
import type { HopFault } from "./hop-faults.ts";
import { hopsOf, wayKey } from "./hop.ts";
import type { Hop } from "./hop.ts";
import { openIdentities } from "./identities.ts";
import { openLine } from "./line.ts";
import type { Line } from "./line.ts";
import type { SshDeps, Unreachable } from "./protocol.ts";
import { createTurns } from "./turns.ts";

/** sshd drops unauthenticated connections above MaxStartups (10). */
const CONNECTS_AT_ONCE = 10;

export type Pool = {
  /** The warm connection of a host; `fresh` false says that it was there already and may be dead without our knowing. */
  get(host: HostAddress): Promise<{ readonly connection: Connection; readonly fresh: boolean } | Unreachable>;
  /** Gives up a connection that failed. */
  drop(host: HostAddress, connection: Connection): void;
  /** Which servers lie on the way, with the keys that they showed and took. */
  way(host: HostAddress): Promise<WayOutcome>;
  close(): void;
};

/** Connections by way and account, shared by all that speak to a host; hosts behind one jump host share its line. @throws when a private key cannot be read. */
export function createPool(deps: SshDeps): Pool {
  const connects = createTurns(CONNECTS_AT_ONCE);
  const ways = new Map<string, HostLines>();
  const lineDeps = { ...deps, identities: openIdentities(deps), lastKeys: new Map<string, string>() };
  let closed = false;

  /** The lines along these hops. Jump hosts are connected before a turn is taken: a turn that waits for another would wait for ever. */
  function linesAlong(hops: readonly Hop[]): HostLines | null {
    const hop = hops.at(-1);
    if (hop === undefined) return null;
    const key = wayKey(hops);
    const there = ways.get(key);
    if (there !== undefined) return there;
    const before = linesAlong(hops.slice(0, -1));
    const made = createHostLines(async () => {
      for (let tries = 1; ; tries += 1) {
        const via = before === null ? null : await lineOf(before, hop);
        if (via !== null && "kind" in via) return via;
        const line = await openInTurn(hop, via);
        // A warm line to a jump host may turn out dead only now.
        if (!("kind" in line) || via === null || via.alive() || tries > 1) return line;
      }
    });
    ways.set(key, made);
    return made;
  }
  async function openInTurn(hop: Hop, via: Line | null): Promise<Line | HopFault> {
    const giveBack = await connects.take();
    try {
      if (closed) return stopping(hop);
      const line = await openLine(hop, via, lineDeps);
      if ("kind" in line || !closed) return line;
      line.end();
      return stopping(hop);
    } finally {
      giveBack();
    }
  }
  async function connected(host: HostAddress): Promise<{ readonly lines: HostLines; readonly fresh: boolean } | HopFault> {
    const hops = hopsOf(host);
    const last = hops[hops.length - 1];
    const lines = linesAlong(hops);
    if (last === undefined || lines === null) throw new Error("a way without a host");
    if (lines.alive()) return { lines, fresh: false };
    if (closed) return stopping(last);
    const fault = await lines.connect();
    return fault ?? { lines, fresh: true };
  }
  return {
    async get(host) {
      const got = await connected(host);
      if ("kind" in got) return { kind: "unreachable", because: got.because };
      return { connection: got.lines.view(), fresh: got.fresh };
    },
    drop: (_host, connection) => connection.end(),
    async way(host) {
      const got = await connected(host);
      if ("kind" in got) return got;
      const hops = hopsOf(host);
      return {
        kind: "reached",
        hops: hops.flatMap((hop, index) => {
          const line = linesAlong(hops.slice(0, index + 1))?.line() ?? null;
          return line === null
            ? []
            : [
                {
                  address: hop.address,
                  port: hop.port,
                  hostKey: { type: line.key.type, print: line.key.print },
                  ourKey: { name: line.identity.name, print: line.identity.print },
                },
              ];
        }),
      };
    },
    close() {
      closed = true;
      for (const lines of ways.values()) lines.end();
      ways.clear();
    },
  };
}

function stopping(hop: Hop): HopFault {
  return hopFault(hop, "the bot is stopping");
}

async function lineOf(lines: HostLines, hop: Hop): Promise<Line | HopFault> {
  const fault = lines.alive() ? null : await lines.connect();
  return fault ?? lines.line() ?? hopFault(hop, "the connection to the jump host before it was lost");
}
