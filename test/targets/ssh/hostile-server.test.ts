import { createServer } from "node:net";
import type { Socket } from "node:net";
import ssh2 from "ssh2";
import type { Connection } from "ssh2";
import { afterAll, describe, expect, test } from "vitest";
import { newKeyPair, publicPart } from "../../../sandbox/host/keys.ts";
import { openYard } from "../../support/ssh-yard.ts";
import { until } from "../../support/until.ts";

const yard = openYard();
const hostKey = newKeyPair().privateKey;
const key = newKeyPair().privateKey;
const servers: { close(): void }[] = [];
afterAll(async () => {
  for (const server of servers) server.close();
  await yard.close();
});

const JUNK = Buffer.alloc(4096, 255);

type Moves = { readonly greet?: Buffer; admitted?(socket: Socket, connection: Connection): void; asked?(socket: Socket): void };

/** An SSH server that admits everybody and then does what no server does. */
async function startServer(moves: Moves): Promise<{ address: string; port: number; knownHosts: string }> {
  let current: Socket | null = null;
  const ssh = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    const socket = current;
    if (socket === null) throw new Error("no socket");
    connection.on("error", () => undefined);
    connection.on("authentication", (context) => {
      // In one packet of TCP with what comes next: the client reads both before it does anything else.
      socket.cork();
      context.accept();
      // Before the signature it was only asked whether the key would do.
      if (context.method === "publickey" && context.signature === undefined) return socket.uncork();
      moves.admitted?.(socket, connection);
      socket.uncork();
    });
    connection.on("session", (accept) => {
      accept().on("exec", (accepted) => {
        socket.cork();
        accepted();
        moves.asked?.(socket);
        socket.uncork();
      });
    });
  });
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    if (moves.greet !== undefined) return pour(socket, moves.greet);
    current = socket;
    ssh.injectSocket(socket);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  servers.push(server);
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  const { type, bytes } = publicPart(hostKey);
  return { address: "127.0.0.1", port, knownHosts: `[127.0.0.1]:${port} ${type} ${bytes.toString("base64")}` };
}

/** For a reason that is an error to the client; ssh2's own `end` only says goodbye. */
function disconnect(connection: Connection): void {
  const protocol: unknown = Reflect.get(connection, "_protocol");
  if (typeof protocol !== "object" || protocol === null) throw new Error("ssh2 has no protocol object any more");
  Reflect.apply(Reflect.get(protocol, "disconnect"), protocol, [2]);
}

function pour(socket: Socket, bytes: Buffer): void {
  while (!socket.destroyed && socket.write(bytes));
  socket.once("drain", () => pour(socket, bytes));
}

describe("a server that was taken over cannot end the bot", () => {
  test.each<{ what: string; moves: Moves }>([
    { what: "sends junk the moment we are in", moves: { admitted: (socket) => void socket.write(JUNK) } },
    { what: "disconnects the moment we are in", moves: { admitted: (_socket, connection) => disconnect(connection) } },
    { what: "cuts the connection the moment we are in", moves: { admitted: (socket) => void setImmediate(() => socket.destroy()) } },
    { what: "sends junk instead of an answer", moves: { asked: (socket) => void socket.write(JUNK) } },
    { what: "cuts the connection instead of an answer", moves: { asked: (socket) => void socket.destroy() } },
    { what: "greets without end", moves: { greet: Buffer.from("hello\r\n".repeat(1000)) } },
    { what: "sends one line without end", moves: { greet: Buffer.alloc(65_536, 120) } },
  ])("one that $what is unreachable", async ({ moves }) => {
    const server = await startServer(moves);
    const closed: unknown[] = [];
    const log = (line: Record<string, unknown>): void => void (line["event"] === "ssh_connection_closed" && closed.push(line));
    const target = yard.target({ privateKeys: [key], knownHosts: server.knownHosts, connectTimeoutMs: 5000, log });
    expect(await target.read(yard.host(server))).toMatchObject({ kind: "unreachable", because: expect.stringMatching(/^web-1: /) });
    if (moves.asked !== undefined) await until(() => closed.length > 0);
  });
});
