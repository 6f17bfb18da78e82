import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { newKeyPair } from "../../sandbox/host/keys.ts";
import { startSandboxHost } from "../../sandbox/host/server.ts";
import type { HostAddress, StepFollow, StepOutcome, TargetStep } from "../../src/ports.ts";
import type { SshDeps, SshRun, SshTarget } from "../../src/targets/ssh/protocol.ts";
import { createSshTarget } from "../../src/targets/ssh/target.ts";
import { until } from "./until.ts";
import { startSshd, whyNoSshd } from "./sshd.ts";

/** A host to deploy to, and what can go wrong with it. */
export type SshPlace = {
  readonly host: HostAddress;
  /** The deployed directory on the disk, and the folder above it, which is the host's home. */
  readonly directory: string;
  readonly home: string;
  readonly hostKeyLine: string;
  readonly privateKey: string;
  /** A bot's view of this host; closed with the place. */
  target(deps?: Partial<SshDeps>): SshTarget;
  dropConnections(): void;
  setDown(down: boolean): Promise<void>;
  close(): Promise<void>;
};

export type PlaceOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly within?: readonly string[];
  readonly directory?: string;
};

/** The same table runs over each; `skip` is the reason why one cannot run here. */
export const sshPlaces: readonly {
  readonly place: string;
  readonly skip: string | null;
  readonly open: (options?: PlaceOptions) => Promise<SshPlace>;
}[] = [
  { place: "OpenSSH sshd", skip: whyNoSshd(), open: (options = {}) => openPlace(options, "sshd") },
  { place: "sandbox host", skip: null, open: (options = {}) => openPlace(options, "sandbox") },
];

async function openPlace(options: PlaceOptions, kind: "sshd" | "sandbox"): Promise<SshPlace> {
  const home = mkdtempSync(join(tmpdir(), "greenlight-host-"));
  const directory = options.directory ?? join(home, "shop");
  mkdirSync(directory, { recursive: true });
  const keys = newKeyPair();
  const env = { HOME: home, ...options.env };
  const server =
    kind === "sshd"
      ? await startSshd({ authorizedKey: keys.publicKey, env, ...(options.within ? { within: options.within } : {}) })
      : options.within
        ? await startWithin(options.within, { root: home, authorizedKey: keys.publicKey, env })
        : await startSandboxHost({ name: "web-1", root: home, authorizedKey: keys.publicKey, env });
  const targets: SshTarget[] = [];
  return {
    host: { name: "web-1", address: server.address, port: server.port, user: userInfo().username, directory },
    directory,
    home,
    hostKeyLine: server.hostKeyLine,
    privateKey: keys.privateKey,
    target(deps = {}) {
      const target = createSshTarget({ privateKeys: [keys.privateKey], knownHosts: server.hostKeyLine, minimumFreeBytes: 0, ...deps });
      targets.push(target);
      return target;
    },
    dropConnections: () => server.dropConnections(),
    setDown: (down) => server.setDown(down),
    async close() {
      await Promise.all(targets.map((target) => target.close()));
      await server.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A sandbox host in a process that `within` wraps; it can be closed and nothing else. */
async function startWithin(
  within: readonly string[],
  options: { root: string; authorizedKey: string; env: Readonly<Record<string, string>> },
) {
  const [program = "", ...words] = [
    ...within,
    process.execPath,
    new URL("sandbox-host-process.ts", import.meta.url).pathname,
    JSON.stringify(options),
  ];
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  await until(
    () => said.includes("\n"),
    () => "the sandbox host did not start in its namespace",
  );
  const { address, port, hostKeyLine }: { address: string; port: number; hostKeyLine: string } = JSON.parse(said);
  return {
    address,
    port,
    hostKeyLine,
    dropConnections: unsupported,
    setDown: async () => unsupported(),
    async close() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function unsupported(): void {
  throw new Error("a host in a namespace can only be closed");
}

const INSTALLATION = randomUUID();

/** A fresh run of one installation. */
export function newRun(over: Partial<SshRun> = {}): SshRun {
  return { installation: INSTALLATION, deployment: randomUUID(), number: 1, epoch: 1, ...over };
}

/** A step that runs a shell script. */
export function shellStep(script: string, over: Partial<TargetStep> = {}): TargetStep {
  return { id: "step", argv: ["sh", "-c", script], cwd: null, environment: {}, timeoutSeconds: 120, silentSeconds: 120, ...over };
}

export type Heard = { readonly outcome: StepOutcome; readonly bytes: Buffer };

/** Follows a step to its end (or to the signal's) and keeps what it printed. */
export async function hearStep(
  target: SshTarget,
  host: HostAddress,
  run: SshRun,
  step: TargetStep,
  over: Partial<StepFollow> = {},
): Promise<Heard> {
  const chunks: Buffer[] = [];
  const outcome = await target.step(host, run, step, {
    attempt: 1,
    offset: 0,
    signal: new AbortController().signal,
    ...over,
    onOutput(chunk, after) {
      chunks.push(Buffer.from(chunk));
      return over.onOutput?.(chunk, after);
    },
  });
  return { outcome, bytes: Buffer.concat(chunks) };
}
