import type { Connection } from "../domain/config.ts";
import { ok, refuse, type Result } from "../domain/result.ts";
import type { EnvFault } from "./env-fault.ts";
import { type ConnectionEnvs, connectionEnvs } from "./connection-env.ts";
import { choiceInstead } from "./nearest.ts";
import { Secret } from "./secret.ts";
import { readVariables, SHORTEST_SECRET, type VariableReader, type Variables } from "./variables.ts";

/** Everything the environment says, read once at start. Maps are by connection; `default` is always there. */
export type Env = ConnectionEnvs & {
  readonly configPath: string;
  /** Null: the bot runs its own PostgreSQL. A secret, since it holds the password. */
  readonly databaseUrl: Secret | null;
  readonly port: number;
  readonly logLevel: LogLevel;
  readonly slack: {
    readonly botToken: Secret;
    readonly signingSecret: Secret;
    /** Its presence selects Socket Mode. */
    readonly appToken: Secret | null;
    readonly apiUrl: string | null;
  };
  /** Text of the file with the hosts' keys. */
  readonly knownHosts: string | null;
  readonly historyKey: Secret | null;
  readonly metricsToken: Secret | null;
  /** The bot's own Sentry project. */
  readonly sentryDsn: string | null;
};

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where the configuration is: needed before the rest, since the rest names its connections. */
export function configPathOf(variables: Variables): string {
  const path = variables["GREENLIGHT_CONFIG"]?.trim();
  return path === undefined || path === "" ? "greenlight.yml" : path;
}

/** Reads all variables, those named by `env:NAME` in the connections too; all faults at once, never a value in one. */
export function loadEnv(variables: Variables, connections: readonly Connection[]): Result<Env, readonly EnvFault[]> {
  const read = readVariables(variables);
  const botToken = slackSecret(read, {
    name: "SLACK_BOT_TOKEN",
    begins: /^(xoxe\.)?xoxb-/,
    write: "the bot's token, xoxb-... (Slack app, OAuth & Permissions)",
  });
  const signingSecret = slackSecret(read, {
    name: "SLACK_SIGNING_SECRET",
    begins: /^/,
    write: "the signing secret (Slack app, Basic Information)",
  });
  const env = {
    configPath: configPathOf(variables),
    databaseUrl: databaseUrl(read),
    port: port(read),
    logLevel: logLevel(read),
    slackRest: {
      appToken: read.given("SLACK_APP_TOKEN") ? slackSecret(read, { name: "SLACK_APP_TOKEN", begins: /^xapp-/, write: APP_TOKEN }) : null,
      apiUrl: read.address("SLACK_API_URL"),
    },
    ...connectionEnvs(read, connections),
    knownHosts: knownHosts(read),
    historyKey: read.secret("HISTORY_KEY"),
    metricsToken: read.secret("METRICS_TOKEN"),
    sentryDsn: read.address("SENTRY_DSN"),
  };
  if (read.faults.length > 0 || botToken === null || signingSecret === null) return refuse(read.faults);
  const { slackRest, ...rest } = env;
  return ok({ ...rest, slack: { botToken, signingSecret, ...slackRest } });
}

/** Every secret in clear: what a redaction of logs and outputs has to look for. Never to be shown or stored. */
export function secretsOf(env: Env): readonly string[] {
  const found = new Set(secretsIn(env));
  const url = env.databaseUrl === null ? null : parsedDatabaseUrl(env.databaseUrl.reveal());
  const passwords = [decodeURIComponent(url?.password ?? ""), url?.searchParams.get("password") ?? ""];
  for (const password of passwords) if (password.length >= SHORTEST_SECRET) found.add(password);
  return [...found];
}

function secretsIn(value: unknown): readonly string[] {
  if (value instanceof Secret) return [value.reveal()];
  if (value instanceof Map) return [...value.values()].flatMap(secretsIn);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(secretsIn) : [];
}

const APP_TOKEN = "the app-level token, xapp-... (Slack app, Basic Information), or nothing to receive by HTTP";

function slackSecret(
  read: VariableReader,
  wanted: { readonly name: string; readonly begins: RegExp; readonly write: string },
): Secret | null {
  const { name, begins, write } = wanted;
  if (!read.given(name)) {
    read.fault({ name, says: "nothing", write });
    return null;
  }
  const secret = read.secret(name);
  if (secret === null || begins.test(secret.reveal())) return secret;
  read.fault({ name, says: "another kind of token", write });
  return null;
}

function databaseUrl(read: VariableReader): Secret | null {
  const url = read.secret("DATABASE_URL");
  if (url === null || isDatabaseUrl(url.reveal())) return url;
  read.fault({
    name: "DATABASE_URL",
    says: "an address that is not one of PostgreSQL",
    write: "postgresql://user:password@host:5432/database, signs in the password percent-encoded",
  });
  return null;
}

/**
 * As the driver reads it: `postgresql://user@/database?host=/var/run/postgresql` goes by a socket. A password with a bare `%`
 * would be read in one way here and in another by the driver.
 */
function isDatabaseUrl(words: string): boolean {
  const url = parsedDatabaseUrl(words);
  return /^postgres(ql)?:\/\/./.test(words) && url !== null && !/%(?![0-9A-Fa-f]{2})/.test(url.password);
}

/** A user without a host, as for a socket, is no URL to the standard: the driver puts a host there, and so do we. */
function parsedDatabaseUrl(words: string): URL | null {
  return URL.parse(words) ?? URL.parse(words.replace(/^(postgres(?:ql)?:\/\/[^/?#]*@)(?=\/)/, "$1socket"));
}

function port(read: VariableReader): number {
  const words = read.text("PORT") ?? "3000";
  const number = /^\d{1,5}$/.test(words) ? Number(words) : Number.NaN;
  if (number <= 65_535) return number;
  read.fault({ name: "PORT", says: "something that is not a port", write: "a number from 0 (any free one) to 65535, such as 3000" });
  return 3000;
}

function logLevel(read: VariableReader): LogLevel {
  const words = read.text("LOG_LEVEL") ?? "info";
  const level = LOG_LEVELS.find((known) => known === words.toLowerCase());
  if (level === undefined) read.fault({ name: "LOG_LEVEL", says: "a word that is not a level", write: choiceInstead(words, LOG_LEVELS) });
  return level ?? "info";
}

function knownHosts(read: VariableReader): string | null {
  const path = read.text("SSH_KNOWN_HOSTS_FILE");
  return path === null ? null : read.contents("SSH_KNOWN_HOSTS_FILE", path.trim());
}
