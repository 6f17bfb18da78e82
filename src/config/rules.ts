import type { ConnectionKind } from "../domain/config.ts";
import { companionRules, rawCompanions } from "./companion-rules.ts";
import { RepositoryWord } from "./companion-yml.ts";
import { environmentRules } from "./environment-rules.ts";
import type { Finding, Path } from "./fault.ts";
import { has, isMap } from "./findings.ts";
import { choiceInstead } from "./nearest.ts";
import { orderRules } from "./order-rules.ts";
import type { AppPart, EnvironmentPart, Parts } from "./parts.ts";
import { parseRepository } from "./repository.ts";
import { placeRules } from "./place-rules.ts";

/** What no single key can tell: rules over several keys, environments and apps. Each looks at what is well-formed by itself. */
export function ruleFindings(parts: Parts): readonly Finding[] {
  const environments = parts.apps.flatMap((app) => app.environments);
  return [
    ...connectionNames(parts),
    ...people(parts),
    ...parts.apps.flatMap((app) => [...appRules(app, parts), ...orderRules(app), ...companionRules(app)]),
    ...environments.flatMap((environment) => [
      ...environmentRules(environment),
      ...sentryConnection(environment, parts),
      ...sshConnections(environment, parts),
      ...pagerConnection(environment, parts),
      ...rosterConnections(environment, parts),
    ]),
    ...placeRules(environments),
  ];
}

/** Words with which a repository or a command begins: as names they would be ambiguous. */
const RESERVED_CONNECTIONS: ReadonlySet<string> = new Set(["default", "github", "gitlab", "ci", "sentry", "ssh"]);
const RESERVED_APPS: ReadonlySet<string> = new Set(["help", "status", "deploy", "approve", "rollback", "cancel", "lock", "unlock"]);

function connectionNames(parts: Parts): readonly Finding[] {
  return [...parts.connections.keys()]
    .filter((name) => RESERVED_CONNECTIONS.has(name))
    .map((name) => ({
      path: ["connections", name],
      at: "key",
      says: `a connection named \`${name}\``,
      write: "another name, such as `acme-git`; the connection `default` of each kind comes from the environment",
    }));
}

function appRules(app: AppPart, parts: Parts): readonly Finding[] {
  const findings: Finding[] = [];
  if (RESERVED_APPS.has(app.name)) {
    findings.push({
      path: app.path,
      at: "key",
      says: "a name that is a word of the slash command",
      write: `another name, such as \`${app.name}-app\``,
    });
  }
  if (!has(app.raw, "channel") && parts.channel === undefined) {
    findings.push({
      path: app.path,
      at: "key",
      says: "no `channel`",
      write: `\`channel: "#${app.name}-deploys"\` here, or one \`channel:\` at the top of the file for all apps`,
    });
  }
  findings.push(...alsoRules(app));
  const repository = app.raw["repository"];
  if (typeof repository === "string" && RepositoryWord.safeParse(repository).success)
    findings.push(...repositoryRules(repository, { path: [...app.path, "repository"], parts }), ...gateRules(app, repository, parts));
  for (const { raw, path } of rawCompanions(app)) {
    const words = raw["repository"];
    if (typeof words === "string" && RepositoryWord.safeParse(words).success)
      findings.push(...repositoryRules(words, { path: [...path, "repository"], parts }));
  }
  return findings;
}

/** A name that is none would mean that nothing is heard there. */
function alsoRules(app: AppPart): readonly Finding[] {
  const known = app.environments.map((environment) => environment.name);
  const channels: readonly unknown[] = Array.isArray(app.raw["also"]) ? app.raw["also"] : [];
  return channels.flatMap((channel, index) => {
    const named: readonly unknown[] = isMap(channel) && Array.isArray(channel["environments"]) ? channel["environments"] : [];
    return named.flatMap((name, at): readonly Finding[] =>
      typeof name !== "string" || known.includes(name)
        ? []
        : [
            {
              path: [...app.path, "also", index, "environments", at],
              at: "value",
              says: `the environment \`${name}\`, which this app does not have`,
              write: choiceInstead(name, known),
            },
          ],
    );
  });
}

function repositoryRules(words: string, at: { readonly path: Path; readonly parts: Parts }): readonly Finding[] {
  const name = words.slice(0, words.indexOf(":"));
  const known = at.parts.connections;
  if (known.get(name) === null) return [];
  const parsed = parseRepository(words, known);
  if (parsed.ok) return parsed.value.kind === "ci" ? ownSecret(words, at) : [];
  const kinds = [...known].filter(([, kind]) => kind !== "sentry" && kind !== "ssh" && kind !== "pager").map(([declared]) => declared);
  const write = parsed.refusal === "connection" ? choiceInstead(name, ["github", "gitlab", "ci", ...kinds]) : parsed.write;
  const says = parsed.refusal === "connection" ? `the connection \`${name}\`, which is not under \`connections:\`` : JSON.stringify(words);
  return [{ path: at.path, at: "value", says, write: parsed.refusal === "connection" ? `${write} before the colon` : write }];
}

/** Only GitHub has gates that ask somebody else: an approval that nobody would ever be asked for is a lie. */
function gateRules(app: AppPart, repository: string, parts: Parts): readonly Finding[] {
  const parsed = parseRepository(repository, parts.connections);
  if (!parsed.ok || parsed.value.kind === "github") return [];
  return app.environments
    .filter(({ raw }) => has(raw, "approval") && raw["deploy"] === "by_ci")
    .map(({ path }) => ({
      path: [...path, "deploy"],
      at: "value",
      says: "`by_ci` beside `approval` for a repository that is not on GitHub, whose CI asks nobody",
      write: "one of them: `approval` with a `target`, or `deploy: by_ci` alone",
    }));
}

/** No API says who is right: whoever holds the secret of one repository must not be able to speak for another one. */
function ownSecret(words: string, at: { readonly path: Path; readonly parts: Parts }): readonly Finding[] {
  const connection = words.slice(0, words.indexOf(":"));
  const first = at.parts.apps
    .flatMap((app) => [app.raw["repository"], ...rawCompanions(app).map(({ raw }) => raw["repository"])])
    .find((other) => typeof other === "string" && other.slice(0, other.indexOf(":")) === connection);
  if (first === undefined || String(first).toLowerCase() === words.toLowerCase()) return [];
  return [
    {
      path: at.path,
      at: "value",
      says: `\`${words}\` beside \`${String(first)}\`: with one secret, the CI of one could call the other green`,
      write: `a connection of its own, as in \`connections: { acme-ci: { type: ci, webhook_secret: env:ACME_CI_SECRET } }\`, and its name before the colon`,
    },
  ];
}

function sentryConnection(environment: EnvironmentPart, parts: Parts): readonly Finding[] {
  const name = environment.draft.watch?.sentry?.connection;
  return name === undefined
    ? []
    : connectionOfKind("sentry", { name, path: [...environment.path, "watch", "sentry", "connection"], parts });
}

function pagerConnection(environment: EnvironmentPart, parts: Parts): readonly Finding[] {
  const name = environment.draft.escalate?.to;
  return name === undefined ? [] : connectionOfKind("pager", { name, path: [...environment.path, "escalate", "to"], parts });
}

function rosterConnections(environment: EnvironmentPart, parts: Parts): readonly Finding[] {
  const entries = environment.draft.on_call ?? [];
  return entries.flatMap((entry, index) =>
    entry.kind !== "roster"
      ? []
      : connectionOfKind("roster", { name: entry.connection, path: [...environment.path, "on_call", index, "roster"], parts }),
  );
}

function sshConnections(environment: EnvironmentPart, parts: Parts): readonly Finding[] {
  const { target } = environment.draft;
  if (target === undefined) return [];
  const path = [...environment.path, "target"];
  const named = [
    { name: target.connection, path: [...path, "connection"] },
    ...target.hosts.map((host, index) => ({ name: host.connection ?? "default", path: [...path, "hosts", index, "connection"] })),
  ];
  return named.flatMap((one) => connectionOfKind("ssh", { ...one, parts }));
}

/** `default` is always there, but no pager and no roster is; a connection whose own shape is at fault is not blamed twice. */
function connectionOfKind(
  wanted: "sentry" | "ssh" | "pager" | "roster",
  { name, path, parts }: { readonly name: string; readonly path: Path; readonly parts: Parts },
): readonly Finding[] {
  const hasDefault = wanted === "sentry" || wanted === "ssh";
  if (name === "default" && hasDefault) return [];
  const kind: ConnectionKind | null | undefined = parts.connections.get(name);
  if (kind === wanted || kind === null) return [];
  const known = [
    ...(hasDefault ? ["default"] : []),
    ...[...parts.connections].filter(([, each]) => each === wanted).map(([declared]) => declared),
  ];
  const says =
    kind === undefined
      ? `the connection \`${name}\`, which is not under \`connections:\``
      : `the connection \`${name}\`, which is of type ${kind}`;
  return [
    {
      path,
      at: "value",
      says,
      write:
        known.length === 0
          ? `\`${name}: { type: ${wanted}, ... }\` under \`connections:\``
          : `${choiceInstead(name, known)}, a connection of type ${wanted}`,
    },
  ];
}

/** One login of two people would let the author of a change approve it as somebody else. */
function people(parts: Parts): readonly Finding[] {
  const seen = new Map<string, Path>();
  return parts.people.flatMap(({ path, draft }) => {
    const names: readonly (readonly [string, Path])[] = [
      [`slack ${draft.slack}`, [...path, "slack"]],
      ...draft.emails.map((email, index): readonly [string, Path] => [`email ${email}`, [...path, "emails", index]]),
      ...(draft.github === undefined ? [] : [[`github ${draft.github.toLowerCase()}`, [...path, "github"]] as const]),
      ...(draft.gitlab === undefined ? [] : [[`gitlab ${draft.gitlab.toLowerCase()}`, [...path, "gitlab"]] as const]),
    ];
    return names.flatMap(([name, where]): Finding[] => {
      const first = seen.get(name);
      if (first === undefined) seen.set(name, where);
      return first === undefined
        ? []
        : [
            {
              path: where,
              at: "value",
              says: `\`${name.slice(name.indexOf(" ") + 1)}\` a second time`,
              write: "each account under one person",
            },
          ];
    });
  });
}
