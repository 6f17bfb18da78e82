import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { v7 as uuidv7 } from "uuid";
import { newKeyPair } from "../../sandbox/host/keys.ts";
import { startSandboxHost, type SandboxHost } from "../../sandbox/host/server.ts";
import { deploymentById } from "../../src/db/deployments.ts";
import { loadLive } from "../../src/db/snapshot.ts";
import type { Deployment, StateName } from "../../src/domain/deployment.ts";
import type { Standing } from "../../src/domain/standing.ts";
import { environmentId, parseSha, type DeploymentId, type RunId, type Sha } from "../../src/domain/ids.ts";
import { pullCommand } from "../../src/domain/recipe/in-place.ts";
import { apply, type Applied } from "../../src/engine/apply.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { freshDatabase, type TestDatabase } from "./database.ts";
import { NO_CHANGES } from "./engine-far-side.ts";
import type { ReplicaSettings } from "./engine-replica.ts";
import { startSshd } from "./sshd.ts";
import { until } from "./until.ts";

export const PRODUCTION = environmentId("shop", "production");

type HostServer = Omit<SandboxHost, "name">;

/** Hosts with real checkouts of a real repository, a database, and a configuration that deploys there. */
export type World = AsyncDisposable & {
  readonly database: TestDatabase;
  readonly root: string;
  readonly hosts: readonly { readonly name: string; readonly directory: string; readonly server: HostServer }[];
  /** The revisions of the repository, oldest first; the hosts begin at the first. */
  readonly revisions: readonly Sha[];
  /** The nth revision, from 1. */
  revision(number: number): Sha;
  readonly config: string;
  settings(replica: string, over?: Partial<ReplicaSettings>): ReplicaSettings;
  /** `pull web-1 a1b2c3d`, one line for each step that a host really started, in order. */
  witnessed(): readonly string[];
  /** What a host's checkout is at now. */
  headOf(host: string): string;
  /** Makes a step do something: a line of sh that runs on the host after the witness; `$revision` and `$host` are set. */
  script(step: string, line: string): void;
};

export type WorldOptions = {
  readonly hosts?: number;
  /** YAML lines of the environment, besides `target`; by default it deploys automatically and does not watch. */
  readonly environment?: string;
  /** YAML lines of the app, besides what a world of hosts needs; `ROOT` is the world's folder. */
  readonly app?: readonly string[];
  /** YAML lines of the target, besides what a world of hosts needs. */
  readonly target?: readonly string[];
  /** Lines of sh that every witnessed step runs. */
  readonly pace?: string;
  readonly recipe?: "witnessed" | "django";
  /** With `releases` the recipe is `django`: what is pulled there is always ours. */
  readonly layout?: "releases";
  /** The hosts' server; `openssh` needs the program. */
  readonly server?: "sandbox" | "openssh";
};

const STEPS = ["pull", "check", "collectstatic", "migrate", "restart", "verify"] as const;

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const root = mkdtempSync(join(tmpdir(), "greenlight-world-"));
  const database = await freshDatabase();
  const revisions = makeRepository(root);
  const keys = newKeyPair();
  const hosts = await Promise.all(
    Array.from({ length: options.hosts ?? 2 }, async (_, index) => {
      const name = `web-${index + 1}`;
      const home = join(root, name);
      mkdirSync(home);
      const directory = join(home, "shop");
      git(root, "clone", "--quiet", join(root, "origin.git"), directory);
      git(directory, "checkout", "--quiet", "--detach", revisions[0] ?? "");
      const server =
        options.server === "openssh"
          ? await startSshd({ authorizedKey: keys.publicKey, env: { HOME: home } })
          : await startSandboxHost({ name, root: home, authorizedKey: keys.publicKey });
      return { name, directory, server };
    }),
  );
  writeStepScript(root, options.pace ?? "");
  const config = configText(root, hosts, options);
  const installation = randomUUID();
  return {
    database,
    root,
    hosts,
    revisions,
    revision: (number) => revisions[number - 1] ?? missing(number),
    config,
    settings: (replica, over = {}) => ({
      connectionString: database.connectionString,
      config,
      privateKey: keys.privateKey,
      knownHosts: hosts.map((host) => host.server.hostKeyLine).join("\n"),
      installation,
      replica,
      ...over,
    }),
    witnessed: () => {
      const file = join(root, "witness");
      return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
    },
    headOf: (host) => git(join(root, host, "shop"), "rev-parse", "HEAD"),
    script: (step, line) => writeFileSync(join(root, `${step}.sh`), `${line}\n`),
    async [Symbol.asyncDispose]() {
      await Promise.all(hosts.map((host) => host.server.close()));
      await database[Symbol.asyncDispose]();
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function missing(number: number): never {
  throw new Error(`the repository of this world has no revision ${number}`);
}

/** A bare origin with four commits; the file `version` tells them apart. */
function makeRepository(root: string): readonly Sha[] {
  const origin = join(root, "origin.git");
  const work = join(root, "work");
  git(root, "init", "--quiet", "--bare", "--initial-branch=main", origin);
  git(root, "init", "--quiet", "--initial-branch=main", work);
  const revisions: Sha[] = [];
  for (let number = 1; number <= 4; number += 1) {
    appendFileSync(join(work, "version"), `${number}\n`);
    git(work, "add", "version");
    git(work, "commit", "--quiet", "-m", `Version ${number}`);
    const revision = parseSha(git(work, "rev-parse", "HEAD"));
    if (revision === null) throw new Error("git made a commit without an id");
    revisions.push(revision);
  }
  git(work, "push", "--quiet", origin, "main");
  return revisions;
}

/** In a folder, as Ann. */
export function git(directory: string, ...words: readonly string[]): string {
  const who = {
    GIT_AUTHOR_NAME: "Ann",
    GIT_AUTHOR_EMAIL: "ann@acme.test",
    GIT_COMMITTER_NAME: "Ann",
    GIT_COMMITTER_EMAIL: "ann@acme.test",
  };
  return execFileSync("git", words, {
    cwd: directory,
    env: { PATH: process.env["PATH"], HOME: directory, ...who },
    encoding: "utf8",
  }).trim();
}

/** Its first act is to witness its own start, outside of the state folder; then it prints, so that a replica hears of it. */
function writeStepScript(root: string, pace: string): void {
  const pull = pullCommand({ origin: null } as Parameters<typeof pullCommand>[0], "" as Sha)[2] ?? "";
  writeFileSync(join(root, "pull-for-real.sh"), pull);
  const lines = [
    "set -eu",
    "step=$1 host=$2 revision=$3 root=$4",
    'echo "$step $host $revision" >>"$root/witness"',
    'echo "$step begins"',
    '[ "$step" != pull ] || sh "$root/pull-for-real.sh" "$revision" ""',
    pace,
    '[ ! -e "$root/$step.sh" ] || . "$root/$step.sh"',
    // What Django says when there is nothing to do: a deployment of which nobody can tell it is not taken back by a rule.
    `[ "$step" != migrate ] || echo '  No migrations to apply.'`,
    'echo "$step ends"',
  ];
  writeFileSync(join(root, "step.sh"), `${lines.join("\n")}\n`);
}

function configText(root: string, hosts: World["hosts"], options: WorldOptions): string {
  const command = (step: string): string =>
    `            ${step}: [sh, "${join(root, "step.sh")}", ${step}, "{host}", "{revision}", "${root}"]`;
  const steps = options.recipe === "django" || options.layout === "releases" ? STEPS.filter((step) => step !== "pull") : STEPS;
  return [
    "apps:",
    "  shop:",
    "    repository: github:acme/shop",
    '    channel: "#shop-deploys"',
    ...(options.app ?? []).map((line) => `    ${line.replaceAll("ROOT", root)}`),
    "    environments:",
    "      production:",
    `        ${options.environment ?? "deploy: automatically"}`,
    "        target:",
    "          type: ssh",
    "          hosts:",
    ...hosts.map(
      (host) =>
        `            - { address: 127.0.0.1, port: ${host.server.port}, user: ${options.server === "openssh" ? userInfo().username : "deploy"}, directory: "${host.directory}", label: ${host.name} }`,
    ),
    "          recipe: django",
    `          layout: ${options.layout ?? "in_place"}`,
    ...(options.target ?? []).map((line) => `          ${line}`),
    "          commands:",
    ...steps.map(command),
    "",
  ].join("\n");
}

/** A person in good standing, who may approve and roll back. */
export function standingOf(id: string, over: Partial<Standing> = {}): Standing {
  return {
    actor: { kind: "slack", id, name: id },
    ours: true,
    team: "TACME",
    guest: false,
    bot: false,
    deactivated: false,
    approver: true,
    standsInFor: [],
    justJoined: null,
    mayOverride: false,
    onCall: false,
    mayRollBack: null,
    ...over,
  };
}

/** Asks for a revision as a person would, and answers the deployment's id. @throws with the refusal's title. */
export async function request(engine: Engine, revision: Sha, who = "UDORA"): Promise<DeploymentId> {
  const id = uuidv7() as DeploymentId;
  const applied = await apply(engine, PRODUCTION, {
    kind: "request",
    standing: standingOf(who, { approver: false }),
    revision,
    runId: null as RunId | null,
    changes: NO_CHANGES,
    missing: [],
    containsBlocked: null,
    id,
  });
  if (!applied.ok) throw new Error(`${applied.refusal.title} ${applied.refusal.reasons.map((reason) => reason.text).join(" ")}`);
  return id;
}

export async function rollBack(engine: Engine, deployment: DeploymentId, reason = "it is broken"): Promise<Applied & { id: DeploymentId }> {
  const id = uuidv7() as DeploymentId;
  const applied = await apply(engine, PRODUCTION, { kind: "roll_back", standing: standingOf("UPETRA"), deployment, reason, id });
  return { ...applied, id };
}

export async function settled(engine: Engine, id: DeploymentId, ...states: readonly StateName[]): Promise<Deployment> {
  let found: Deployment | null = null;
  await until(
    async () => {
      found = await deploymentById(engine.db, id);
      return found !== null && (states as readonly string[]).includes(found.state.state);
    },
    () => `deployment ${id} is ${JSON.stringify(found?.state)}, not ${states.join(" or ")}`,
    180_000,
  );
  if (found === null) throw new Error(`deployment ${id} vanished`);
  return found;
}

/** `web-1 a1b2c3d`, for each host that the database believes to know. */
export async function liveHosts(engine: Engine): Promise<readonly string[]> {
  return (await loadLive(engine.db, PRODUCTION)).map((host) => `${host.host} ${host.revision}`);
}
