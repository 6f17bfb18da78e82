import type { EnvironmentId } from "./ids.ts";

/** The configuration as typed values; `config/greenlight-yml.ts` parses the file into it, nothing else makes one. */
export type Config = {
  /** SHA-256 of the canonical JSON of everything below. */
  readonly hash: string;
  /** The slash command, with its slash. `/deploy` is often taken. */
  readonly command: string;
  readonly connections: readonly Connection[];
  /** Maps the providers' people to Slack where e-mail does not. */
  readonly people: readonly PersonMapping[];
  readonly apps: readonly App[];
};

export type ConnectionKind = "github" | "gitlab" | "ci" | "sentry";
/** A named account at a provider. The names of the environment variables, never their values, are part of the configuration. */
export type Connection = {
  readonly name: string;
  readonly kind: ConnectionKind;
  readonly url: string | null;
  readonly secrets: Readonly<Record<string, string>>;
};

export type PersonMapping = {
  readonly slackId: string;
  readonly emails: readonly string[];
  readonly github: string | null;
  readonly gitlab: string | null;
};

export type Repository = { readonly connection: string; readonly kind: ConnectionKind; readonly path: string };

export type App = {
  readonly name: string;
  readonly repository: Repository;
  /** Slack channel, `#name` or id. */
  readonly channel: string;
  readonly branch: string;
  readonly privacy: "normal" | "strict";
  /** In the order of the file: the order people think in. */
  readonly environments: readonly Environment[];
};

/** `@handle` of a user group, a Slack user id (`U...`) or an e-mail; display names are refused by the schema. */
export type PersonRef =
  | { readonly kind: "group"; readonly handle: string }
  | { readonly kind: "id"; readonly id: string }
  | { readonly kind: "email"; readonly email: string };

export type ApprovalRule = { readonly from: readonly PersonRef[]; readonly count: number; readonly expiresMs: number };

/** What starts a deployment here. An environment with none of the three is a configuration fault (invariant 6). */
export type Release =
  | { readonly mode: "approval"; readonly approval: ApprovalRule }
  | { readonly mode: "automatically" }
  | { readonly mode: "by_ci" };

export type After = { readonly environment: string; readonly forMs: number; readonly verdict: "succeeded" | "succeeded_or_unverified" };

export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";
/** Wall-clock window in its own time zone; `to` at or before `from` runs over midnight and belongs to its first day. */
export type FreezeWindow = {
  readonly days: readonly Weekday[];
  readonly from: string;
  readonly to: string;
  readonly timezone: string;
  readonly reason: string | null;
};

export type Environment = {
  readonly id: EnvironmentId;
  readonly app: string;
  readonly name: string;
  /** Names of stages that must have passed for a revision to be a candidate here. */
  readonly requires: readonly string[];
  readonly after: After | null;
  readonly needsValidation: boolean;
  readonly release: Release;
  readonly freeze: readonly FreezeWindow[];
  /** Null: approvers, requesters and on-call. */
  readonly rollbackFrom: readonly PersonRef[] | null;
  readonly onCall: readonly PersonRef[];
  readonly allow: { readonly guests: boolean; readonly teams: readonly string[] };
  readonly url: string | null;
  readonly onFailure: "hold" | "finish" | "rollback";
  readonly target: TargetConfig;
  readonly watch: Watch | null;
};

export type TargetConfig = SshTargetConfig;

export type Host = {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly directory: string;
};

export type SshTargetConfig = {
  readonly type: "ssh";
  readonly hosts: readonly Host[];
  readonly recipe: "django" | "script";
  /** Run before the django words, for example `["venv/bin/python", "manage.py"]`. */
  readonly manage: readonly string[];
  /** Where hosts fetch from; null: the `origin` they have. */
  readonly origin: string | null;
  readonly environment: Readonly<Record<string, string>>;
  /** Replaces a step's command. `{revision}`, `{app}`, `{environment}`, `{host}` are filled in as whole or part of a word. */
  readonly commands: Readonly<Partial<Record<StepName, readonly string[]>>>;
  readonly timeoutsSeconds: Readonly<Partial<Record<StepName, number>>>;
};

/** In the order in which they run: what can fail without harm comes before what changes the schema. */
export const STEP_NAMES = ["pull", "install", "check", "collectstatic", "migrate", "restart", "verify"] as const;
export type StepName = (typeof STEP_NAMES)[number];

export type Watch = {
  readonly forMs: number;
  /** Time between two looks of one monitor. */
  readonly everyMs: number;
  /** How much history before the deployment is compared with. */
  readonly baselineMs: number;
  readonly onRegression: "shadow" | "offer" | "rollback";
  readonly countdownMs: number;
  readonly sentry: SentryWatch | null;
  readonly http: HttpWatch | null;
};

export type SentryWatch = {
  readonly connection: string;
  readonly organization: string | null;
  readonly project: string;
  readonly environment: string;
  readonly releasePrefix: string;
};
export type HttpWatch = { readonly url: string; readonly timeoutMs: number };

export function findApp(config: Config, name: string): App | undefined {
  return config.apps.find((app) => app.name === name);
}

export function findEnvironment(config: Config, id: EnvironmentId): { readonly app: App; readonly environment: Environment } | undefined {
  for (const app of config.apps) {
    const environment = app.environments.find((candidate) => candidate.id === id);
    if (environment !== undefined) return { app, environment };
  }
  return undefined;
}
