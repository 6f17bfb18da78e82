import type { Connection, ConnectionKind } from "../domain/config.ts";
import { Secret } from "./secret.ts";
import { named, type Names, SIGNING_TOKEN } from "./named-variable.ts";
import { type PagerEnv, pagerOf } from "./pager-env.ts";
import { type RosterEnv, rosterOf } from "./roster-env.ts";
import { type SshEnv, sshOf } from "./ssh-env.ts";
import type { VariableReader } from "./variables.ts";

/** What the environment says of each connection, by its name; `default` is always there. */
export type ConnectionEnvs = {
  readonly github: ReadonlyMap<string, GithubEnv>;
  readonly gitlab: ReadonlyMap<string, GitlabEnv>;
  readonly ci: ReadonlyMap<string, CiEnv>;
  readonly sentry: ReadonlyMap<string, SentryEnv>;
  readonly ssh: ReadonlyMap<string, SshEnv>;
  /** Without `default`: nobody is woken by a variable that happens to be set. */
  readonly pager: ReadonlyMap<string, PagerEnv>;
  /** Without `default`, too: what it says gives rights. */
  readonly roster: ReadonlyMap<string, RosterEnv>;
};

export type GithubEnv = {
  readonly webhookSecret: Secret | null;
  readonly token: Secret | null;
  readonly app: { readonly id: string; readonly privateKey: Secret } | null;
  readonly apiUrl: string;
};
export type GitlabEnv = {
  readonly webhookSecret: Secret | null;
  readonly signingToken: Secret | null;
  readonly token: Secret | null;
  readonly apiUrl: string;
};
export type CiEnv = { readonly webhookSecret: Secret | null };
export type SentryEnv = {
  readonly authToken: Secret | null;
  readonly webhookSecret: Secret | null;
  readonly organization: string | null;
  readonly apiUrl: string;
};

export function connectionEnvs(read: VariableReader, connections: readonly Connection[]): ConnectionEnvs {
  return {
    github: byConnection("github", { connections, of: (names) => githubOf(read, names) }),
    gitlab: byConnection("gitlab", { connections, of: (names) => gitlabOf(read, names) }),
    ci: byConnection("ci", { connections, of: (names): CiEnv => ({ webhookSecret: named(read, names, "webhook_secret") }) }),
    sentry: byConnection("sentry", { connections, of: (names) => sentryOf(read, names) }),
    ssh: byConnection("ssh", { connections, of: (names) => sshOf(read, names) }),
    pager: declaredAlone("pager", { connections, of: (names) => pagerOf(read, names) }),
    roster: declaredAlone("roster", { connections, of: (names) => rosterOf(read, names) }),
  };
}

export const DEFAULT_VARIABLES: Readonly<Record<ConnectionKind, Readonly<Record<string, string>>>> = {
  github: {
    token: "GITHUB_TOKEN",
    webhook_secret: "GITHUB_WEBHOOK_SECRET",
    app_id: "GITHUB_APP_ID",
    private_key: "GITHUB_PRIVATE_KEY",
    url: "GITHUB_API_URL",
  },
  gitlab: { token: "GITLAB_TOKEN", webhook_secret: "GITLAB_WEBHOOK_SECRET", signing_token: "GITLAB_SIGNING_TOKEN", url: "GITLAB_API_URL" },
  ci: { webhook_secret: "CI_WEBHOOK_SECRET" },
  sentry: { token: "SENTRY_AUTH_TOKEN", webhook_secret: "SENTRY_WEBHOOK_SECRET", organization: "SENTRY_ORG", url: "SENTRY_API_URL" },
  ssh: { private_key: "SSH_PRIVATE_KEY", passphrase: "SSH_PRIVATE_KEY_PASSPHRASE", agent: "SSH_AUTH_SOCK" },
  pager: {},
  roster: {},
};

function byConnection<Value>(
  kind: ConnectionKind,
  from: { readonly connections: readonly Connection[]; readonly of: (names: Names) => Value },
): ReadonlyMap<string, Value> {
  const declared = from.connections.filter((connection) => connection.kind === kind);
  return new Map([
    ["default", from.of({ url: null, declared: false, variables: DEFAULT_VARIABLES[kind] })],
    ...declared.map(({ name, url, secrets }): [string, Value] => [name, from.of({ url, declared: true, variables: secrets })]),
  ]);
}

function declaredAlone<Value>(
  kind: ConnectionKind,
  from: { readonly connections: readonly Connection[]; readonly of: (names: Names) => Value | null },
): ReadonlyMap<string, Value> {
  return new Map(
    from.connections
      .filter((connection) => connection.kind === kind)
      .flatMap(({ name, url, secrets }): [string, Value][] => {
        const value = from.of({ url, declared: true, variables: secrets });
        return value === null ? [] : [[name, value]];
      }),
  );
}

function apiUrl(read: VariableReader, names: Names, otherwise: string): string {
  const name = names.variables["url"];
  const url = names.declared || name === undefined ? names.url : read.address(name);
  return (url ?? otherwise).replace(/\/+$/, "");
}

function githubOf(read: VariableReader, names: Names): GithubEnv {
  const id = names.variables["app_id"] === undefined ? null : read.text(names.variables["app_id"]);
  const privateKey = named(read, names, "private_key");
  if ((id === null) !== (privateKey === null)) {
    const name = names.variables[id === null ? "app_id" : "private_key"] ?? `${id === null ? "app_id" : "private_key"} of the connection`;
    read.fault({
      name,
      says: "nothing, but the other half of the GitHub App is given",
      write: "both the id and the private key of the app, or neither",
    });
  }
  return {
    webhookSecret: named(read, names, "webhook_secret"),
    token: named(read, names, "token"),
    // Many a host of containers can hold one line only, so that keys are given with `\n` in two letters.
    app: id === null || privateKey === null ? null : { id, privateKey: new Secret(privateKey.reveal().replaceAll("\\n", "\n")) },
    apiUrl: apiUrl(read, names, "https://api.github.com"),
  };
}

function gitlabOf(read: VariableReader, names: Names): GitlabEnv {
  const signingToken = named(read, names, "signing_token");
  if (signingToken !== null && !SIGNING_TOKEN.test(signingToken.reveal())) {
    const name = names.variables["signing_token"] ?? "signing_token of the connection";
    read.fault({ name, says: "something that is no signing token", write: "the one that GitLab showed when it was made, `whsec_...`" });
  }
  return {
    webhookSecret: named(read, names, "webhook_secret"),
    signingToken,
    token: named(read, names, "token"),
    apiUrl: apiUrl(read, names, "https://gitlab.com"),
  };
}

function sentryOf(read: VariableReader, names: Names): SentryEnv {
  const organization = names.variables["organization"];
  return {
    authToken: named(read, names, "token"),
    webhookSecret: named(read, names, "webhook_secret"),
    organization: organization === undefined ? null : read.text(organization),
    apiUrl: apiUrl(read, names, "https://sentry.io"),
  };
}
