import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { v7 as uuidv7 } from "uuid";
import { newKeyPair } from "../../sandbox/host/keys.ts";
import { deploymentById } from "../../src/db/deployments.ts";
import type { Layout } from "../../src/domain/config.ts";
import type { Deployment } from "../../src/domain/deployment.ts";
import { digestOf } from "../../src/domain/digest.ts";
import type { DeploymentId, Sha } from "../../src/domain/ids.ts";
import { apply, type Applied } from "../../src/engine/apply.ts";
import { prepare } from "../../src/engine/prepare.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { readLive } from "../../src/engine/read-live.ts";
import { freshDatabase } from "./database.ts";
import { git, makeDjangoRepository, PYTHON, type Step } from "./django-project.ts";
import { startReplica, type Replica } from "./engine-replica.ts";
import { PRODUCTION, standingOf } from "./engine-world.ts";
import { freePort, startSshd } from "./sshd.ts";
import { until } from "./until.ts";

/** A Django shop behind gunicorn on a real OpenSSH host, and a bot that deploys it; SQLite, so that nothing else is needed. */
export type DjangoWorld = AsyncDisposable & {
  readonly bot: Replica;
  readonly revisions: readonly Sha[];
  /** What the bot's code host tells of new migrations: their files, or nothing. */
  readable: boolean;
  /** What the checkout is at. */
  head(): string;
  /** The revision that answers, when every column it knows is there; else what went wrong. */
  serving(): Promise<string>;
  columns(): readonly string[];
  applied(): readonly string[];
  /** Backups that were made. */
  backups(): number;
};

const RESTART = `set -eu
cd "$3"
if [ -s "$1/gunicorn.pid" ]; then
  pid=$(cat "$1/gunicorn.pid"); kill "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
fi
gunicorn=$(command -v gunicorn3 || command -v gunicorn)
DJANGO_SETTINGS_MODULE=site_settings ${PYTHON} "$gunicorn" --daemon --pid "$1/gunicorn.pid" --error-logfile "$1/gunicorn.log" --bind "127.0.0.1:$2" --workers 1 --chdir "$3" site_wsgi
`;
const VERIFY = `import sys, time, urllib.request
url, wanted = sys.argv[1:]
said = "no answer"
for _ in range(150):
    try:
        said = urllib.request.urlopen(url, timeout=5).read().decode()
        break
    except Exception as fault:
        said = str(fault)
        if "500" in said:
            break
        time.sleep(0.1)
print(said)
sys.exit(0 if said == wanted else 1)
`;

export async function openDjangoWorld(steps: readonly Step[], layout: Layout["kind"] = "in_place"): Promise<DjangoWorld> {
  const root = mkdtempSync(join(tmpdir(), "greenlight-django-"));
  const revisions = makeDjangoRepository(root, steps);
  const directory = join(root, "shop");
  git(root, "clone", "--quiet", join(root, "origin.git"), directory);
  git(directory, "checkout", "--quiet", "--detach", revisions[0] ?? "");
  python(directory, "manage.py", "migrate", "--noinput");
  writeFileSync(join(root, "restart.sh"), RESTART);
  writeFileSync(join(root, "verify.py"), VERIFY);
  mkdirSync(join(root, "home"));
  const keys = newKeyPair();
  const port = await freePort();
  const sshd = await startSshd({ authorizedKey: keys.publicKey, env: { HOME: join(root, "home"), PATH: "/usr/bin:/bin" } });
  const database = await freshDatabase();
  const bot = await startReplica({
    connectionString: database.connectionString,
    config: configText({ root, directory, sshPort: sshd.port, port, layout }),
    privateKey: keys.privateKey,
    knownHosts: sshd.hostKeyLine,
    installation: randomUUID(),
    replica: "one",
  });
  const world: DjangoWorld = {
    bot,
    revisions,
    readable: true,
    head: () => git(layout === "releases" ? join(directory, "current") : directory, "rev-parse", "HEAD"),
    async serving() {
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      return answer.ok ? answer.text() : `status ${answer.status}`;
    },
    columns: () => JSON.parse(sql(root, "select json_group_array(name) from pragma_table_info('orders_order')")),
    applied: () => JSON.parse(sql(root, "select json_group_array(name) from django_migrations where app = 'orders'")),
    backups: () => (existsSync(join(root, "backups")) ? readFileSync(join(root, "backups"), "utf8").trim().split("\n").length : 0),
    async [Symbol.asyncDispose]() {
      await bot[Symbol.asyncDispose]();
      await sshd.close();
      await database[Symbol.asyncDispose]();
      endGunicorn(root);
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  Object.assign(bot.far.codeHost, {
    async addedMigrations(_repository: string, base: Sha | null, head: Sha) {
      if (!world.readable || base === null) return null;
      const added = git(directory, "diff", "--name-only", "--diff-filter=A", base, head).split("\n");
      return added
        .filter((path) => path.includes("/migrations/"))
        .map((path) => ({ path, text: git(directory, "show", `${head}:${path}`) }));
    },
  });
  return world;
}

function configText(place: {
  readonly root: string;
  readonly directory: string;
  readonly sshPort: number;
  readonly port: number;
  readonly layout: Layout["kind"];
}): string {
  const { root, port, layout } = place;
  const app = layout === "releases" ? "shop/current" : "shop";
  return `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop-deploys"
    environments:
      production:
        approval: { from: ["@product-owners"], count: 1, expires: 24h }
        target:
          type: ssh
          hosts: [{ address: 127.0.0.1, port: ${place.sshPort}, user: ${userInfo().username}, directory: "${place.directory}", label: web-1 }]
          recipe: django
          layout: ${layout}
          manage: [${PYTHON}, manage.py]
          backup: [sh, -c, 'echo saved >>"$1"', backup, "${root}/backups"]
          commands:
            restart: [sh, "${root}/restart.sh", "${root}", "${port}", "${root}/${app}"]
            verify: [${PYTHON}, "${root}/verify.py", "http://127.0.0.1:${port}/", "{revision}"]
`;
}

function python(directory: string, ...words: readonly string[]): string {
  return execFileSync(PYTHON, words, { cwd: directory, env: { PATH: "/usr/bin:/bin" }, encoding: "utf8" });
}

function sql(root: string, query: string): string {
  return python(
    root,
    "-c",
    "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])",
    join(root, "shop.sqlite3"),
    query,
  );
}

function endGunicorn(root: string): void {
  const file = join(root, "gunicorn.pid");
  if (!existsSync(file)) return;
  try {
    process.kill(Number(readFileSync(file, "utf8")), "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

/** Asks for a revision as a person would, with all that is looked up before; answers what then waits for a yes. */
export async function asked(world: DjangoWorld, number: number): Promise<Deployment> {
  const { engine } = world.bot;
  const [app] = engine.config.apps;
  const [environment] = app?.environments ?? [];
  const revision = world.revisions[number - 1];
  if (app === undefined || environment === undefined || revision === undefined) throw new Error(`this world has no revision ${number}`);
  await readLive(engine, environment);
  const prepared = await prepare(engine, app, environment, revision, null);
  const id = uuidv7() as DeploymentId;
  const standing = standingOf("UDORA", { approver: false });
  must(await apply(engine, PRODUCTION, { kind: "request", standing, revision, runId: null, missing: [], ...prepared, id }));
  return found(engine, id);
}

/** One person's yes to what is shown now. */
export async function approve(world: DjangoWorld, id: DeploymentId): Promise<void> {
  const { engine } = world.bot;
  const { revision, environmentId, planHash } = await found(engine, id);
  const digest = digestOf({ revision, environment: environmentId, planHash });
  const standing = standingOf("UPETRA");
  must(await apply(engine, PRODUCTION, { kind: "approve", standing, deployment: id, digest, override: null, approverNames: [] }));
}

/** Back, by code alone or with the schema; a refusal is answered, not thrown. */
export async function back(
  world: DjangoWorld,
  deployment: DeploymentId,
  schema: boolean,
): Promise<Applied & { readonly id: DeploymentId }> {
  const id = uuidv7() as DeploymentId;
  const standing = standingOf("UPETRA");
  const applied = await apply(world.bot.engine, PRODUCTION, {
    kind: "roll_back",
    standing,
    deployment,
    reason: "it is broken",
    schema,
    id,
  });
  return { ...applied, id };
}

/** What was rolled back may be deployed again. */
export async function allowed(world: DjangoWorld, deployment: DeploymentId): Promise<void> {
  const standing = standingOf("UPETRA");
  must(await apply(world.bot.engine, PRODUCTION, { kind: "allow_again", standing, deployment, reason: "it was only lost" }));
}

export async function found(engine: Engine, id: DeploymentId): Promise<Deployment> {
  const deployment = await deploymentById(engine.db, id);
  if (deployment === null) throw new Error(`no deployment ${id}`);
  return deployment;
}

function must(applied: Applied): void {
  if (!applied.ok) throw new Error(`${applied.refusal.title} ${applied.refusal.reasons.map((reason) => reason.text).join(" ")}`);
}

/** Until its hosts are given back: only then may another one have them. */
export async function released(world: DjangoWorld, id: DeploymentId): Promise<void> {
  const { db } = world.bot.engine;
  await until(
    async () => {
      const result = await db.execute<{ holds: boolean }>(`select holds_hosts as holds from deployments where id = '${id}'`);
      return result.rows[0]?.holds === false;
    },
    () => `the hosts of ${id} are still held`,
    120_000,
  );
}
