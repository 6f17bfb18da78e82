import { connect } from "node:net";
import type { Socket } from "node:net";
import { NodeSSH } from "node-ssh";
import type { Client, ClientChannel } from "ssh2";
import type { HostAddress } from "../../ports.ts";
import { fingerprint, judgeKey, keysOf, serverAlgorithms } from "./known-hosts.ts";
import type { KeyVerdict } from "./known-hosts.ts";
import type { SshDeps, Unreachable } from "./protocol.ts";
import { createTurns } from "./turns.ts";

/** sshd opens at most 10 sessions a connection (MaxSessions); followers leave two for acquire, cancel, read and release. */
const FOLLOWERS = 6;
const OTHERS = 2;

/** A warm connection. `open` waits for its turn; a channel's turn ends when the channel closes. */
export type Connection = {
  readonly alive: () => boolean;
  open(kind: "follower" | "other", command: string): Promise<ClientChannel>;
  end(): void;
};

/** Connects to a host whose key is known, with TCP_NODELAY and keepalive; everything else is `unreachable`, with the reason. */
export async function connectTo(host: HostAddress, deps: SshDeps): Promise<Connection | Unreachable> {
  const known = keysOf(deps.knownHosts, host.address, host.port);
  const algorithms = serverAlgorithms(known);
  if (algorithms.length === 0) return unreachable(host, unknownKey(host, known.authority));
  const timeoutMs = deps.connectTimeoutMs ?? 15_000;
  const keepaliveMs = deps.keepaliveMs ?? 15_000;
  let verdict: { readonly kind: KeyVerdict; readonly print: string } | null = null;
  const ssh = new NodeSSH();
  let socket: Socket | null = null;
  try {
    socket = await dial(host, timeoutMs);
    await ssh.connect({
      sock: socket,
      username: host.user,
      // ssh2 sends a key's algorithm by itself; the agent is never asked nor forwarded.
      authHandler: deps.privateKeys.map((key) => ({ type: "publickey" as const, username: host.user, key: keyText(key) })),
      // ssh2 would accept any key without this.
      hostVerifier: (key: Buffer) => {
        verdict = { kind: judgeKey(known, key), print: fingerprint(key) };
        return verdict.kind === "known";
      },
      algorithms: { serverHostKey: algorithms },
      readyTimeout: timeoutMs,
      keepaliveInterval: keepaliveMs,
      keepaliveCountMax: 3,
    });
  } catch (fault) {
    socket?.destroy();
    return unreachable(host, reasonOf(host, fault, verdict));
  }
  const client = ssh.connection;
  if (client === null) return unreachable(host, "the connection ended at once");
  return warm(host, client, socket, deps);
}

function warm(host: HostAddress, client: Client, socket: Socket, deps: SshDeps): Connection {
  let alive = true;
  const turns = { follower: createTurns(FOLLOWERS), other: createTurns(OTHERS) };
  client.setMaxListeners(0);
  // After `ready` nobody else listens; an unheard error would end the whole bot.
  client.on("error", (fault) => deps.log?.({ event: "ssh_connection_failed", host: host.name, because: codeOf(fault) }));
  client.on("close", () => {
    alive = false;
    deps.log?.({ event: "ssh_connection_closed", host: host.name });
  });
  return {
    alive: () => alive,
    async open(kind, command) {
      const giveBack = await turns[kind].take();
      return new Promise<ClientChannel>((opened, failed) => {
        const gone = (): void => {
          giveBack();
          failed(new Error("the connection was lost"));
        };
        if (!alive) return gone();
        client.once("close", gone);
        try {
          client.exec(command, (fault, channel) => {
            client.off("close", gone);
            if (fault) {
              giveBack();
              return failed(fault);
            }
            channel.once("close", giveBack);
            opened(channel);
          });
        } catch {
          client.off("close", gone);
          gone();
        }
      });
    },
    end() {
      client.end();
      socket.destroy();
    },
  };
}

function dial(host: HostAddress, timeoutMs: number): Promise<Socket> {
  return new Promise((connected, failed) => {
    const socket = connect({ host: host.address, port: host.port, noDelay: true, keepAlive: true });
    const timer = setTimeout(() => socket.destroy(Object.assign(new Error("timed out"), { code: "ETIMEDOUT" })), timeoutMs);
    socket.once("error", (fault) => {
      clearTimeout(timer);
      failed(fault);
    });
    socket.once("connect", () => {
      clearTimeout(timer);
      connected(socket);
    });
  });
}

function keyText(key: string | Uint8Array): string | Buffer {
  return typeof key === "string" ? key : Buffer.from(key);
}

/** Decided by codes and levels of the libraries, never by the text of a host. */
function reasonOf(host: HostAddress, fault: unknown, verdict: { readonly kind: KeyVerdict; readonly print: string } | null): string {
  if (verdict !== null && verdict.kind !== "known") {
    if (verdict.kind === "revoked") return `its host key ${verdict.print} is revoked in known_hosts; nothing was run`;
    return `its host key changed to ${verdict.print}; nothing was run. If that is right, update known_hosts`;
  }
  const level = fieldOf(fault, "level");
  if (level === "client-authentication") return `it refused our keys for ${host.user}; add the public key to its authorized_keys`;
  if (level === "client-timeout") return "it did not finish the SSH handshake in time";
  if (level === "handshake") return "no common SSH algorithms; does it still have a host key of a type in known_hosts?";
  return codeOf(fault);
}

function codeOf(fault: unknown): string {
  const sentences: Readonly<Record<string, string>> = {
    ECONNREFUSED: "nothing listens on its SSH port",
    ETIMEDOUT: "it did not answer in time",
    ENOTFOUND: "its name is unknown",
    EAI_AGAIN: "its name could not be looked up",
    EHOSTUNREACH: "no route to it",
    ENETUNREACH: "no network to it",
    ECONNRESET: "it closed the connection",
  };
  return sentences[fieldOf(fault, "code") ?? ""] ?? "the connection failed";
}

function fieldOf(fault: unknown, field: "code" | "level"): string | null {
  if (typeof fault !== "object" || fault === null || !(field in fault)) return null;
  const value: unknown = Reflect.get(fault, field);
  return typeof value === "string" ? value : null;
}

function unknownKey(host: HostAddress, authority: boolean): string {
  const add = `add it to known_hosts after checking it (ssh-keyscan -p ${host.port} ${host.address})`;
  return authority ? `only a @cert-authority is known, and host certificates are not supported; ${add}` : `its host key is unknown; ${add}`;
}

function unreachable(host: HostAddress, because: string): Unreachable {
  return { kind: "unreachable", because: `${host.name}: ${because}` };
}
