import type { DateRange, FreezeWindow, Weekday } from "./freeze-window.ts";
import type { Companion } from "./companion.ts";
import type { Acceptance, Observe, Small, Tickets } from "./ci-config.ts";
import type { Escalate } from "./escalate.ts";
import type { EnvironmentId } from "./ids.ts";
import type { DockerRecipe } from "./recipe/docker.ts";
import type { FabricRecipe } from "./recipe/fabric.ts";
import type { Requirement } from "./requirement.ts";
import type { HttpPage, HttpWatch, SentryWatch, Watch } from "./watch-config.ts";

export type { Acceptance, DateRange, FreezeWindow, Observe, Small, Tickets, Weekday };
export type { HttpPage, HttpWatch, SentryWatch, Watch };

/** The configuration as typed values; `config/greenlight-yml.ts` parses the file into it, nothing else makes one. */
export type Config = {
  /** SHA-256 of the canonical JSON of everything below. */
  readonly hash: string;
  /** The slash command, with its slash. `/deploy` is often taken. */
  readonly command: string;
  readonly connections: readonly Connection[];
  /** Maps the providers' people to Slack where e-mail does not. */
  readonly people: readonly PersonMapping[];
  /** For times that cannot be shown in each reader's own zone: titles and notifications of channels. IANA name; absent: TZ of the process. */
  readonly timezone?: string;
  readonly apps: readonly App[];
};

/** Providers that an account can be at. */
export type ConnectionKind = "github" | "gitlab" | "ci" | "sentry" | "ssh" | "pager" | "roster";
/** A named account at a provider. The names of the environment variables, never their values, are part of the configuration. */
export type Connection = {
  readonly name: string;
  readonly kind: ConnectionKind;
  readonly url: string | null;
  readonly secrets: Readonly<Record<string, string>>;
};

/** One person at the providers, where the e-mail address does not tell. */
export type PersonMapping = {
  readonly slackId: string;
  readonly emails: readonly string[];
  readonly github: string | null;
  readonly gitlab: string | null;
};

/** Where an app's code is: an account and a path at it, such as `acme/shop`. */
export type Repository = { readonly connection: string; readonly kind: ConnectionKind; readonly path: string };

/** What is deployed: a repository and its environments. */
export type App = {
  readonly name: string;
  readonly repository: Repository;
  /** Slack channel, `#name` or id. */
  readonly channel: string;
  readonly branch: string;
  /** Its part of the repository: folders and patterns. Absent: all of it. */
  readonly paths?: readonly string[];
  /** Other repositories whose code it runs with. Absent: none. */
  readonly companions?: readonly Companion[];
  /** Of what is a companion's alone: the app that it belongs to. Absent: it is an app. */
  readonly companionOf?: string;
  /** Absent: titles name no tickets. */
  readonly tickets?: Tickets;
  /** Absent: nobody is told. */
  readonly small?: Small;
  readonly privacy: "normal" | "strict";
  /** Who may know that there is such an app, besides those whom its environments name. Absent: everybody of the team but guests. */
  readonly visibleTo?: readonly PersonRef[];
  /** Other channels that hear of what goes wrong. Absent: none. */
  readonly also?: readonly AlsoChannel[];
  /** Names of the CI stages that cards list; one that fails is listed all the same. Absent: all. */
  readonly stages?: readonly string[];
  /** A regression and a failed rollback stay in the thread instead of being shown in the channel too. Absent: shown. */
  readonly broadcast?: false;
  /** In the order of the file: the order people think in. */
  readonly environments: readonly Environment[];
};

/** A channel besides the app's own, and what it gets: failed, regression, rolled back; `environments` null: of all. */
export type AlsoChannel = { readonly channel: string; readonly only: "failures"; readonly environments: readonly string[] | null };

/** `@handle` of a user group, a Slack user id (`U...`) or an e-mail; display names are refused by the schema. */
export type PersonRef =
  | { readonly kind: "group"; readonly handle: string }
  | { readonly kind: "id"; readonly id: string }
  | { readonly kind: "email"; readonly email: string };

/** Who is on call: people by name, or whom the connection of a duty roster names at the moment it is asked. */
export type OnCallRef = PersonRef | { readonly kind: "roster"; readonly connection: string };

/** Whose yes counts, how many are needed, and for how many milliseconds they may be waited for. What is absent is not wanted. */
export type ApprovalRule = {
  readonly from: readonly PersonRef[];
  readonly count: number;
  readonly expiresMs: number;
  /** Hours of Saturday and Sunday in this time zone (IANA) do not count for `expiresMs`. */
  readonly workingDays?: string;
  /** Break-glass: who may deploy without the yeses, with a reason. Absent: nobody. */
  readonly override?: readonly PersonRef[];
  /** Milliseconds for which somebody who joined a user group of `from` does not decide yet. */
  readonly coolOffMs?: number;
  /** Nobody may say yes while an author is not known to Slack. Absent: such authors are only named. */
  readonly unmappedAuthors?: "refuse";
};

/** What starts a deployment here. An environment with none of the three is a configuration fault (invariant 6). */
export type Release =
  /** `gate`: CI deploys there, by the provider's environment of that name, and a yes lets it pass. Absent: Greenlight deploys. */
  | { readonly mode: "approval"; readonly approval: ApprovalRule; readonly gate?: { readonly name: string } }
  | { readonly mode: "automatically" }
  | { readonly mode: "by_ci"; readonly observe: Observe };

/** The environment that comes first: live there for `forMs`, with this verdict or better. */
export type After = { readonly environment: string; readonly forMs: number; readonly verdict: "succeeded" | "succeeded_or_unverified" };

/** A named target of an app: how it is deployed, what that requires, who may approve, what is watched. */
export type Environment = {
  readonly id: EnvironmentId;
  readonly app: string;
  readonly name: string;
  /** Stages that must have passed for a revision to be a candidate here. */
  readonly requires: readonly Requirement[];
  readonly after: After | null;
  /** The stage that tests what is live here; absent: none is known to. */
  readonly acceptance?: Acceptance;
  /** A version that lacks commits which are live is deployed all the same, with a warning. Absent: it is refused. */
  readonly liveContent?: "warn";
  readonly needsValidation: boolean;
  readonly release: Release;
  readonly freeze: readonly FreezeWindow[];
  /** Null: approvers, requesters and on-call. */
  readonly rollbackFrom: readonly PersonRef[] | null;
  readonly onCall: readonly OnCallRef[];
  /** The pager that is called when nobody takes a regression for so many milliseconds. Absent: none. */
  readonly escalate?: Escalate;
  /** `teamNames`: how people call a listed team, by its id; absent: by the id. */
  readonly allow: { readonly guests: boolean; readonly teams: readonly string[]; readonly teamNames?: Readonly<Record<string, string>> };
  readonly url: string | null;
  readonly onFailure: "hold" | "finish" | "rollback";
  readonly target: TargetConfig;
  /** Those of the app. Absent: none. */
  readonly companions?: readonly Companion[];
  readonly watch: Watch | null;
};

/** What carries a deployment there. */
export type TargetConfig = SshTargetConfig;

/** A server on the way to others (SSH's ProxyJump). */
export type JumpHost = { readonly address: string; readonly port: number; readonly user: string };

/** One server. `directory` may begin with `~/`. */
export type Host = {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly directory: string;
  /** The connection whose SSH keys open it and its jump hosts; absent: `default`. */
  readonly connection?: string;
  /** Servers to go through, in order; absent: none. */
  readonly jump?: readonly JumpHost[];
  /** What is live is read from `current` there, or from what was brought up last; absent: from the directory itself. */
  readonly layout?: "releases" | "containers";
};

/** How revisions lie in a host's directory: one checkout, or a folder each and a link `current` to the one that is live. */
export type Layout =
  | { readonly kind: "in_place" }
  | {
      readonly kind: "releases";
      /** How many releases stay on a host; what is live and what was live before it always stay. */
      readonly keep: number;
      /** What all releases share, below `shared/` on the host. */
      readonly shared: readonly SharedPath[];
    };

/** A path below a release that is a link into `shared/`. A file must be there before the first deployment; a folder is made. */
export type SharedPath = { readonly kind: "file" | "folder"; readonly path: string };

/** Where Python packages go: a virtual environment below the checkout or the release, filled by pip or uv. */
export type Install = {
  readonly kind: "pip" | "uv";
  readonly requirements: string;
  readonly venv: string;
  /** Makes the virtual environment, for example `python3.12`. */
  readonly python: string;
};

/** Commands as lists of words, in the order in which they run. */
export type Commands = readonly (readonly string[])[];

/** Servers that are deployed to over SSH, by a recipe whose commands can be replaced. */
export type SshTargetConfig = {
  readonly type: "ssh" | "docker" | "fabric";
  /** With `fabric` the first one runs `fab`, which deploys to the others. */
  readonly hosts: readonly Host[];
  readonly recipe: "django" | "script" | "docker" | "fabric";
  /** Of recipe `docker`. */
  readonly docker?: DockerRecipe;
  /** Of recipe `fabric`. */
  readonly fabric?: FabricRecipe;
  readonly layout: Layout;
  /** Units of systemd, restarted in this order. */
  readonly services: readonly string[];
  /** Null: nothing is installed, or a command of the user's own does it. */
  readonly install: Install | null;
  /** Saves the database before a migration that loses data; null: there is no such command. */
  readonly backup: readonly string[] | null;
  /** Who runs a step, its `before` and its `after`, by `sudo -n -u`; otherwise the host's user. */
  readonly users: Readonly<Partial<Record<StepName, string>>>;
  readonly before: Readonly<Partial<Record<StepName, Commands>>>;
  readonly after: Readonly<Partial<Record<StepName, Commands>>>;
  /** Run before the django words, for example `["venv/bin/python", "manage.py"]`. */
  readonly manage: readonly string[];
  /** Where hosts fetch from; null: the `origin` they have. */
  readonly origin: string | null;
  /** How long a migration waits for a lock on PostgreSQL before it gives up; null: for ever. */
  readonly lockTimeoutMs: number | null;
  readonly environment: Readonly<Record<string, string>>;
  /** Replaces a step's command. `{revision}`, `{app}`, `{environment}`, `{host}` are filled in as whole or part of a word. */
  readonly commands: Readonly<Partial<Record<StepName, readonly string[]>>>;
  readonly timeoutsSeconds: Readonly<Partial<Record<StepName, number>>>;
  readonly roll: Roll;
};

/** How hosts change over: a few first, then batches; how many may break, and how often a host must show the new revision. */
export type Roll = {
  /** Hosts of the first batch: if one of them fails, nothing follows. 0: the first batch is like the others. */
  readonly canary: number;
  /** Hosts that change over side by side. */
  readonly batch: number;
  /** Hosts that may fail before the roll stops. */
  readonly maxFailures: number;
  /** Between two batches. */
  readonly pauseSeconds: number;
  /** How many times in a row `verify` must succeed on a host, and how long it waits between two. */
  readonly verifyTimes: number;
  readonly verifyEverySeconds: number;
};

/** In the order in which they run: what can fail without harm comes before what changes the schema. */
export const STEP_NAMES = [
  "pull",
  "install",
  "check",
  "collectstatic",
  /** Reads in the new code what the migrations would do. */
  "preview",
  "backup",
  "migrate",
  /** Makes a release the live one; layout `releases` only. */
  "switch",
  /** The team's own command that does it all; target `fabric` only. */
  "run",
  "restart",
  "verify",
] as const;
/** A step's name: what people read on the card and what `commands` replaces. */
export type StepName = (typeof STEP_NAMES)[number];

/** The app of that name, if it is configured. */
export function findApp(config: Config, name: string): App | undefined {
  return config.apps.find((app) => app.name === name);
}

/** The environment and its app, if both are configured. */
export function findEnvironment(config: Config, id: EnvironmentId): { readonly app: App; readonly environment: Environment } | undefined {
  for (const app of config.apps) {
    const environment = app.environments.find((candidate) => candidate.id === id);
    if (environment !== undefined) return { app, environment };
  }
  return undefined;
}
