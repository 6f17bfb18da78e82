import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Server } from "./server.ts";

export type Secrets = ReturnType<typeof newSecrets>;

/** Made anew at each start: none of them opens anything else. */
export function newSecrets() {
  return {
    control: word(),
    signing: word(),
    bot: `xoxb-sandbox-${word()}`,
    app: `xapp-sandbox-${word()}`,
    github: word(),
    githubHook: word(),
    sentry: word(),
    sentryHook: word(),
  };
}

function word(): string {
  return randomBytes(18).toString("hex");
}

export type Files = { readonly config: string; readonly key: string; readonly knownHosts: string };

/** Writes what the bot reads: its configuration, the key that opens the servers, and the servers' own keys. */
export async function writeFiles(
  folder: string,
  given: { readonly servers: readonly Server[]; readonly privateKey: string; readonly config: string },
): Promise<Files> {
  const files = { config: join(folder, "greenlight.yml"), key: join(folder, "id_sandbox"), knownHosts: join(folder, "known_hosts") };
  await writeFile(files.config, given.config);
  await writeFile(files.key, given.privateKey, { mode: 0o600 });
  await writeFile(files.knownHosts, given.servers.map((server) => `${server.ssh.hostKeyLine}\n`).join(""));
  return files;
}

/** All that the bot is told: nothing of ours goes to it but PATH. */
export function botEnvironment(
  folder: string,
  given: {
    readonly secrets: Secrets;
    readonly files: Files;
    readonly port: number;
    readonly urls: { readonly slack: string; readonly github: string; readonly sentry: string };
  },
): Record<string, string> {
  const { secrets, files, urls } = given;
  return {
    PATH: process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
    HOME: folder,
    GREENLIGHT_CONFIG: files.config,
    PORT: String(given.port),
    SLACK_API_URL: urls.slack,
    SLACK_BOT_TOKEN: secrets.bot,
    SLACK_SIGNING_SECRET: secrets.signing,
    GITHUB_API_URL: urls.github,
    GITHUB_TOKEN: secrets.github,
    GITHUB_WEBHOOK_SECRET: secrets.githubHook,
    SENTRY_API_URL: urls.sentry,
    SENTRY_ORG: "acme",
    SENTRY_AUTH_TOKEN: secrets.sentry,
    SENTRY_WEBHOOK_SECRET: secrets.sentryHook,
    SSH_PRIVATE_KEY_FILE: files.key,
    SSH_KNOWN_HOSTS_FILE: files.knownHosts,
  };
}
