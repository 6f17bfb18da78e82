import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SandboxHost } from "../host/server.ts";
import { startSandboxHost } from "../host/server.ts";
import { anyFreePort } from "./port.ts";

/** One server of Acme: a folder with a checkout of the shop and its running service, reachable by SSH. */
export type Server = {
  readonly name: string;
  readonly environment: string;
  /** The host's home; the checkout is `shop` in it. */
  readonly root: string;
  readonly checkout: string;
  readonly ssh: SandboxHost;
  /** Where the shop answers. */
  readonly url: string;
  /** What the service says it runs; null when nobody answers. */
  running(): Promise<string | null>;
  /** Every command so far, in order: `migrate`, with the revision it ran in. */
  witnessed(): Promise<readonly Witnessed[]>;
  /** How often HEAD of the checkout was set to this revision. */
  checkedOut(revision: string): Promise<number>;
  /** The next commands of this name fail, for this reason; null: no more. */
  failing(command: string, reason: string | null): Promise<void>;
  /** From now on a restart runs this revision, whatever was checked out. */
  restartsInto(revision: string): Promise<void>;
  close(): Promise<void>;
};

export type Witnessed = { readonly command: string; readonly revision: string };

export type ServerOptions = {
  readonly name: string;
  readonly environment: string;
  readonly folder: string;
  /** Servers of one environment share it. */
  readonly database: string;
  readonly gitUrl: string;
  readonly revision: string;
  readonly authorizedKey: string;
  readonly sentry: { readonly dsn: string; readonly module: string };
  readonly pace: number;
};

/** Checks the shop out, migrates, starts the service, opens SSH. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const root = join(options.folder, options.name);
  const checkout = join(root, "shop");
  const state = join(root, "service");
  const bin = join(root, "bin");
  const port = await anyFreePort();
  for (const path of [state, bin]) await mkdir(path, { recursive: true });
  await run(root, ["git", "clone", "--quiet", "--no-checkout", options.gitUrl, "shop"]);
  await run(checkout, ["git", "checkout", "--quiet", "--detach", options.revision]);
  const settings = settingsOf(options, { root, state, port });
  await writeFile(join(checkout, ".env"), settings);
  const quiet = { SHOP_WITNESS: "", SHOP_PACE: "0" };
  await run(checkout, [process.execPath, "manage.mjs", "migrate", "--noinput"], quiet);
  await run(checkout, [process.execPath, "service.mjs", "restart"], quiet);
  const ssh = await startSandboxHost({
    name: options.name,
    root,
    authorizedKey: options.authorizedKey,
    env: { PATH: pathWith(bin) },
  });
  return {
    name: options.name,
    environment: options.environment,
    root,
    checkout,
    ssh,
    url: `http://127.0.0.1:${port}`,
    running: () => runningAt(port),
    witnessed: () => witnessedIn(join(root, "witness")),
    checkedOut: (revision) => movesTo(checkout, revision),
    async failing(command, reason) {
      const flag = join(state, `fail-${command}`);
      if (reason === null) await rm(flag, { force: true });
      else await writeFile(flag, `${reason}\n`);
    },
    async restartsInto(revision) {
      await run(root, ["git", "clone", "--quiet", "--no-checkout", options.gitUrl, "old"]);
      await run(join(root, "old"), ["git", "checkout", "--quiet", "--detach", revision]);
      await writeFile(join(root, "old", ".env"), settings);
      // Found on PATH before the real one: the service is started from the other checkout.
      const script = `#!/bin/sh\n[ "$1 $2" = "service.mjs restart" ] && cd '${join(root, "old")}'\nexec '${process.execPath}' "$@"\n`;
      await writeFile(join(bin, "node"), script, { mode: 0o755 });
    },
    async close() {
      await ssh.close();
      await run(checkout, [process.execPath, "service.mjs", "stop"], quiet).catch(() => "");
    },
  };
}

/** Node 24 stands first on a server's PATH: the shop's commands are `node manage.mjs ...`. */
function pathWith(bin: string): string {
  return [bin, dirname(process.execPath), process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"].join(":");
}

function settingsOf(options: ServerOptions, at: { root: string; state: string; port: number }): string {
  const settings = {
    SHOP_ENVIRONMENT: options.environment,
    SHOP_SERVER: options.name,
    SHOP_PORT: String(at.port),
    SHOP_STATE: at.state,
    SHOP_DATABASE: options.database,
    SHOP_STATIC_ROOT: join(at.root, "static"),
    SHOP_WITNESS: join(at.root, "witness"),
    SHOP_PACE: String(options.pace),
    SHOP_SENTRY_DSN: options.sentry.dsn,
    SHOP_SENTRY_MODULE: options.sentry.module,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}="${value}"\n`)
    .join("");
}

async function runningAt(port: number): Promise<string | null> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(2_000) });
    const health: unknown = await response.json();
    const revision = typeof health === "object" && health !== null && "revision" in health ? health.revision : null;
    return typeof revision === "string" ? revision : null;
  } catch {
    return null;
  }
}

async function witnessedIn(path: string): Promise<Witnessed[]> {
  if (!existsSync(path)) return [];
  const lines = (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const [command = "", revision = ""] = line.split(" ");
    return { command, revision };
  });
}

async function movesTo(checkout: string, revision: string): Promise<number> {
  const text = await readFile(join(checkout, ".git", "logs", "HEAD"), "utf8").catch(() => "");
  return text.split("\n").filter((line) => line.includes("checkout: moving") && line.split(" ")[1] === revision).length;
}

/** Nothing of the caller's environment but what a program needs to be found. */
function run(cwd: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const [program = "", ...words] = argv;
  const clean = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: cwd, GIT_TERMINAL_PROMPT: "0", ...env };
  return new Promise((done, failed) => {
    execFile(program, words, { cwd, env: clean, timeout: 120_000 }, (fault, stdout, stderr) => {
      if (fault === null) return done(stdout);
      failed(new Error(`${argv.slice(0, 4).join(" ")} failed in ${cwd}: ${stderr.trim() || fault.message}`, { cause: fault }));
    });
  });
}
