import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { until } from "./until.ts";

/** Where distributions put it; it insists on being started by its full path. */
const SSHD = ["/usr/sbin/sshd", "/usr/bin/sshd"].find((path) => existsSync(path)) ?? null;

/** Why a test with a real sshd cannot run here; null if it can. In CI it must. */
export function whyNoSshd(): string | null {
  if (SSHD !== null) return null;
  if (process.env["CI"] === "true") throw new Error("openssh-server is not installed, and CI must not skip the tests with a real sshd");
  return "openssh-server is not installed";
}

export type Sshd = {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly hostKeyLine: string;
  /** A line of known_hosts for each of its host keys, in the order of `hostKeyTypes`. */
  readonly hostKeyLines: readonly string[];
  /** Ends the session processes of this server: connections break, what runs detached goes on. */
  dropConnections(): void;
  /** Stops the session processes of this server where they stand, sockets open; the answer lets them go on. */
  stopSessions(): { readonly stopped: readonly number[]; goOn(): void };
  /** The session processes of this server. */
  sessions(): readonly number[];
  setDown(down: boolean): Promise<void>;
  close(): Promise<void>;
};

/** A real OpenSSH server on loopback, for the current user, with its own configuration, host key and port. */
export async function startSshd(options: {
  readonly authorizedKey: string;
  /** Variables of every session (`SetEnv`); PATH and HOME too. */
  readonly env?: Readonly<Record<string, string>>;
  /** The server itself is started by this argv, e.g. `["unshare", "-rm"]`. */
  readonly within?: readonly string[];
  readonly listen?: "127.0.0.1" | "::1";
  readonly hostKeyTypes?: readonly ("ed25519" | "rsa" | "ecdsa")[];
  /** More lines of its configuration; they win over ours. */
  readonly config?: readonly string[];
}): Promise<Sshd> {
  const sshd = SSHD;
  if (sshd === null) throw new Error("openssh-server is not installed");
  // sshd refuses to start without its privilege separation folder, which the init script would make.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const folder = mkdtempSync(join(tmpdir(), "greenlight-sshd-"));
  const port = await freePort();
  const address = options.listen ?? "127.0.0.1";
  const keyFiles = (options.hostKeyTypes ?? ["ed25519"]).map((type) => {
    const file = join(folder, `host_key_${type}`);
    execFileSync("ssh-keygen", ["-q", "-t", type, ...(type === "rsa" ? ["-b", "2048"] : []), "-N", "", "-f", file]);
    return file;
  });
  writeFileSync(join(folder, "authorized_keys"), `${options.authorizedKey}\n`, { mode: 0o600 });
  writeFileSync(
    join(folder, "sshd_config"),
    configuration({ folder, port, address, keyFiles, env: options.env ?? {}, more: options.config ?? [] }),
  );
  const hostKeyLines = keyFiles.map((file) => {
    const [type = "", blob = ""] = readFileSync(`${file}.pub`, "utf8").split(" ");
    return `[${address}]:${port} ${type} ${blob}`;
  });
  let server: ChildProcess | null = null;
  async function start(): Promise<void> {
    const [program = sshd, ...words] = [...(options.within ?? []), sshd, "-D", "-e", "-f", join(folder, "sshd_config")];
    server = spawn(
      program ?? "",
      words.filter((word) => word !== null),
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    let said = "";
    server.stderr?.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
    await until(
      () => listens(address, port),
      () => `sshd does not listen: ${said}`,
    );
  }
  async function stop(): Promise<void> {
    const running = server;
    if (running === null) return;
    server = null;
    const ended = new Promise((done) => running.once("exit", done));
    dropSessionsOf(running.pid);
    running.kill("SIGTERM");
    if (running.exitCode === null && running.signalCode === null) await ended;
  }
  await start();
  return {
    address,
    port,
    user: userInfo().username,
    hostKeyLine: hostKeyLines[0] ?? "",
    hostKeyLines,
    dropConnections: () => dropSessionsOf(server?.pid),
    sessions: () => sessionsOf(server?.pid),
    stopSessions() {
      const stopped = sessionsOf(server?.pid);
      for (const session of stopped) signal(session, "SIGSTOP");
      return { stopped, goOn: () => stopped.forEach((session) => signal(session, "SIGCONT")) };
    },
    setDown: (down) => (down ? stop() : server === null ? start() : Promise.resolve()),
    async close() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configuration(of: {
  readonly folder: string;
  readonly port: number;
  readonly address: string;
  readonly keyFiles: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly more: readonly string[];
}): string {
  const { folder } = of;
  const set = Object.entries(of.env).map(([name, value]) => `"${name}=${value}"`);
  return [
    // The first value of a setting is the one that counts.
    ...of.more,
    `Port ${of.port}`,
    `ListenAddress ${of.address}`,
    ...of.keyFiles.map((file) => `HostKey ${file}`),
    `PidFile ${join(folder, "sshd.pid")}`,
    `AuthorizedKeysFile ${join(folder, "authorized_keys")}`,
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    "PermitRootLogin prohibit-password",
    "LogLevel ERROR",
    ...(set.length > 0 ? [`SetEnv ${set.join(" ")}`] : []),
    "",
  ].join("\n");
}

/** A session is a child of the server (and, with privilege separation, its child); killing both closes the socket. */
function dropSessionsOf(pid: number | undefined): void {
  for (const session of sessionsOf(pid)) signal(session, "SIGKILL");
}

function sessionsOf(pid: number | undefined): readonly number[] {
  if (pid === undefined) return [];
  const below = childrenOf(pid).flatMap((child) => [child, ...childrenOf(child)]);
  return below.filter((session) => readText(`/proc/${session}/comm`).startsWith("sshd"));
}

function signal(pid: number, name: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}

function childrenOf(pid: number): number[] {
  return readText(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? found(address.port) : failed(new Error("no port"))));
    });
  });
}

function listens(address: string, port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect(port, address);
    socket.once("connect", () => {
      socket.destroy();
      answer(true);
    });
    socket.once("error", () => answer(false));
  });
}
