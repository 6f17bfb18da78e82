import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "../../src/config/load.ts";
import type { Environment } from "../../src/domain/config.ts";
import { parseSha, type Sha } from "../../src/domain/ids.ts";
import { planOf, type Plan, type PlanStep } from "../../src/domain/plan.ts";
import { sudoCommands } from "../../src/domain/sudo.ts";
import type { SshRun, SshTarget } from "../../src/targets/ssh/protocol.ts";
import { hearStep, sshPlaces, type SshPlace } from "./ssh-places.ts";

/** Git as nobody in particular, without anybody's configuration. */
export function git(directory: string, ...words: readonly string[]): string {
  const who = {
    GIT_AUTHOR_NAME: "Ann",
    GIT_AUTHOR_EMAIL: "ann@acme.test",
    GIT_COMMITTER_NAME: "Ann",
    GIT_COMMITTER_EMAIL: "ann@acme.test",
  };
  const env = { PATH: process.env["PATH"], HOME: directory, ...who };
  return execFileSync("git", words, { cwd: directory, env, encoding: "utf8" }).trim();
}

/** How a deployment went: whether all steps succeeded, and what each printed, by `host id`. */
export type Went = { readonly ok: boolean; readonly failed: string | null; readonly said: ReadonlyMap<string, string> };

/** Two servers' directories behind a real sshd, a repository to deploy from, and the plans of a configuration run on them. */
export type Fleet = {
  readonly place: SshPlace;
  readonly target: SshTarget;
  readonly origin: string;
  /** Revisions in the order of their making: the file `version` says which. */
  commit(version: string): Sha;
  /** The directory of a server, 1 or 2. */
  directory(server: number): string;
  /** What is read through `current`, and the folder that it leads to. */
  current(server: number, file: string): string | null;
  release(server: number): string | null;
  plan(target: string, kind: Plan["kind"], revision: Sha): Plan;
  run(plan: Plan, options?: { readonly until?: string; readonly onRun?: (run: SshRun) => void }): Promise<Went>;
  /** What a server says is live. */
  live(plan: Plan, server: number): Promise<string | null>;
  close(): Promise<void>;
};

export const fleetSkip = sshPlaces.find(({ place }) => place === "OpenSSH sshd")?.skip ?? null;

/** `env`: variables of every session on both servers. */
export async function openFleet(env: Readonly<Record<string, string>> = {}): Promise<Fleet> {
  const sshd = sshPlaces.find(({ place }) => place === "OpenSSH sshd");
  if (sshd === undefined) throw new Error("no sshd");
  const place = await sshd.open({ env });
  const target = place.target();
  const origin = join(place.home, "origin");
  mkdirSync(origin);
  git(origin, "init", "--quiet", "--initial-branch=main");
  let number = 0;
  const directory = (server: number): string => join(place.home, `web-${server}`);
  for (const server of [1, 2]) mkdirSync(directory(server));
  const linked = (server: number): string | null => {
    const link = join(directory(server), "current");
    return existsSync(link) ? readlinkSync(link) : null;
  };
  return {
    place,
    target,
    origin,
    directory,
    commit(version) {
      writeFileSync(join(origin, "version"), `${version}\n`);
      git(origin, "add", ".");
      git(origin, "commit", "--quiet", "-m", version);
      return shaOf(git(origin, "rev-parse", "HEAD"));
    },
    current(server, file) {
      const path = join(directory(server), "current", file);
      return existsSync(path) ? readFileSync(path, "utf8").trim() : null;
    },
    release: linked,
    plan: (words, kind, revision) => planOf(environmentOf(place, words), { kind, from: null, revision }),
    async run(plan, options = {}) {
      number += 1;
      const run: SshRun = { installation: INSTALLATION, deployment: randomUUID(), number, epoch: 1 };
      options.onRun?.(run);
      for (const host of plan.hosts) {
        const acquired = await target.acquire(host, run, { commands: sudoCommands(plan, host.name) });
        if (acquired.kind !== "acquired") throw new Error(`${host.name} was not acquired: ${JSON.stringify(acquired)}`);
      }
      const went = await runSteps(plan, run, target, options.until ?? null);
      for (const host of plan.hosts) await target.release(host, run, { succeeded: went.ok, revision: plan.revision });
      return went;
    },
    async live(plan, server) {
      const host = plan.hosts[server - 1];
      if (host === undefined) throw new Error(`no server ${server}`);
      const answer = await target.read(host);
      if (answer.kind !== "read") throw new Error(JSON.stringify(answer));
      return answer.facts.live;
    },
    close: () => place.close(),
  };
}

const INSTALLATION = randomUUID();

/** Phase by phase, as the engine does it; the first failure ends it. */
async function runSteps(plan: Plan, run: SshRun, target: SshTarget, until: string | null): Promise<Went> {
  const said = new Map<string, string>();
  const one = async (step: PlanStep): Promise<string | null> => {
    const host = plan.hosts.find(({ name }) => name === step.host);
    if (host === undefined) throw new Error(`no host ${step.host}`);
    const { outcome, bytes } = await hearStep(target, host, run, step);
    said.set(`${step.host} ${step.id}`, bytes.toString());
    return outcome.kind === "exited" && outcome.code === 0
      ? null
      : `${step.host} ${step.id}: ${bytes.toString()}${JSON.stringify(outcome)}`;
  };
  for (const phase of new Set(plan.steps.map((step) => step.phase))) {
    const steps = plan.steps.filter((step) => step.phase === phase);
    if (steps.some((step) => step.id === until)) break;
    const failed = (await Promise.all(steps.map(one))).find((why) => why !== null);
    if (failed !== undefined) return { ok: false, failed, said };
  }
  return { ok: true, failed: null, said };
}

function environmentOf(place: SshPlace, words: string): Environment {
  const { port, user } = place.host;
  const hosts = [1, 2].map(
    (server) => `{ address: 127.0.0.1, port: ${port}, user: ${user}, label: web-${server}, directory: "${place.home}/web-${server}" }`,
  );
  const typed = words.startsWith("type: ") ? words : `type: ssh, ${words}`;
  const text = [
    "apps:",
    "  shop:",
    "    repository: github:acme/shop",
    '    channel: "#shop"',
    "    environments:",
    `      production: { deploy: automatically, target: { ${typed}, hosts: [${hosts.join(", ")}] } }`,
  ].join("\n");
  const parsed = parseConfig(text, "greenlight.yml");
  if (!parsed.ok) throw new Error(parsed.refusal.map((fault) => `${fault.says}; write ${fault.write}`).join("\n"));
  const found = parsed.value.apps[0]?.environments[0];
  if (found === undefined) throw new Error("no environment");
  return found;
}

function shaOf(words: string): Sha {
  const sha = parseSha(words);
  if (sha === null) throw new Error(`not a revision: ${words}`);
  return sha;
}

/** Releases of a script whose packages are one file; each installation and restart is witnessed. */
export function releases(fleet: Fleet, more = ""): string {
  const count = (what: string): string => `echo "$1 ${what}" >>${fleet.place.home}/witness`;
  return (
    `recipe: script, layout: releases, origin: "${fleet.origin}"${more}, commands: { ` +
    `install: [sh, -c, '${count("installed")}; mkdir venv; pwd >venv/made', install, "{host}"], ` +
    `restart: [sh, -c, '${count("restarted")}', restart, "{host}"] }`
  );
}

/** What was witnessed since it was asked the last time. */
export function witness(fleet: Fleet): readonly string[] {
  const path = join(fleet.place.home, "witness");
  const lines = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
  rmSync(path, { force: true });
  return lines.toSorted();
}

export const BOTH_RESTARTED = ["web-1 restarted", "web-2 restarted"];
export const BOTH_INSTALLED = ["web-1 installed", "web-1 restarted", "web-2 installed", "web-2 restarted"];
