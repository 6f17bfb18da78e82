import type { App, ApprovalRule, Config, Environment, FreezeWindow, Host, JumpHost, PersonRef, Watch } from "../domain/config.ts";
import { namesNoRevision } from "../domain/recipe/unbound.ts";
import { namedOnCall, rostersOf } from "../domain/duty.ts";
import { requirementText } from "../domain/requirement.ts";

/** The configuration in plain words, so that its author can see whether it says what was meant. Shows no value that may be a secret. */
export function summaryOf(config: Config): string {
  const apps = config.apps.map((app) =>
    [appLine(app), ...app.environments.flatMap((environment) => environmentLines(environment))].join("\n"),
  );
  return [`command ${config.command}, configuration ${config.hash.slice(0, 12)}`, ...apps].join("\n\n");
}

function appLine({ name, repository, branch, channel, privacy }: App): string {
  const source = repository.connection === "default" ? repository.kind : repository.connection;
  const strict = privacy === "strict" ? ", privacy strict" : "";
  return `${name}: ${source}:${repository.path}, branch ${branch}, channel ${channel}${strict}`;
}

function environmentLines(environment: Environment): readonly string[] {
  if (environment.release.mode === "by_ci") return [`  ${environment.name}`, `    ${"deployed".padEnd(12)}${startOf(environment)}`];
  const rows: readonly (readonly [string, string | null])[] = [
    ["starts", startOf(environment)],
    ["requires", requirementsOf(environment)],
    ["frozen", environment.freeze.length === 0 ? null : environment.freeze.map(freezeText).join("; ")],
    ["goes to", `${environment.target.hosts.map(hostText).join(", ")} (${recipeText(environment)})`],
    ["roll", rollText(environment)],
    ["rollback", environment.rollbackFrom === null ? "by approvers, requesters and on-call" : `by ${peopleText(environment.rollbackFrom)}`],
    ["on call", environment.onCall.length === 0 ? null : onCallText(environment)],
    ["escalates", escalateText(environment)],
    ["guests", guestsOf(environment)],
    ["on failure", environment.onFailure],
    ["watch", environment.watch === null ? "none: each deployment ends as not verified" : watchText(environment.watch)],
    ...notesOf(environment).map((note) => ["note", note] as const),
  ];
  return [`  ${environment.name}`, ...rows.flatMap(([word, words]) => (words === null ? [] : [`    ${word.padEnd(12)}${words}`]))];
}

/** How several servers change over; nothing for one, where there is nothing to say. */
function rollText({ target: { hosts, roll } }: Environment): string | null {
  if (hosts.length < 2 && roll.verifyTimes === 1) return null;
  const first = roll.canary === 0 ? [] : [`${roll.canary} first`];
  const batch = roll.batch === 1 ? "one after the other" : `${roll.batch} at a time`;
  const pause = roll.pauseSeconds === 0 ? [] : [`${durationText(roll.pauseSeconds * 1000)} apart`];
  const failures = roll.maxFailures === 0 ? "the first failure stops it" : `it stops when more than ${roll.maxFailures} fail`;
  const verify = roll.verifyTimes === 1 ? [] : [`verified ${roll.verifyTimes} times in a row`];
  return [...first, batch, ...pause, failures, ...verify].join(", ");
}

function approvalTexts({ workingDays, override, coolOffMs, unmappedAuthors }: ApprovalRule): readonly string[] {
  return [
    workingDays === undefined ? null : `weekends in ${workingDays} do not count`,
    override === undefined ? null : `${peopleText(override)} may override, with a reason`,
    coolOffMs === undefined ? null : `new members of a group decide after ${durationText(coolOffMs)}`,
    unmappedAuthors === undefined ? null : "nobody may say yes while an author is unknown to Slack",
  ].filter((text) => text !== null);
}

function startOf({ release }: Environment): string {
  switch (release.mode) {
    case "approval": {
      const { count, from, expiresMs } = release.approval;
      const rule = `by ${count} ${count === 1 ? "approval" : "approvals"} of ${peopleText(from)}`;
      return [rule, `an approval counts for ${durationText(expiresMs)}`, ...approvalTexts(release.approval)].join("; ");
    }
    case "automatically":
      return "automatically, with each candidate: nobody is asked";
    case "by_ci":
      return release.observe.kind === "stage"
        ? `by CI, when its stage ${release.observe.name} has passed: Greenlight records what is live`
        : `by CI, when it records a deployment to ${release.observe.name}: Greenlight records what is live`;
    default:
      return release satisfies never;
  }
}

function requirementsOf({ requires, after, needsValidation }: Environment): string {
  const verdict = after?.verdict === "succeeded" ? " and healthy" : "";
  const words = [
    ...requires.map(requirementText),
    ...(after === null ? [] : [`live on ${after.environment} for ${durationText(after.forMs)}${verdict}`]),
    ...(needsValidation && after !== null ? [`validated on ${after.environment}`] : []),
  ];
  return words.length === 0 ? "nothing: each revision of the branch is a candidate" : words.join(", ");
}

function freezeText({ days, from, to, timezone, reason }: FreezeWindow): string {
  return `${days.join(", ")} from ${from} to ${to} ${timezone}${reason === null ? "" : ` (${reason})`}`;
}

function hostText(host: Host): string {
  const through = host.jump === undefined ? "" : ` through ${host.jump.map(serverText).join(", ")}`;
  const keys = host.connection === undefined ? "" : ` with the keys of ${host.connection}`;
  return `${serverText(host)} ${host.directory}${through}${keys}`;
}

function serverText({ address, port, user }: JumpHost): string {
  const host = address.includes(":") ? `[${address}]` : address;
  return `${user}@${host}${port === 22 ? "" : `:${port}`}`;
}

function escalateText({ escalate }: Environment): string | null {
  return escalate === undefined ? null : `to ${escalate.to} when nobody takes a regression for ${durationText(escalate.afterMs)}`;
}

function guestsOf({ allow }: Environment): string | null {
  const words = [...(allow.guests ? ["guests"] : []), ...allow.teams.map((team) => `people of team ${team}`)];
  return words.length === 0 ? null : `${words.join(" and ")} may act when listed`;
}

function watchText({ forMs, everyMs, sentry, http, onRegression, countdownMs }: Watch): string {
  const monitors = [
    ...(sentry === null ? [] : [`Sentry ${sentry.project} (${sentry.environment})`]),
    // Without what follows `?`: it may hold a key.
    ...(http === null ? [] : [http.url.replace(/[?#].*$/, "")]),
  ];
  const then = { shadow: "is only recorded", offer: "offers the rollback", rollback: `rolls back after ${durationText(countdownMs)}` }[
    onRegression
  ];
  return `${durationText(forMs)}, every ${durationText(everyMs)}: ${monitors.join(", ")}; a regression ${then}`;
}

function recipeText({ target: { recipe, layout } }: Environment): string {
  if (layout.kind === "in_place") return recipe;
  const shared = layout.shared.map(({ kind, path }) => (kind === "folder" ? `${path}/` : path)).join(", ");
  return `${recipe}, ${layout.keep} releases kept${shared === "" ? "" : `, sharing ${shared}`}`;
}

/** What the file says and Greenlight cannot keep. */
function notesOf({ target }: Environment): readonly string[] {
  return namesNoRevision(target) ? ["no command names {revision}: what is deployed may not be what was approved, and fails then"] : [];
}

/** Who that is now is not in the file: `greenlight doctor` asks. */
function onCallText(environment: Environment): string {
  const rosters = rostersOf(environment).map((name) => `whoever the roster ${name} names`);
  return [peopleText(namedOnCall(environment)), ...rosters].filter((text) => text !== "").join(", ");
}

function peopleText(people: readonly PersonRef[]): string {
  return people.map((ref) => (ref.kind === "group" ? ref.handle : ref.kind === "id" ? ref.id : ref.email)).join(", ");
}

/** The largest unit that gives a whole number, as the file writes it. */
function durationText(ms: number): string {
  if (ms === 0) return "0s";
  if (ms % 86_400_000 === 0 && ms > 86_400_000) return `${ms / 86_400_000}d`;
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  return ms % 60_000 === 0 ? `${ms / 60_000}m` : `${ms / 1000}s`;
}
