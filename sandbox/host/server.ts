import { spawn } from "node:child_process";
import { timingSafeEqual } from "node:crypto";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import ssh2 from "ssh2";
import type { AuthContext, ServerChannel } from "ssh2";
import { newKeyPair, publicPart } from "./keys.ts";

export type SandboxHost = {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** A line of known_hosts for this host. */
  readonly hostKeyLine: string;
  /** Down: open connections are dropped and new ones refused; what runs on the "machine" goes on. */
  setDown(down: boolean): Promise<void>;
  /** Cuts every connection as a broken network would. */
  dropConnections(): void;
  close(): Promise<void>;
};

/** A folder that plays a machine with an SSH server, on loopback. Any user name may log in with the one key. */
export async function startSandboxHost(options: {
  readonly name: string;
  readonly port?: number;
  /** Becomes the working directory and the home of every command. */
  readonly root: string;
  /** Text of the public key that may log in. */
  readonly authorizedKey: string;
  /** Private key text; a new one is made if absent. */
  readonly hostKey?: string;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<SandboxHost> {
  const hostKey = options.hostKey ?? newKeyPair().privateKey;
  const authorized = authorizedKeyOf(options.authorizedKey);
  const sockets = new Set<Socket>();
  const ssh = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    connection.on("error", () => undefined); // a dropped connection is what this host is for
    connection.on("authentication", (context) => authenticate(context, authorized));
    connection.on("session", (accept) => {
      accept().on("exec", (accepted, _reject, info) => run(accepted(), info.command, options));
    });
  });
  // A server of our own: ssh2's would neither set TCP_NODELAY (40 ms an exec) nor let us cut a socket.
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    ssh.injectSocket(socket);
  });
  let port = options.port ?? 0;
  async function listen(): Promise<void> {
    await new Promise<void>((ready, failed) => {
      server.once("error", failed);
      server.listen(port, "127.0.0.1", () => {
        server.off("error", failed);
        ready();
      });
    });
    const address = server.address();
    if (typeof address === "object" && address !== null) port = address.port;
  }
  function dropConnections(): void {
    for (const socket of sockets) socket.destroy();
  }
  async function stop(): Promise<void> {
    if (!server.listening) return;
    const closed = new Promise<void>((done) => server.close(() => done()));
    dropConnections();
    await closed;
  }
  await listen();
  const shown = publicPart(hostKey);
  return {
    name: options.name,
    address: "127.0.0.1",
    port,
    hostKeyLine: `[127.0.0.1]:${port} ${shown.type} ${shown.bytes.toString("base64")}`,
    setDown: (down) => (down ? stop() : server.listening ? Promise.resolve() : listen()),
    dropConnections,
    close: stop,
  };
}

type AuthorizedKey = {
  readonly bytes: Buffer;
  readonly verify: (data: Buffer, signature: Buffer, algorithm?: string) => boolean;
};

function authorizedKeyOf(text: string): AuthorizedKey {
  const parsed = ssh2.utils.parseKey(text);
  if (parsed instanceof Error) throw new Error("the key that may log in to the sandbox host cannot be read", { cause: parsed });
  return {
    bytes: parsed.getPublicSSH(),
    verify: (data, signature, algorithm) => parsed.verify(data, signature, algorithm) === true,
  };
}

function authenticate(context: AuthContext, authorized: AuthorizedKey): void {
  if (context.method !== "publickey") return context.reject(["publickey"]);
  const offered = context.key.data;
  if (offered.length !== authorized.bytes.length || !timingSafeEqual(offered, authorized.bytes)) return context.reject(["publickey"]);
  // Without a signature the client only asks whether this key would do.
  if (context.signature === undefined || context.blob === undefined) return context.accept();
  if (authorized.verify(context.blob, context.signature, context.hashAlgo)) context.accept();
  else context.reject(["publickey"]);
}

function run(
  channel: ServerChannel,
  command: string,
  options: { readonly root: string; readonly env?: Readonly<Record<string, string>> },
): void {
  const { PATH = "/usr/local/bin:/usr/bin:/bin" } = process.env;
  // `sh`, not `bash -c`: bash takes a socket as stdin for a remote shell and reads ~/.bashrc.
  const child = spawn("/bin/sh", ["-c", command], {
    cwd: options.root,
    env: { PATH, LANG: "C.UTF-8", HOME: options.root, ...options.env },
    detached: true,
    stdio: "pipe",
  });
  child.on("error", () => channel.close());
  channel.on("error", () => undefined);
  channel.pipe(child.stdin);
  channel.on("close", () => {
    child.stdin.destroy();
    child.stdout.destroy();
    child.stderr.destroy();
  });
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on("error", () => undefined); // the other side went away
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.on("close", (code, signal) => {
    if (signal === null) channel.exit(code ?? 255);
    else channel.exit(signal.replace(/^SIG/, ""), false, "");
    channel.end();
  });
}
