import { v7 as uuidv7 } from "uuid";
import { secretsOf, type Env } from "../config/env.ts";
import type { SshEnv } from "../config/ssh-env.ts";
import { TIMING, type Engine } from "../engine/engine.ts";
import { withoutCodeHost } from "../generic-ci/code-host.ts";
import { createGitHub } from "../github/client.ts";
import { createGitLab } from "../gitlab/client.ts";
import { createMonitors } from "../monitors/monitors.ts";
import { createRedactor } from "../domain/redaction/redact.ts";
import { createPager, type PagerAccount } from "../pager/pager.ts";
import { createRosters, type RosterAccount } from "../roster/roster.ts";
import { createSentryClient } from "../sentry/client.ts";
import type { SshAccount, SshDeps } from "../targets/ssh/protocol.ts";
import { createSshTarget } from "../targets/ssh/target.ts";
import type { Parts } from "./open.ts";

/** What the engine needs of the world outside: adapters, each with its own credentials. */
export function outside(
  parts: Parts,
): Pick<
  Engine,
  "clock" | "report" | "log" | "newId" | "target" | "monitors" | "codeHost" | "pager" | "rosters" | "redactor" | "timing" | "checkpoint"
> {
  const { env, telemetry } = parts;
  const log = telemetry.logger;
  const { report } = telemetry;
  return {
    clock: () => new Date(),
    report,
    log: (level, message, fields) => log[level](fields ?? {}, message),
    newId: uuidv7,
    target: createSshTarget({ ...sshDeps(env), log: (line) => log.debug(line, "ssh") }),
    monitors: createMonitors({ sources: sentrySources(parts), report }),
    codeHost: codeHosts(parts),
    pager: createPager({ accounts: pagerAccounts(env), now: () => new Date() }),
    rosters: createRosters({ accounts: rosterAccounts(env), now: () => new Date() }),
    redactor: createRedactor(secretsOf(env)),
    timing: TIMING,
    checkpoint: async () => undefined,
  };
}

/** Why the SSH keys cannot be used, such as by a wrong passphrase; null if they can. Connects to nothing. */
export function faultOfKeys(env: Env): string | null {
  try {
    createSshTarget(sshDeps(env));
    return null;
  } catch (fault) {
    if (fault instanceof Error) return fault.message;
    throw fault;
  }
}

function sshDeps(env: Env): SshDeps {
  return {
    ...sshAccount(env.ssh.get("default")),
    accounts: new Map([...env.ssh].map(([name, account]) => [name, sshAccount(account)])),
    knownHosts: env.knownHosts ?? "",
  };
}

function sshAccount(account: SshEnv | undefined): SshAccount {
  const passphrases = account?.passphrase ? [account.passphrase.reveal()] : [];
  return {
    privateKeys: (account?.privateKeys ?? []).map(({ text, from }) => ({ text: text.reveal(), passphrases, from })),
    agentSocket: account?.agentSocket ?? null,
  };
}

function codeHosts(parts: Parts): Engine["codeHost"] {
  const github = new Map(
    [...parts.env.github].map(([name, account]) => [
      name,
      createGitHub({
        connection: name,
        apiUrl: account.apiUrl,
        token: account.token?.reveal() ?? null,
        app: account.app === null ? null : { id: account.app.id, privateKey: account.app.privateKey.reveal() },
        log: parts.telemetry.logger,
      }),
    ]),
  );
  const gitlab = new Map(
    [...parts.env.gitlab].map(([name, account]) => [
      name,
      createGitLab({ url: account.apiUrl, token: account.token?.reveal() ?? null, log: parts.telemetry.logger }),
    ]),
  );
  const mute = withoutCodeHost();
  return ({ kind, connection }) => (kind === "github" ? github.get(connection) : kind === "gitlab" ? gitlab.get(connection) : null) ?? mute;
}

function sentrySources(parts: Parts): (connection: string) => ReturnType<typeof createSentryClient> | null {
  const clients = new Map(
    [...parts.env.sentry].flatMap(([name, account]) =>
      account.authToken === null
        ? []
        : [
            [
              name,
              createSentryClient({
                url: account.apiUrl,
                token: account.authToken.reveal(),
                organization: account.organization,
                now: () => new Date(),
              }),
            ] as const,
          ],
    ),
  );
  return (connection) => clients.get(connection) ?? null;
}

function pagerAccounts(env: Env): ReadonlyMap<string, PagerAccount> {
  return new Map(
    [...env.pager].map(([name, account]): [string, PagerAccount] => {
      const url = typeof account.url === "string" ? account.url : account.url.reveal();
      return account.shape === "pagerduty"
        ? [name, { shape: account.shape, url, routingKey: account.routingKey.reveal() }]
        : [name, { shape: account.shape, url, secret: account.secret.reveal() }];
    }),
  );
}

function rosterAccounts(env: Env): ReadonlyMap<string, RosterAccount> {
  return new Map(
    [...env.roster].map(([name, { url, token }]): [string, RosterAccount] => [
      name,
      { url: typeof url === "string" ? url : url.reveal(), token: token?.reveal() ?? null },
    ]),
  );
}
