import { hashOf } from "../domain/canonical.ts";
import type {
  App,
  Config,
  Connection,
  Environment,
  FreezeWindow,
  Host,
  HttpPage,
  HttpWatch,
  Observe,
  Release,
  SshTargetConfig,
  StepName,
  Watch,
} from "../domain/config.ts";
import { environmentId } from "../domain/ids.ts";
import type { EnvironmentDraft } from "./environment-yml.ts";
import type { AppDraft, ConnectionDraft, FileDraft } from "./greenlight-yml.ts";
import type { HostDraft } from "./host-yml.ts";
import { directoryOf, hostName } from "./place-rules.ts";
import { companionOf, repositoryOf } from "./typed-repository.ts";
import { requirementOf } from "./requirement-yml.ts";
import type { TargetDraft } from "./target-yml.ts";

/** The typed configuration of a file without faults. @throws when a rule was not asked before: a bug of the rules. */
export function typedConfig(file: FileDraft): Config {
  const connections = Object.entries(file.connections).map(([name, draft]) => connectionOf(name, draft));
  const content = {
    command: file.command,
    ...(file.timezone === undefined ? {} : { timezone: file.timezone }),
    connections,
    people: file.people.map((person) => ({
      slackId: person.slack,
      emails: person.emails,
      github: person.github ?? null,
      gitlab: person.gitlab ?? null,
    })),
    apps: Object.entries(file.apps).map(([name, draft]) => appOf(name, draft, { file, connections })),
  };
  return { hash: hashOf(content), ...content };
}

function connectionOf(name: string, draft: ConnectionDraft): Connection {
  const { type, ...rest } = draft;
  const secrets = Object.entries(rest).flatMap(([key, value]): [string, string][] => {
    if (typeof value === "object") return [[key, value.variable]];
    return key === "url" || value === undefined ? [] : [[key, value]];
  });
  const url = "url" in draft && typeof draft.url === "string" ? draft.url : null;
  return { name, kind: type, url, secrets: Object.fromEntries(secrets) };
}

function appOf(name: string, draft: AppDraft, context: { readonly file: FileDraft; readonly connections: readonly Connection[] }): App {
  const some = draft.with?.map((companion) => companionOf(companion, context.connections)) ?? [];
  const companions = some.length === 0 ? {} : { companions: some };
  return {
    name,
    repository: repositoryOf(draft.repository, context.connections),
    channel: draft.channel ?? context.file.channel ?? unruled("channel"),
    branch: draft.branch,
    ...companions,
    ...(draft.tickets === undefined ? {} : { tickets: draft.tickets }),
    ...(draft.small === undefined ? {} : { small: draft.small }),
    ...(draft.paths === undefined ? {} : { paths: draft.paths }),
    privacy: draft.privacy,
    ...(draft.visible_to === undefined ? {} : { visibleTo: draft.visible_to }),
    ...(draft.also === undefined || draft.also.length === 0
      ? {}
      : { also: draft.also.map((one) => ({ ...one, environments: one.environments ?? null })) }),
    ...(draft.stages === undefined ? {} : { stages: draft.stages }),
    ...(draft.broadcast ? {} : { broadcast: draft.broadcast }),
    environments: Object.entries(draft.environments).map(([key, environment]) => ({
      ...environmentOf(environment, { app: name, name: key, timezone: context.file.timezone }),
      ...companions,
    })),
  };
}

function environmentOf(
  draft: EnvironmentDraft,
  of: { readonly app: string; readonly name: string; readonly timezone: string | undefined },
): Environment {
  const { after } = draft;
  return {
    id: environmentId(of.app, of.name),
    app: of.app,
    name: of.name,
    requires: draft.requires.map(requirementOf),
    after: after === undefined ? null : { environment: after.environment, forMs: after.for, verdict: after.verdict },
    ...(draft.live_content === "warn" ? { liveContent: draft.live_content } : {}),
    ...(draft.acceptance === undefined ? {} : { acceptance: { stage: draft.acceptance.stage, start: draft.acceptance.start ?? null } }),
    needsValidation: draft.needs === "validation",
    release: releaseOf(draft, of.name),
    freeze: draft.freeze.map(freezeOf),
    rollbackFrom: draft.rollback?.from ?? null,
    onCall: draft.on_call,
    ...(draft.escalate === undefined
      ? {}
      : { escalate: { afterMs: draft.escalate.after, to: draft.escalate.to, timezone: of.timezone ?? "system" } }),
    allow: allowOf(draft.allow),
    url: draft.url ?? null,
    onFailure: draft.on_failure,
    target: draft.deploy === "by_ci" ? NO_TARGET : targetOf(draft.target ?? unruled("target"), of.app),
    watch: watchOf(draft.watch),
  };
}

/** With dates alone: those days, whole. */
function freezeOf({ days, dates, from, to, timezone, reason }: EnvironmentDraft["freeze"][number]): FreezeWindow {
  return {
    days: days ?? ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    ...(dates === undefined ? {} : { dates }),
    from: from ?? "00:00",
    to: to ?? "24:00",
    timezone,
    reason: reason ?? null,
  };
}

function releaseOf({ approval, deploy, by_ci: ciMeans }: EnvironmentDraft, name: string): Release {
  if (approval !== undefined) {
    const observed = deploy === "by_ci" ? observeOf(ciMeans, name) : null;
    const { from, count, expires, working_days: workingDays, override, cool_off: coolOffMs, unmapped_authors: unmapped } = approval;
    return {
      mode: "approval",
      approval: {
        from,
        count,
        expiresMs: expires,
        ...(workingDays === undefined ? {} : { workingDays }),
        ...(override === undefined ? {} : { override: override.from }),
        ...(coolOffMs === undefined ? {} : { coolOffMs }),
        ...(unmapped === "refuse" ? { unmappedAuthors: unmapped } : {}),
      },
      ...(observed === null ? {} : { gate: { name: observed.name } }),
    };
  }
  if (deploy === "by_ci") return { mode: deploy, observe: observeOf(ciMeans, name) };
  return { mode: deploy ?? unruled("deploy") };
}

/** Unless it is said, the provider's environment has the same name as ours. */
function observeOf(means: EnvironmentDraft["by_ci"], name: string): Observe {
  if (means?.stage !== undefined) return { kind: "stage", name: means.stage };
  return { kind: "environment", name: means?.environment ?? name };
}

/** Where CI deploys there is nothing for us to reach: a `target` that is left in the file is not used. */
const NO_TARGET: SshTargetConfig = {
  type: "ssh",
  hosts: [],
  recipe: "script",
  layout: { kind: "in_place" },
  services: [],
  install: null,
  backup: null,
  users: {},
  before: {},
  after: {},
  manage: [],
  origin: null,
  lockTimeoutMs: null,
  environment: {},
  commands: {},
  timeoutsSeconds: {},
  roll: { canary: 0, batch: 1, maxFailures: 0, pauseSeconds: 0, verifyTimes: 1, verifyEverySeconds: 2 },
};

function allowOf({ guests, teams }: EnvironmentDraft["allow"]): Environment["allow"] {
  const named = teams.flatMap((team) => (typeof team === "string" ? [] : [[team.id, team.name] as const]));
  const ids = teams.map((team) => (typeof team === "string" ? team : team.id));
  return { guests, teams: ids, ...(named.length === 0 ? {} : { teamNames: Object.fromEntries(named) }) };
}

function targetOf(draft: TargetDraft, app: string): SshTargetConfig {
  const timeouts: Partial<Record<StepName, number>> = { ...draft.timeouts };
  const { install, layout } = draft;
  return {
    type: draft.type,
    hosts: draft.hosts.map((host): Host => ({
      name: hostName(host),
      address: host.address,
      port: host.port,
      user: host.user,
      directory: directoryOf(host, draft) ?? unruled("directory"),
      ...(draft.type === "docker" ? { layout: "containers" as const } : layout === "releases" ? { layout } : {}),
      ...wayOf(host, draft),
    })),
    ...recipeOf(draft),
    layout: layout === "releases" ? { kind: layout, keep: draft.keep, shared: draft.shared } : { kind: layout },
    services: draft.services ?? (draft.recipe === "django" ? [app] : []),
    install: install === undefined || isCommand(install) ? null : install,
    backup: draft.backup ?? null,
    users: draft.users ?? {},
    before: draft.before ?? {},
    after: draft.after ?? {},
    manage: draft.manage ?? (install === undefined || isCommand(install) ? MANAGE : [`${install.venv}/bin/python`, "manage.py"]),
    origin: draft.origin ?? null,
    lockTimeoutMs: draft.lock_timeout === "off" ? null : draft.lock_timeout,
    environment: draft.environment,
    commands: { ...(install !== undefined && isCommand(install) ? { install } : {}), ...draft.commands },
    timeoutsSeconds: Object.fromEntries(Object.entries(timeouts).map(([step, ms]) => [step, ms / 1000])),
    roll: {
      canary: draft.roll.canary,
      batch: draft.roll.batch,
      maxFailures: draft.roll.max_failures,
      pauseSeconds: draft.roll.pause / 1000,
      verifyTimes: draft.roll.verify_times,
      verifyEverySeconds: draft.roll.verify_every / 1000,
    },
  };
}

/** The rules have asked that each type has what it needs. */
function recipeOf(draft: TargetDraft): Pick<SshTargetConfig, "recipe" | "docker" | "fabric"> {
  const { services, compose: files, variable } = draft;
  switch (draft.type) {
    case "ssh":
      return { recipe: draft.recipe ?? unruled("recipe") };
    case "docker": {
      const docker = { image: draft.image ?? unruled("image"), services: services ?? unruled("services"), files, variable };
      return { recipe: "docker", docker: { ...docker, waitSeconds: draft.wait / 1000 } };
    }
    case "fabric":
      return { recipe: "fabric", fabric: { argv: draft.task ?? unruled("task"), rollback: draft.rollback_task ?? null } };
    default:
      return draft.type satisfies never;
  }
}

const MANAGE = ["python3", "manage.py"];

function isCommand(install: NonNullable<TargetDraft["install"]>): install is readonly string[] & typeof install {
  return Array.isArray(install);
}

/** Enough looks to judge, not so many that a provider's rate limit is met: a 30th of the watch, from 5 s to 60 s. */
function everyMs(forMs: number): number {
  return Math.min(60_000, Math.max(5000, Math.round(forMs / 30)));
}

/** A health page that takes longer is not healthy for people either. */
const HTTP_TIMEOUT_MS = 10_000;

function watchOf(draft: EnvironmentDraft["watch"]): Watch | null {
  if (draft === undefined) return null;
  const { sentry, http } = draft;
  return {
    forMs: draft.for,
    everyMs: draft.every ?? everyMs(draft.for),
    baselineMs: draft.baseline,
    onRegression: draft.on_regression,
    countdownMs: draft.countdown,
    // Absent unless wanted: what was approved before does not change by it.
    ...(draft.unseen === "hold" ? { unseen: draft.unseen } : {}),
    sentry:
      sentry === undefined
        ? null
        : {
            connection: sentry.connection,
            organization: sentry.organization ?? null,
            project: sentry.project,
            environment: sentry.environment,
            releasePrefix: sentry.release_prefix,
            // Absent unless said: what was approved before does not change by it.
            ...(sentry.server_side ? { serverSide: true } : {}),
          },
    http: http === undefined ? null : httpWatchOf(http),
  };
}

function httpWatchOf(http: NonNullable<NonNullable<EnvironmentDraft["watch"]>["http"]>): HttpWatch {
  const also = (http.also ?? []).map(pageOf);
  const { revision } = http;
  const page = { ...pageOf(http), timeoutMs: HTTP_TIMEOUT_MS };
  return { ...page, ...(also.length === 0 ? {} : { also }), ...(revision === undefined ? {} : { revision }) };
}

function pageOf({ url, contains }: { readonly url: string; readonly contains?: string | undefined }): HttpPage {
  return { url, ...(contains === undefined ? {} : { contains }) };
}

/** Absent unless given: what an approval was given for does not change by words that are not there. */
function wayOf(host: HostDraft, target: TargetDraft): Pick<Host, "connection" | "jump"> {
  const connection = host.connection ?? target.connection;
  const jump = host.jump ?? target.jump;
  return { ...(connection === "default" ? {} : { connection }), ...(jump.length === 0 ? {} : { jump }) };
}

function unruled(what: string): never {
  throw new Error(`the configuration has no ${what} and no rule said so: report this`);
}
