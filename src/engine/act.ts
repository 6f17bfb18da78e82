import type { Database } from "../db/client.ts";
import { deploymentById } from "../db/deployments.ts";
import { recentRuns, runOf, type StoredRun } from "../db/runs.ts";
import { loadAfter, loadCandidates } from "../db/snapshot.ts";
import { followUnknownSteps } from "../db/steps.ts";
import { missingFor } from "../domain/candidate.ts";
import { findApp, type App, type Environment } from "../domain/config.ts";
import type { Command } from "../domain/environment.ts";
import { environmentId, parseSha, type DeploymentId, type Sha } from "../domain/ids.ts";
import type { Answer, Intent, Refusal } from "../domain/intent.ts";
import type { Actor } from "../domain/people.ts";
import { reasonOf } from "../domain/decide/decision.ts";
import { apply, type Applied } from "./apply.ts";
import { prepare, vouch } from "./consider.ts";
import { environmentOf, type Engine } from "./engine.ts";
import { chosenTo } from "./chosen-to.ts";
import { askForLog } from "./log-file.ts";
import { readLive } from "./read-live.ts";
import { approverNames, standingOf, type PersonFacts } from "./standing.ts";
import { statusRows } from "./status.ts";
import { redactedIntent } from "./without-secrets.ts";

/** Who wants it, and what is known of them. `override`: break-glass reason, from the command line only. */
export type Wanting = {
  readonly actor: Actor;
  readonly person: PersonFacts | null;
  readonly ours: boolean;
  readonly override?: string | null;
  /** Asked with the environment locked. False: this was carried out before, and its answer is stored. */
  readonly first?: (tx: Database) => Promise<boolean>;
};

/** One intent, many fronts: whatever a person presses, types or submits comes through here and meets the same gate. */
export async function act(
  engine: Engine,
  asked: Intent,
  by: Wanting,
  record: (tx: Database, answer: Answer) => Promise<void>,
): Promise<Answer> {
  const intent = redactedIntent(asked, engine.redactor);
  const override = by.override ?? null;
  const who = override === null ? by : { ...by, override: engine.redactor.redact(override) };
  switch (intent.kind) {
    case "help":
      return { kind: "help", command: engine.config.command, apps: engine.config.apps.map((app) => app.name) };
    case "status":
      return { kind: "status", rows: await statusRows(engine, intent.app), now: engine.clock() };
    case "deploy":
      return deploy(engine, intent, who, record);
    case "log_file":
      return askForLog(engine, intent, who);
    case "lock":
    case "unlock":
    case "validate":
      return hold(engine, intent, who, record);
    default:
      return pressed(engine, intent, who, record);
  }
}

type PressedIntent = Exclude<Intent, { kind: "help" | "status" | "deploy" | "log_file" | "lock" | "unlock" | "validate" }>;

async function pressed(
  engine: Engine,
  intent: PressedIntent,
  who: Wanting,
  record: (tx: Database, answer: Answer) => Promise<void>,
): Promise<Answer> {
  const deployment = await deploymentById(engine.db, intent.deployment);
  const known = deployment === null ? null : environmentOf(engine, deployment.environmentId);
  if (deployment === null || known === null)
    return no("Not done: this deployment is not known here any more.", "It may belong to another installation. Use the newest card.");
  const standing = await standingOf(engine, who.actor, who.person, who.ours, known.environment);
  const excluded = deployment.changes.authors.flatMap((author) => (author.slackId === null ? [] : [author.slackId]));
  const names = intent.kind === "approve" ? await approverNames(engine, known.environment, excluded) : [];
  const to = await chosenTo(engine, known, deployment, intent.kind === "roll_back" ? intent.to : null);
  if (to === null)
    return no(`Not rolled back: nothing by that name was live in ${known.environment.name}.`, "Choose one of the versions that ran there.");
  const shown = { counter: intent.counter, digest: intent.digest };
  const by = { standing, names, override: who.override ?? null, ...(to === undefined ? {} : { to }) };
  const command = { ...commandOf(engine, intent, by), shown };
  return applied(engine, deployment.environmentId, command, who, async (tx, answer) => {
    // A person wants the hosts asked again: what was lost is followed once more, under the same attempt.
    if (intent.kind === "resolve" && intent.way === "ask_hosts" && answer.kind === "done") await followUnknownSteps(tx, deployment.id);
    await record(tx, answer);
  });
}

function commandOf(
  engine: Engine,
  intent: PressedIntent,
  by: { standing: Extract<Command, { kind: "approve" }>["standing"]; names: readonly string[]; override: string | null; to?: Sha },
): Command {
  const { deployment } = intent;
  const { standing } = by;
  const id = engine.newId() as DeploymentId;
  switch (intent.kind) {
    case "approve":
      return { kind: "approve", standing, deployment, digest: intent.digest, override: by.override, approverNames: by.names };
    case "reject":
      return { kind: "reject", standing, deployment, reason: intent.reason };
    case "cancel":
      return { kind: "cancel", standing, deployment, thenRollBack: intent.thenRollBack, ...reasonOf(intent) };
    case "roll_back":
      return {
        kind: "roll_back",
        standing,
        deployment,
        reason: intent.reason,
        schema: intent.schema === true,
        id,
        ...(by.to === undefined ? {} : { to: by.to }),
      };
    case "stop_countdown":
      return { kind: "stop_countdown", standing, deployment };
    case "keep_watching":
      return { kind: "keep_watching", standing, deployment };
    case "on_it":
      return { kind: "on_it", standing, deployment };
    case "allow_again":
      return { kind: "allow_again", standing, deployment, reason: intent.reason };
    case "resolve":
      return { kind: "resolve", standing, deployment, way: intent.way, reason: intent.reason, id };
    default:
      return intent satisfies never;
  }
}

async function deploy(
  engine: Engine,
  intent: Extract<Intent, { kind: "deploy" }>,
  who: Wanting,
  record: (tx: Database, answer: Answer) => Promise<void>,
): Promise<Answer> {
  const place = placeOf(engine, intent.app, intent.environment);
  if (place === null) return no(`Not deployed: ${intent.app} has no environment ${intent.environment}.`, null);
  const { app, environment } = place;
  const stored = await wantedRun(engine, app, environment, intent.ref);
  if (stored === null)
    return no(
      `Not deployed: ${intent.ref === null ? `no version of ${app.name} has passed everything ${environment.name} requires` : `nothing here is called ${intent.ref}, or no pipeline ran for it`}.`,
      "Push it and let its pipeline run, or name a version from the list.",
    );
  const standing = await standingOf(engine, who.actor, who.person, who.ours, environment);
  const after = environment.after === null ? null : await loadAfter(engine.db, environmentId(app.name, environment.after.environment));
  const missing = [...missingFor(app, environment, stored.run, after)];
  const doubt = missing.length > 0 ? null : await vouch(engine, app, environment, stored);
  if (doubt !== null) missing.push({ rule: "requirements", text: doubt, owner: null, liftsAt: null });
  await readLive(engine, environment);
  const prepared = await prepare(engine, app, environment, stored.run.revision, stored);
  const command: Command = {
    kind: "request",
    standing,
    revision: stored.run.revision,
    runId: stored.run.id,
    ...prepared,
    missing,
    ...reasonOf(intent),
    id: engine.newId() as DeploymentId,
  };
  return applied(engine, environment.id, command, who, record);
}

/** Without a ref the newest candidate; else what the provider, or else the stored runs, know by that name. */
async function wantedRun(engine: Engine, app: App, environment: Environment, ref: string | null): Promise<StoredRun | null> {
  if (ref === null) {
    const [newest] = await loadCandidates(engine.db, environment.id);
    return newest === undefined ? null : runOf(engine.db, app.name, newest.revision);
  }
  const full = parseSha(ref);
  if (full !== null) return runOf(engine.db, app.name, full);
  const resolved = await engine.codeHost(app.repository.connection).resolve(app.repository.path, ref);
  if (resolved !== null) return runOf(engine.db, app.name, resolved);
  const short = /^[0-9a-f]{7,39}$/u.test(ref)
    ? (await recentRuns(engine.db, app.name, 200)).filter((stored) => stored.run.revision.startsWith(ref))
    : [];
  return short.length === 1 ? (short[0] ?? null) : null;
}

async function hold(
  engine: Engine,
  intent: Extract<Intent, { kind: "lock" | "unlock" | "validate" }>,
  who: Wanting,
  record: (tx: Database, answer: Answer) => Promise<void>,
): Promise<Answer> {
  const place = placeOf(engine, intent.app, intent.environment);
  if (place === null) return no(`Not done: ${intent.app} has no environment ${intent.environment}.`, null);
  const standing = await standingOf(engine, who.actor, who.person, who.ours, place.environment);
  const command: Command =
    intent.kind === "lock"
      ? { kind: "lock", standing, reason: intent.reason, until: new Date(engine.clock().getTime() + intent.forMs) }
      : { kind: intent.kind, standing, ...reasonOf(intent) };
  return applied(engine, place.environment.id, command, who, record);
}

function placeOf(engine: Engine, appName: string, environmentName: string): { app: App; environment: Environment } | null {
  const app = findApp(engine.config, appName);
  const environment = app?.environments.find((candidate) => candidate.name === environmentName);
  return app === undefined || environment === undefined ? null : { app, environment };
}

/** The answer is stored with the decision: after a crash the presser is told what really happened. */
async function applied(
  engine: Engine,
  id: Environment["id"],
  command: Command,
  who: Wanting,
  record: (tx: Database, answer: Answer) => Promise<void>,
): Promise<Answer> {
  let first = true;
  const outcome = await apply(engine, id, command, {
    before: async (tx) => (first = (await who.first?.(tx)) ?? true),
    after: async (tx, decided) => (first ? record(tx, answerOf(decided)) : undefined),
  });
  return answerOf(outcome);
}

function answerOf(outcome: Applied): Answer {
  return outcome.ok ? { kind: "done", text: outcome.value.answer } : { kind: "refused", refusal: outcome.refusal };
}

function no(title: string, change: string | null): Answer {
  const refusal: Refusal = { title, reasons: [], who: null, change };
  return { kind: "refused", refusal };
}
