import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startSshd, type Sshd } from "../../test/support/sshd.ts";
import { RECIPES, STATIC_FILES, writeScripts, type Recipe } from "./recipes.ts";

/** One server: an sshd of its own on a loopback port, with its own key, home and checkouts. */
export type FleetHost = { readonly name: string; readonly home: string; readonly sshd: Sshd };

/** Servers for all tools alike. */
export type Fleet = AsyncDisposable & {
  readonly folder: string;
  readonly hosts: readonly FleetHost[];
  /** Two commits that the runs go to and fro between. */
  readonly revisions: readonly [string, string];
  readonly privateKeyFile: string;
  readonly privateKey: string;
  readonly knownHostsFile: string;
  readonly knownHosts: string;
  /** For `ssh -F`. */
  readonly sshConfigFile: string;
  /** Ends every session and waits a moment, so that the next tool connects anew. */
  dropSessions(): Promise<void>;
  headOf(host: FleetHost, directory: string): string;
  /** Puts a checkout where a deployment is to begin. */
  placeAt(host: FleetHost, directory: string, revision: string): void;
};

/** A checkout of its own for each number of hosts and recipe: one environment may not share another's directory. */
export function directoryOf(hosts: number, recipe: Recipe): string {
  return `shop-${hosts}-${recipe}`;
}

export async function openFleet(sizes: readonly number[]): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-bench-"));
  const privateKeyFile = join(folder, "client_key");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", privateKeyFile]);
  const authorizedKey = readFileSync(`${privateKeyFile}.pub`, "utf8").trim();
  const revisions = makeRepository(folder);
  const hosts: FleetHost[] = [];
  for (let number = 1; number <= Math.max(...sizes); number += 1) {
    const home = join(folder, `host-${number}`);
    mkdirSync(home);
    writeScripts(home);
    for (const size of sizes.filter((each) => number <= each))
      for (const recipe of RECIPES) {
        if (recipe === "null") mkdirSync(join(home, directoryOf(size, recipe)));
        else git(folder, "clone", "-q", join(folder, "origin.git"), join(home, directoryOf(size, recipe)));
      }
    hosts.push({ name: `h${number}`, home, sshd: await startSshd({ authorizedKey, env: { HOME: home } }) });
  }
  const knownHosts = `${hosts.map(({ sshd }) => sshd.hostKeyLine).join("\n")}\n`;
  const files = { knownHostsFile: join(folder, "known_hosts"), sshConfigFile: join(folder, "ssh_config") };
  writeFileSync(files.knownHostsFile, knownHosts);
  writeFileSync(files.sshConfigFile, sshConfig(hosts, { privateKeyFile, knownHostsFile: files.knownHostsFile }));
  return {
    folder,
    hosts,
    revisions,
    privateKeyFile,
    privateKey: readFileSync(privateKeyFile, "utf8"),
    knownHosts,
    ...files,
    async dropSessions() {
      for (const { sshd } of hosts) sshd.dropConnections();
      await pause(150);
    },
    placeAt: (host, directory, revision) => void git(join(host.home, directory), "checkout", "-q", "--detach", revision),
    headOf: (host, directory) => git(join(host.home, directory), "rev-parse", "HEAD"),
    async [Symbol.asyncDispose]() {
      await Promise.all(hosts.map(({ sshd }) => sshd.close()));
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function makeRepository(folder: string): readonly [string, string] {
  const work = join(folder, "work");
  const origin = join(folder, "origin.git");
  git(folder, "init", "-q", "--bare", "-b", "main", origin);
  git(folder, "init", "-q", "-b", "main", work);
  mkdirSync(join(work, "static"));
  for (let file = 0; file < STATIC_FILES; file += 1) writeFileSync(join(work, "static", `file-${file}.css`), `/* ${file} */`.repeat(500));
  const revisions: string[] = [];
  for (let number = 1; number <= 12; number += 1) {
    writeFileSync(join(work, "version"), `${number}\n`.repeat(200));
    git(work, "add", "-A");
    git(work, "commit", "-q", "-m", `Version ${number}`);
    revisions.push(git(work, "rev-parse", "HEAD"));
  }
  git(work, "push", "-q", origin, "main");
  return [revisions.at(-2) ?? "", revisions.at(-1) ?? ""];
}

function git(cwd: string, ...words: readonly string[]): string {
  const who = { GIT_AUTHOR_NAME: "Ann", GIT_AUTHOR_EMAIL: "a@b.test", GIT_COMMITTER_NAME: "Ann", GIT_COMMITTER_EMAIL: "a@b.test" };
  return execFileSync("git", words, { cwd, env: { PATH: process.env["PATH"], HOME: cwd, ...who }, encoding: "utf8" }).trim();
}

function sshConfig(hosts: readonly FleetHost[], files: { readonly privateKeyFile: string; readonly knownHostsFile: string }): string {
  const each = hosts.flatMap(({ name, sshd }) => [`Host ${name}`, `  HostName ${sshd.address}`, `  Port ${sshd.port}`]);
  const all = [
    "Host *",
    `  User ${hosts[0]?.sshd.user ?? ""}`,
    `  IdentityFile ${files.privateKeyFile}`,
    "  IdentitiesOnly yes",
    `  UserKnownHostsFile ${files.knownHostsFile}`,
    "  GlobalKnownHostsFile none",
    "  StrictHostKeyChecking yes",
    "  BatchMode yes",
    "  LogLevel ERROR",
  ];
  return `${[...each, ...all].join("\n")}\n`;
}
