import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSandboxGitHub, type SandboxGitHub } from "../../sandbox/github/server.ts";
import { newKeyPair } from "../../sandbox/host/keys.ts";
import { startSandboxHost, type SandboxHost } from "../../sandbox/host/server.ts";
import { startSlackSimulator, type SlackSimulator } from "../../sandbox/slack/server.ts";
import { anyFreePort } from "../../sandbox/world/port.ts";
import { endProcessesIn } from "../../sandbox/world/leftovers.ts";
import { acme, BOT_USER, CHANNEL } from "../../sandbox/world/team.ts";
import { spawnBot, greenlight, type BotProcess, type Environment } from "./bot-process.ts";
import { botConfig } from "./bot-config.ts";
import { freshDatabase, type TestDatabase } from "./database.ts";
import { until } from "./until.ts";

/** Planted in the bot's environment; none of them may be seen anywhere else. */
export const SECRETS = {
  SLACK_BOT_TOKEN: "xoxb-planted-bot-token-1",
  SLACK_APP_TOKEN: "xapp-planted-app-token-2",
  SLACK_SIGNING_SECRET: "planted-signing-secret-3",
  GITHUB_TOKEN: "planted-github-token-4",
  GITHUB_WEBHOOK_SECRET: "planted-webhook-secret-5",
  HISTORY_KEY: "planted-history-key-6",
  SENTRY_AUTH_TOKEN: "planted-sentry-token-7",
} as const;

export type BotWorld = AsyncDisposable & {
  readonly folder: string;
  readonly database: TestDatabase;
  readonly slack: SlackSimulator;
  readonly github: SandboxGitHub;
  readonly hosts: readonly SandboxHost[];
  /** Of the first bot; the far sides call it. */
  readonly port: number;
  readonly env: Environment;
  configure(text: string): void;
  config(over?: Parameters<typeof botConfig>[0]["environment"]): string;
  /** Starts a bot and waits until it is ready. The first one listens where webhooks are sent; `elsewhere`: on a port of its own. */
  bot(over?: { readonly env?: Environment; readonly elsewhere?: boolean }): Promise<BotProcess>;
  /** One command of the operator on the bot's machine. */
  cli(words: readonly string[], env?: Environment): ReturnType<typeof greenlight>;
  /** Merges a change, waits until its pipeline has made it a candidate. */
  candidate(environment?: string): Promise<string>;
  /** `pull web-1 a1b2c3d`, one line for each step that a host really started, in order. */
  witnessed(): readonly string[];
  headOf(host: string): string;
  /** A line of sh that the step runs on the host after the witness; `$host` and `$revision` are set. */
  script(step: string, line: string): void;
  rows<Row>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** State of the newest deployment, `none` without any. */
  newest(): Promise<{ readonly id: string; readonly state: string; readonly body: string; readonly trouble: string | null }>;
  settled(...states: readonly string[]): Promise<string>;
  cards(): ReturnType<SlackSimulator["messages"]>;
};

export async function openBotWorld(
  options: { readonly mode?: "socket" | "http"; readonly hosts?: number; readonly environment?: readonly string[] } = {},
): Promise<BotWorld> {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-bot-"));
  const database = await freshDatabase();
  const port = await anyFreePort();
  const mode = options.mode ?? "socket";
  const slack = await startSlackSimulator({
    seed: acme,
    relaxed: true,
    controlToken: "control",
    bot: {
      signingSecret: SECRETS.SLACK_SIGNING_SECRET,
      botToken: SECRETS.SLACK_BOT_TOKEN,
      appToken: SECRETS.SLACK_APP_TOKEN,
      ...(mode === "http" ? { requestUrl: `http://127.0.0.1:${port}/slack/events` } : {}),
    },
  });
  const github = await startSandboxGitHub({
    folder: join(folder, "github"),
    repository: "acme/shop",
    webhook: { url: `http://127.0.0.1:${port}/webhooks/github`, secret: SECRETS.GITHUB_WEBHOOK_SECRET },
    token: SECRETS.GITHUB_TOKEN,
    stageSeconds: { build: 0.1, unit: 0.1, integration: 0.1, acceptance: 0.1 },
  });
  const keys = newKeyPair();
  const hosts = await Promise.all(
    Array.from({ length: options.hosts ?? 1 }, (_, index) => openHost(folder, `web-${index + 1}`, github, keys.publicKey)),
  );
  const file = join(folder, "greenlight.yml");
  const config = (environment = options.environment): string => botConfig({ root: folder, hosts, environment });
  writeFileSync(file, config());
  writeFileSync(join(folder, "key"), keys.privateKey, { mode: 0o600 });
  writeFileSync(join(folder, "known_hosts"), hosts.map((host) => `${host.hostKeyLine}\n`).join(""));
  writeFileSync(join(folder, "step.sh"), STEP);
  const { SLACK_APP_TOKEN, ...rest } = SECRETS;
  const env: Environment = {
    ...rest,
    ...(mode === "socket" ? { SLACK_APP_TOKEN } : {}),
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: folder,
    GREENLIGHT_CONFIG: file,
    DATABASE_URL: databaseUrl(database.connectionString),
    SLACK_API_URL: slack.apiUrl,
    GITHUB_API_URL: github.apiUrl,
    SENTRY_ORG: "acme",
    SENTRY_API_URL: "http://127.0.0.1:9",
    SSH_PRIVATE_KEY_FILE: join(folder, "key"),
    SSH_KNOWN_HOSTS_FILE: join(folder, "known_hosts"),
  };
  const bots: BotProcess[] = [];
  const rows = async <Row>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> =>
    (await database.pool.query(text, [...values])).rows as Row[];
  const newest: BotWorld["newest"] = async () => {
    const [row] = await rows<Awaited<ReturnType<BotWorld["newest"]>>>(
      "select id, state, state_body::text as body, trouble from deployments order by number desc, id desc limit 1",
    );
    return row ?? { id: "", state: "none", body: "", trouble: null };
  };
  return {
    folder,
    database,
    slack,
    github,
    hosts,
    port,
    env,
    config,
    configure: (text) => writeFileSync(file, text),
    async bot(over = {}) {
      const bot = await spawnBot(folder, { ...env, ...over.env }, over.elsewhere === true ? undefined : port);
      bots.push(bot);
      await bot.ready();
      return bot;
    },
    cli: (words, over = {}) => greenlight(folder, { ...env, ...over }, words),
    async candidate(environment = "shop/production") {
      const { sha } = await github.push({ kind: "good", author: "bob" });
      await until(
        async () => (await rows("select from candidates where revision = $1 and environment_id = $2", [sha, environment])).length > 0,
        () => `${sha} never became a candidate: ${bots.at(-1)?.said() ?? ""}`,
        90_000,
      );
      return sha;
    },
    witnessed: () => {
      const witness = join(folder, "witness");
      return existsSync(witness) ? readFileSync(witness, "utf8").trimEnd().split("\n") : [];
    },
    headOf: (host) => git(join(folder, host, "shop"), "rev-parse", "HEAD"),
    script: (step, line) => writeFileSync(join(folder, `${step}.sh`), `${line}\n`),
    rows,
    newest,
    async settled(...states) {
      await until(
        async () => states.includes((await newest()).state),
        () => `no deployment came to ${states.join(" or ")}: ${bots.at(-1)?.said() ?? ""}`,
        90_000,
      ).catch(async (fault: unknown) => {
        throw new Error(`${JSON.stringify(await newest())} ${String(fault)}`, { cause: fault });
      });
      return (await newest()).state;
    },
    cards: () => slack.messages(CHANNEL.id).filter((message) => message.user === BOT_USER && message.thread_ts === null),
    async [Symbol.asyncDispose]() {
      for (const bot of bots) if (bot.ended() === null) await bot.end("SIGKILL");
      await slack.close();
      await github.close();
      await Promise.all(hosts.map((host) => host.close()));
      // Steps outlive the bot and the connection: that is what they are for.
      await endProcessesIn(realpathSync(folder));
      await database[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The same socket in a form that every reader of addresses takes: without a host there may be no user before it. */
export function databaseUrl(connectionString: string): string {
  const [, user = "", rest = ""] = /^postgresql:\/\/([^@]*)@(\/.*)$/u.exec(connectionString) ?? [];
  return `postgresql://${rest}${user === "" ? "" : `&user=${user}`}`;
}

async function openHost(folder: string, name: string, github: SandboxGitHub, authorizedKey: string): Promise<SandboxHost> {
  const home = join(folder, name);
  mkdirSync(home);
  git(folder, "clone", "--quiet", github.gitUrl, join(home, "shop"));
  git(join(home, "shop"), "checkout", "--quiet", "--detach", github.initialSha);
  return startSandboxHost({ name, root: home, authorizedKey });
}

function git(directory: string, ...words: readonly string[]): string {
  return execFileSync("git", words, { cwd: directory, env: { PATH: process.env["PATH"], HOME: directory }, encoding: "utf8" }).trim();
}

/** Its first act is to witness its own start, where the bot cannot see it. */
const STEP = `set -eu
step=$1 host=$2 revision=$3 root=$4
echo "$step $host $revision" >>"$root/witness"
echo "$step begins"
if [ "$step" = pull ]; then
  git fetch --quiet origin
  git checkout --quiet --detach "$revision"
fi
[ ! -e "$root/$step.sh" ] || . "$root/$step.sh"
echo "$step ends"
`;
