import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { Client, ClientChannel } from "ssh2";
import { shakeHands, textField } from "./handshake.ts";
import type { HandshakeFault, Shaken } from "./handshake.ts";
import type { Hop } from "./hop.ts";
import { wayKey } from "./hop.ts";
import { handshakeSentence, hopFault, networkSentence } from "./hop-faults.ts";
import type { HopFault } from "./hop-faults.ts";
import type { Identities, Identity } from "./identities.ts";
import { allTypes, keysOf, typesToAsk } from "./known-hosts.ts";
import type { HostKey } from "./known-hosts.ts";
import type { SshDeps } from "./protocol.ts";

/** One SSH connection to one server. */
export type Line = {
  readonly key: HostKey;
  readonly identity: Identity;
  readonly alive: () => boolean;
  /** Runs when the line has closed; at once if it has. */
  onClose(told: () => void): void;
  /** A session with a command; `full`: the server opens no further one on this line. @throws when the line was lost. */
  open(command: string): Promise<ClientChannel | "full">;
  /** A stream from there to another address. */
  forward(to: { readonly address: string; readonly port: number }): Promise<Duplex | "refused" | "unreachable" | "lost">;
  end(): void;
};

/** `lastKeys` remembers which key a server took, so that it is the first one next time. */
export type LineDeps = SshDeps & { readonly identities: Identities; readonly lastKeys: Map<string, string> };

/** sshd looks at 6 keys of one connection (MaxAuthTries) and then closes it: one less, and the next ones in a new connection. */
const KEYS_AT_ONCE = 5;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;

/**
 * Connects to a server, by TCP or through `via`, with TCP_NODELAY and keepalive. A server that closes before it greets is
 * asked again with growing pauses; several keys are offered a few at a time; everything else is said at once.
 */
export async function openLine(hop: Hop, via: Line | null, deps: LineDeps): Promise<Line | HopFault> {
  const known = keysOf(deps.knownHosts, hop.address, hop.port);
  const timeoutMs = deps.connectTimeoutMs ?? 15_000;
  const keepaliveMs = deps.keepaliveMs ?? 15_000;
  const { identities, missing } = await deps.identities(hop.account);
  const lastKey = deps.lastKeys.get(wayKey([hop]));
  const keys = identities.toSorted((a, b) => Number(b.print === lastKey) - Number(a.print === lastKey));
  const until = Date.now() + timeoutMs;
  let types = typesToAsk(known);
  let offset = 0;
  let changed: HandshakeFault | null = null;
  for (let refusals = 0; ;) {
    const stream = via === null ? await dial(hop, timeoutMs) : await through(via, hop, timeoutMs);
    if ("kind" in stream) return stream;
    const attempt = { known, types, identities: keys.slice(offset, offset + KEYS_AT_ONCE), timeoutMs, keepaliveMs };
    const shaken = await shakeHands(hop, stream, attempt);
    if (shaken.kind === "ready") {
      deps.lastKeys.set(wayKey([hop]), shaken.identity.print);
      return lineOf(hop, shaken, stream, deps);
    }
    if (shaken.kind === "host_key") changed = shaken;
    const others = typesAfter(shaken, types, known.pins.length > 0);
    if (others !== null) types = others;
    else if (shaken.kind === "keys_refused" && shaken.offered > 0 && offset + shaken.offered < keys.length) offset += shaken.offered;
    else if (shaken.kind === "closed_early" && Date.now() < until) {
      deps.log?.({ event: "ssh_closed_early", host: hop.label, times: refusals + 1 });
      await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** refusals) * (0.5 + Math.random() / 2));
      refusals += 1;
    } else {
      const fault = shaken.kind === "no_common" && changed !== null ? changed : shaken;
      return handshakeSentence(hop, fault, { known, offered: keys.length, missing });
    }
  }
}

/**
 * The host key types to ask for next, if another try tells more. A pinned fingerprint has no type, so a server is asked for
 * its other keys one by one; where none of the known types is there, a last look at any key names it. Each list is shorter than
 * the one before, or is all types once.
 */
function typesAfter(fault: HandshakeFault, types: readonly string[], pinned: boolean): readonly string[] | null {
  if (fault.kind === "no_common") return types.length < allTypes().length && !pinned ? allTypes() : null;
  if (fault.kind !== "host_key" || fault.verdict !== "changed" || !pinned) return null;
  const left = types.filter((type) => type !== fault.key?.type);
  return left.length > 0 && left.length < types.length ? left : null;
}

function dial(hop: Hop, timeoutMs: number): Promise<Duplex | HopFault> {
  return new Promise((connected) => {
    const socket = connect({ host: hop.address, port: hop.port, noDelay: true, keepAlive: true });
    const timer = setTimeout(() => socket.destroy(Object.assign(new Error("timed out"), { code: "ETIMEDOUT" })), timeoutMs);
    socket.once("error", (fault) => {
      clearTimeout(timer);
      connected(hopFault(hop, networkSentence(textField(fault, "code"))));
    });
    socket.once("connect", () => {
      clearTimeout(timer);
      // Until ssh2 listens, an unheard error would end the whole bot.
      socket.on("error", () => undefined);
      connected(socket);
    });
  });
}

async function through(via: Line, hop: Hop, timeoutMs: number): Promise<Duplex | HopFault> {
  const late = pause(timeoutMs, "late" as const, { ref: false });
  const stream = await Promise.race([via.forward(hop), late]);
  if (stream === "refused")
    return hopFault(hop, "the jump host before it does not let us through (AllowTcpForwarding and PermitOpen of its sshd)");
  if (stream === "unreachable") return hopFault(hop, "the jump host before it cannot reach its SSH port");
  if (stream === "lost" || stream === "late") {
    via.end();
    return hopFault(hop, "the connection to the jump host before it was lost");
  }
  return stream;
}

function lineOf(hop: Hop, shaken: Shaken, stream: Duplex, deps: SshDeps): Line {
  const { client } = shaken;
  let alive = true;
  client.setMaxListeners(0);
  // After `ready` nobody else listens; an unheard error would end the whole bot.
  client.on("error", (fault) =>
    deps.log?.({ event: "ssh_connection_failed", host: hop.label, because: networkSentence(textField(fault, "code")) }),
  );
  client.on("close", () => {
    alive = false;
    deps.log?.({ event: "ssh_connection_closed", host: hop.label });
  });
  deps.log?.({ event: "ssh_connected", host: hop.label, host_key: shaken.key.print, our_key: shaken.identity.print });
  return {
    key: shaken.key,
    identity: shaken.identity,
    alive: () => alive,
    onClose: (told) => void (alive ? client.once("close", told) : told()),
    async open(command) {
      const opened = await request(client, (answer) => client.exec(command, answer));
      if (opened === "lost" || !alive) throw new Error("the connection was lost");
      // Only a refused channel carries a reason; a command that was refused on an open one is no question of room.
      if (opened instanceof Error && numberField(opened, "reason") === null) throw opened;
      return opened instanceof Error ? "full" : opened;
    },
    async forward({ address, port }) {
      const opened = await request(client, (answer) => client.forwardOut("127.0.0.1", 0, address, port, answer));
      if (opened === "lost") return "lost";
      if (!(opened instanceof Error)) return opened;
      return numberField(opened, "reason") === PROHIBITED ? "refused" : alive ? "unreachable" : "lost";
    },
    end() {
      alive = false;
      client.end();
      stream.destroy();
    },
  };
}

/** SSH_OPEN_ADMINISTRATIVELY_PROHIBITED (RFC 4254, section 5.1). */
const PROHIBITED = 1;

/** Asks for a channel; ssh2 forgets the answer when the connection goes in that moment. */
function request(
  client: Client,
  ask: (answer: (fault: Error | undefined, channel: ClientChannel) => void) => void,
): Promise<ClientChannel | Error | "lost"> {
  return new Promise((answered) => {
    const gone = (): void => answered("lost");
    client.once("close", gone);
    try {
      ask((fault, channel) => {
        client.off("close", gone);
        answered(fault ?? channel);
      });
    } catch {
      client.off("close", gone);
      gone();
    }
  });
}

function numberField(fault: Error, field: "reason"): number | null {
  const value: unknown = Reflect.get(fault, field);
  return typeof value === "number" ? value : null;
}
