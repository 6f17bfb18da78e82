import { chmod, mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SandboxGitHub } from "../github/server.ts";
import { startSandboxGitHub } from "../github/server.ts";
import { newKeyPair } from "../host/keys.ts";
import type { SandboxSentry } from "../sentry/server.ts";
import { startSandboxSentry } from "../sentry/server.ts";
import { sentryModule } from "../shop/source.ts";
import type { Visitors } from "../shop/visitors.ts";
import { startVisitors } from "../shop/visitors.ts";
import type { SlackSimulator } from "../slack/server.ts";
import { startSlackSimulator } from "../slack/server.ts";
import type { Bot, BotState } from "./bot.ts";
import { createBot } from "./bot.ts";
import { botEnvironment, newSecrets, type Secrets, writeFiles } from "./bot-environment.ts";
import { greenlightYml, type Rules } from "./greenlight-yml.ts";
import { endProcessesIn } from "./leftovers.ts";
import { anyFreePort, freePortFrom } from "./port.ts";
import { startReaper } from "./reaper.ts";
import type { Server } from "./server.ts";
import { startServer } from "./server.ts";
import { acme } from "./team.ts";

export type WorldOptions = {
  /** A temporary one unless given. */
  readonly folder?: string;
  /** Of the page; the next free one if it is taken. */
  readonly port?: number;
  /** Multiplies how long CI stages and deployment steps take; 1 by default. */
  readonly pace?: number;
  /** How Slack reaches the bot; "socket" by default. */
  readonly mode?: "socket" | "http";
  /** Sentry's webhooks tell of new issues; true by default. Without them the bot sees what it looks for. */
  readonly sentryTells?: boolean;
  /** What production asks for before it is deployed to; "simple", one yes, by default. */
  readonly rules?: Rules;
  /** The bot came up, went down or crashed. */
  readonly botChanged?: (state: BotState) => void;
};

/** Everything around the bot, on 127.0.0.1, and the bot as a child process that is not started yet. */
export type World = {
  readonly folder: string;
  /** The page, with the token that lets it act. */
  readonly pageUrl: string;
  readonly configFile: string;
  readonly rules: Rules;
  readonly slack: SlackSimulator;
  readonly github: SandboxGitHub;
  readonly sentry: SandboxSentry;
  readonly servers: { readonly staging: Server; readonly web1: Server; readonly web2: Server };
  readonly visitors: Visitors;
  readonly bot: Bot;
  /** Ends everything and removes the folder, unless it was given or is to be kept. */
  close(options?: { readonly keep?: boolean }): Promise<void>;
};

const PREFERRED_PORT = 4400;
const PAGE = join(import.meta.dirname, "../slack/page");
/** Enough to see trouble in seconds, little enough for a laptop. */
const PRODUCTION_VISITS_PER_SECOND = 12;
const STAGING_VISITS_PER_SECOND = 1;

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const folder = await makeFolder(options.folder);
  const isTemporary = options.folder === undefined;
  const dismissReaper = startReaper(folder, isTemporary);
  const closing: (() => Promise<unknown>)[] = [];
  async function close(how: { readonly keep?: boolean } = {}): Promise<void> {
    for (const end of closing.splice(0).toReversed()) await end().catch(() => null);
    await endProcessesIn(folder);
    if (isTemporary && how.keep !== true) await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    dismissReaper();
  }
  try {
    return { ...(await openWorld(folder, options, closing)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openWorld(folder: string, options: WorldOptions, closing: (() => Promise<unknown>)[]): Promise<Omit<World, "close">> {
  const secrets = newSecrets();
  const botPort = await anyFreePort();
  const providers = await startProviders({ folder, options, secrets, botUrl: `http://127.0.0.1:${botPort}`, closing });
  const { slack, github, sentry } = providers;
  const keys = newKeyPair();
  const servers = await startServers({ folder, providers, authorizedKey: keys.publicKey, pace: options.pace ?? 1, closing });
  const { staging, web1, web2 } = servers;
  const visitors = startVisitors({ urls: [web1.url, web2.url], perSecond: PRODUCTION_VISITS_PER_SECOND });
  const testers = startVisitors({ urls: [staging.url], perSecond: STAGING_VISITS_PER_SECOND });
  closing.push(visitors.stop, testers.stop);
  const rules = options.rules ?? "simple";
  const config = greenlightYml({ staging, web: [web1, web2], gitUrl: github.gitUrl }, rules);
  const files = await writeFiles(folder, { servers: [staging, web1, web2], privateKey: keys.privateKey, config });
  const urls = { slack: slack.apiUrl, github: github.apiUrl, sentry: sentry.apiUrl };
  const env = botEnvironment(folder, { secrets, files, port: botPort, urls });
  const bot = createBot({
    folder,
    port: botPort,
    env: options.mode === "http" ? env : { ...env, SLACK_APP_TOKEN: secrets.app },
    changed: (state) => options.botChanged?.(state),
  });
  closing.push(bot.stop);
  return {
    ...providers,
    folder,
    pageUrl: `${slack.url}/?token=${secrets.control}`,
    configFile: files.config,
    rules,
    servers,
    visitors,
    bot,
  };
}

type Providers = Pick<World, "slack" | "github" | "sentry">;

async function startProviders(given: {
  readonly folder: string;
  readonly options: WorldOptions;
  readonly secrets: Secrets;
  readonly botUrl: string;
  readonly closing: (() => Promise<unknown>)[];
}): Promise<Providers> {
  const { folder, options, secrets, botUrl, closing } = given;
  const pace = options.pace ?? 1;
  const slack = await startSlackSimulator({
    port: await freePortFrom(options.port ?? PREFERRED_PORT),
    seed: acme,
    bot: {
      signingSecret: secrets.signing,
      botToken: secrets.bot,
      appToken: secrets.app,
      ...(options.mode === "http" ? { requestUrl: `${botUrl}/slack/events` } : {}),
    },
    pageFolder: PAGE,
    controlToken: secrets.control,
  });
  closing.push(slack.close);
  const github = await startSandboxGitHub({
    folder: join(folder, "github"),
    repository: "acme/shop",
    webhook: { url: `${botUrl}/webhooks/github`, secret: secrets.githubHook },
    token: secrets.github,
    stageSeconds: { build: 2 * pace, unit: 2 * pace, integration: 3 * pace, acceptance: 2 * pace },
  });
  closing.push(github.close);
  const webhook = { url: `${botUrl}/webhooks/sentry`, secret: secrets.sentryHook };
  const sentry = await startSandboxSentry({
    org: "acme",
    project: "shop",
    token: secrets.sentry,
    ...(options.sentryTells === false ? {} : { webhook }),
  });
  closing.push(sentry.close);
  return { slack, github, sentry };
}

async function startServers(given: {
  readonly folder: string;
  readonly providers: Providers;
  readonly authorizedKey: string;
  readonly pace: number;
  readonly closing: (() => Promise<unknown>)[];
}): Promise<World["servers"]> {
  const { folder, authorizedKey, pace } = given;
  const { github, sentry } = given.providers;
  const start = (name: string, environment: string) =>
    startServer({
      name,
      environment,
      folder,
      database: join(folder, `database-${environment}`),
      gitUrl: github.gitUrl,
      revision: github.initialSha,
      authorizedKey,
      sentry: { dsn: sentry.dsn, module: sentryModule() },
      pace,
    });
  const [staging, web1, web2] = await Promise.all([
    start("staging-1", "staging"),
    start("web-1", "production"),
    start("web-2", "production"),
  ]);
  given.closing.push(() => Promise.all([staging.close(), web1.close(), web2.close()]));
  return { staging, web1, web2 };
}

/** As root the bot's own PostgreSQL runs as somebody else, who must be able to pass through. */
async function makeFolder(given: string | undefined): Promise<string> {
  const folder = given ?? (await mkdtemp(join(tmpdir(), "greenlight-demo-")));
  await mkdir(folder, { recursive: true });
  await chmod(folder, process.geteuid?.() === 0 ? 0o711 : 0o700);
  return realpath(folder);
}
