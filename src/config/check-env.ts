import type { App, Config, Connection, SentryWatch } from "../domain/config.ts";
import { DEFAULT_VARIABLES } from "./connection-env.ts";
import type { EnvFault } from "./env-fault.ts";
import type { Env } from "./env.ts";

/** What this configuration needs and the environment does not give; each missing variable once. */
export function checkEnv(env: Env, config: Config): readonly EnvFault[] {
  const faults = [
    ...config.apps.flatMap((app) => repositoryFaults(app, { env, config })),
    ...config.apps.flatMap((app) =>
      app.environments.flatMap(({ watch }) => (watch?.sentry ? sentryFaults(watch.sentry, { env, config }) : [])),
    ),
    ...sshFaults(env, config),
    ...historyFaults(env),
  ];
  return [...new Map(faults.map((fault) => [`${fault.name} ${fault.says}`, fault])).values()];
}

type Context = { readonly env: Env; readonly config: Config };

/** Without a secret anybody could say that a revision is green. */
function repositoryFaults(app: App, { env, config }: Context): readonly EnvFault[] {
  const { connection, kind } = app.repository;
  const gitlab = env.gitlab.get(connection);
  const secret = {
    github: env.github.get(connection)?.webhookSecret,
    gitlab: gitlab?.webhookSecret ?? gitlab?.signingToken,
    ci: env.ci.get(connection)?.webhookSecret,
    sentry: null,
    ssh: null,
    pager: null,
    roster: null,
  }[kind];
  if (secret !== null && secret !== undefined) return [];
  const name = variableOf(config.connections, { kind, connection, key: "webhook_secret" });
  return [
    {
      name,
      says: `nothing, but ${app.name} takes what CI reports of ${kind}:${app.repository.path}`,
      write: "the secret that the webhook's sender was given",
    },
  ];
}

function sentryFaults(watch: SentryWatch, { env, config }: Context): readonly EnvFault[] {
  const { connection } = watch;
  const sentry = env.sentry.get(connection);
  const faults: EnvFault[] = [];
  if (sentry === undefined || sentry.authToken === null) {
    const name = variableOf(config.connections, { kind: "sentry", connection, key: "token" });
    faults.push({
      name,
      says: `nothing, but a watch looks at the Sentry project ${watch.project}`,
      write: "an auth token with event:read, org:read and project:releases",
    });
  }
  if (watch.organization === null && (sentry === undefined || sentry.organization === null)) {
    const name = connection === "default" ? "SENTRY_ORG" : `organization of ${connection}`;
    faults.push({
      name,
      says: `nothing, but a watch looks at the Sentry project ${watch.project}`,
      write: "the organization's slug, here or as `watch.sentry.organization` in greenlight.yml",
    });
  }
  return faults;
}

function sshFaults(env: Env, config: Config): readonly EnvFault[] {
  const hosts = config.apps.flatMap((app) => app.environments.flatMap(({ target }) => (target.type === "ssh" ? target.hosts : [])));
  if (hosts.length === 0) return [];
  const faults: EnvFault[] = [];
  const own = env.ssh.get("default");
  const asked = hosts.some((host) => host.connection === undefined);
  if (asked && (own === undefined || (own.privateKeys.length === 0 && own.agentSocket === null))) {
    faults.push({
      name: "SSH_PRIVATE_KEY_FILE",
      says: "nothing, but there are ssh targets",
      write: "the path of the private key that the hosts accept, or SSH_USE_AGENT=yes",
    });
  }
  if (env.knownHosts === null || env.knownHosts.trim() === "") {
    const write = "the path of a known_hosts file with the hosts' keys: an unknown host is refused";
    faults.push({ name: "SSH_KNOWN_HOSTS_FILE", says: "nothing, but there are ssh targets", write });
  }
  return faults;
}

/** The key must outlive the bot's disk when the database does. */
function historyFaults(env: Env): readonly EnvFault[] {
  if (env.databaseUrl === null || env.historyKey !== null) return [];
  return [
    {
      name: "HISTORY_KEY",
      says: "nothing, but DATABASE_URL is set",
      write: "a random text, the same for all replicas, such as `openssl rand -hex 32` prints",
    },
  ];
}

function variableOf(
  connections: readonly Connection[],
  of: { readonly kind: Connection["kind"]; readonly connection: string; readonly key: string },
): string {
  if (of.connection === "default") return DEFAULT_VARIABLES[of.kind][of.key] ?? of.key;
  const declared = connections.find(({ name }) => name === of.connection);
  return declared?.secrets[of.key] ?? `connections.${of.connection}.${of.key}`;
}
