import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { newKeyPair, type KeyPair } from "../../sandbox/host/keys.ts";
import { startEmbedded, type EmbeddedDatabase } from "../../src/db/embedded.ts";
import { startJobs } from "../../src/db/jobs.ts";
import { migrateDatabase } from "../../src/db/migrate.ts";
import { parseSha, type Sha } from "../../src/domain/ids.ts";
import { startSshd, type Sshd } from "../support/sshd.ts";
import { until } from "../support/until.ts";

/** What runs share, one after the other: a durable PostgreSQL (it gets killed), an OpenSSH server, a repository. Lanes share nothing. */
export type Lane = AsyncDisposable & {
  readonly folder: string;
  readonly sshd: Sshd;
  readonly keys: KeyPair;
  /** A checkout of the first revision, to be copied. */
  readonly checkout: string;
  readonly origin: string;
  readonly revisions: readonly Sha[];
  /** A migrated database nobody else has, with the queue's tables. */
  freshDatabase(): Promise<{ readonly connectionString: string; drop(): Promise<void> }>;
  /** In order, or by SIGKILL; up again when `startDatabase` has answered. */
  stopDatabase(how: "gentle" | "rough"): Promise<void>;
  startDatabase(): Promise<void>;
};

const TEMPLATE = "chaos_template";

export async function openLane(): Promise<Lane> {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-chaos-"));
  const keys = newKeyPair();
  const revisions = makeRepository(folder);
  const sshd = await startSshd({ authorizedKey: keys.publicKey, env: { HOME: folder } });
  let cluster: EmbeddedDatabase | null = await startEmbedded({ folder: join(folder, "cluster"), durable: true });
  const url = cluster.connectionString;
  const urlOf = (name: string): string => url.replace("@/greenlight?", `@/${name}?`);
  await onCluster(urlOf("postgres"), `create database ${TEMPLATE} template template0`);
  await migrateDatabase(urlOf(TEMPLATE));
  const jobs = await startJobs(urlOf(TEMPLATE), { onError: () => undefined });
  await jobs.stop();
  const lane: Lane = {
    folder,
    sshd,
    keys,
    checkout: join(folder, "checkout"),
    origin: join(folder, "origin.git"),
    revisions,
    async freshDatabase() {
      const name = `run_${randomUUID().replaceAll("-", "")}`;
      // A template with a connection cannot be copied; the queue's last one may still be saying goodbye.
      await until(
        () =>
          onCluster(urlOf("postgres"), `create database ${name} template ${TEMPLATE}`).then(
            () => true,
            () => false,
          ),
        () => "no database could be made",
      );
      return {
        connectionString: urlOf(name),
        drop: () => onCluster(urlOf("postgres"), `drop database if exists ${name} with (force)`),
      };
    },
    async stopDatabase(how) {
      const running = cluster;
      cluster = null;
      if (running === null) return;
      if (how === "rough") process.kill(running.pid, "SIGKILL");
      await running.stop();
    },
    async startDatabase() {
      cluster ??= await startEmbedded({ folder: join(folder, "cluster"), durable: true });
      if (cluster.connectionString !== url) throw new Error("the database came back under another address");
    },
    async [Symbol.asyncDispose]() {
      await sshd.close();
      await cluster?.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return lane;
}

async function onCluster(url: string, sql: string): Promise<void> {
  const admin = new Client({ connectionString: url });
  await admin.connect();
  try {
    await admin.query(sql);
  } finally {
    await admin.end();
  }
}

/** A bare origin with two commits, and a clone that stands at the first. */
function makeRepository(folder: string): readonly Sha[] {
  const [origin, work, checkout] = ["origin.git", "work", "checkout"].map((name) => join(folder, name));
  if (origin === undefined || work === undefined || checkout === undefined) return [];
  git(folder, "init", "--quiet", "--bare", "--initial-branch=main", origin);
  git(folder, "init", "--quiet", "--initial-branch=main", work);
  const revisions: Sha[] = [];
  for (const version of ["1", "2"]) {
    mkdirSync(join(work, "shop"), { recursive: true });
    appendFileSync(join(work, "shop", "version"), `${version}\n`);
    git(work, "add", "shop");
    git(work, "commit", "--quiet", "-m", `Version ${version}`);
    const revision = parseSha(git(work, "rev-parse", "HEAD"));
    if (revision !== null) revisions.push(revision);
    git(work, "push", "--quiet", origin, "main");
    if (version === "1") git(folder, "clone", "--quiet", origin, checkout);
  }
  git(checkout, "checkout", "--quiet", "--detach", "HEAD");
  return revisions;
}

export function git(directory: string, ...words: readonly string[]): string {
  const ann = { name: "Ann", email: "ann@acme.test" };
  return execFileSync("git", words, {
    cwd: directory,
    encoding: "utf8",
    env: {
      PATH: process.env["PATH"],
      HOME: directory,
      GIT_AUTHOR_NAME: ann.name,
      GIT_AUTHOR_EMAIL: ann.email,
      GIT_COMMITTER_NAME: ann.name,
      GIT_COMMITTER_EMAIL: ann.email,
    },
  }).trim();
}
