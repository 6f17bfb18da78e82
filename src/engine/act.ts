import { alarmOf } from "../db/alarms.ts";
import type { Database } from "../db/client.ts";
import { deploymentById } from "../db/deployments.ts";
import { runOf, type StoredRun } from "../db/runs.ts";
import { loadCandidates } from "../db/snapshot.ts";
import { followUnknownSteps } from "../db/steps.ts";
import { findApp, type App, type Environment } from "../domain/config.ts";
import type { Command } from "../domain/environment.ts";
import type { DeploymentId } from "../domain/ids.ts";
import type { Answer, Intent, Refusal } from "../domain/intent.ts";
import type { Actor } from "../domain/people.ts";
import { reasonOf } from "../domain/decide/decision.ts";
import { alarmNamed } from "./alarm-named.ts";
import { apply, type Applied } from "./apply.ts";
import { askable } from "./askable.ts";
import { delegationOrders } from "./delegate.ts";
import { environmentOf, type Engine } from "./engine.ts";
import { chosenTo } from "./chosen-to.ts";
import { holdCommand, type HoldIntent } from "./hold-command.ts";
import { askForLog } from "./log-file.ts";
import { mute } from "./mute.ts";
import { commandOf, type PressedIntent } from "./press-command.ts";
import { lookedAt } from "./looked-at.ts";
import { answerTo, helpOf } from "./questions.ts";
import { seenBy, sees, SlackSilent } from "./seen-by.ts";
import { approverNames, fourEyes, standingOf, type PersonFacts } from "./standing.ts";
import { revisionNamed } from "./revision-named.ts";
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
  whole: Engine,
  asked: Intent,
  by: Wanting,
  record: (tx: Database, answer: Answer) => Promise<void>,
): Promise<Answer> {
  const pressing = "deployment" in asked;
  if (by.actor.kind === "slack" && by.person === null && !pressing) return no("Not done: Slack did not say who you are.", "Ask again.");
  const engine = await seenBy(whole, { ...by, pressed: pressing }).catch(silent);
  if (engine === null) return no("Not done: Slack did not say what you may see.", "Ask again.");
  const intent = redactedIntent(asked, engine.redactor);
  const override = by.override ?? null;
  const who = override === null ? by : { ...by, override: engine.redactor.redact(override) };
  switch (intent.kind) {
    case "help":
      return helpOf(engine, intent.about ?? null);
    case "status":
      return {
        kind: "status",
        rows: await statusRows(engine, intent.app, (environment) => sees(who, environment)),
        now: engine.clock(),
      };
    case "history":
    case "diff":
    case "why":
    case "queue":
    case "reviews":
    case "trust":
      return answerTo(engine, intent, who);
    case "deploy":
      return deploy(engine, intent, who, record);
    case "name_alarm": {
      const named = await alarmNamed(engine, intent);
      return typeof named === "string" ? no(named, "Its number stands on its card.") : pressed(engine, named, who, record);
    }
    case "log_file":
      return askForLog(engine, intent, who);
    case "mute":
    case "unmute":
      return mute(engine, intent, who, record);
    case "lock":
    case "unlock":
    case "ask_unlock":
    case "freeze":
    case "unfreeze":
      return hold(engine, intent, who, record);
    case "delegate":
    case "undelegate":
      return delegated(engine, intent, who, record);
    case "validate":
    case "not_yet":
      return giveWord(engine, intent, who, record);
    default:
      return pressed(engine, intent, who, record);
  }
}

function silent(fault: unknown): null {
  if (fault instanceof SlackSilent) return null;
  throw fault;
}

async function delegated(
  engine: Engine,
  intent: Extract<Intent, { kind: "delegate" | "undelegate" }>,
  who: Wanting,
  record: (tx: Database, answer: Answer) => Promise<void>,
): Promise<Answer> {
  const orders = await delegationOrders(engine, intent, who);
  if (typeof orders === "string") return no(orders, null);
  let answer = no("Not done.", null);
  for (const order of orders)
    answer = await applied(engine, order.environment.id, order.command, who, order === orders.at(-1) ? record : async () => undefined);
  return answer;
}

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
  const names =
    intent.kind === "approve" || intent.kind === "start_now" ? await approverNames(engine, known.environment, fourEyes(deployment)) : [];
  const stored = intent.kind === "offer_again" ? await runOf(engine.db, known.app.name, deployment.revision) : null;
  const again = stored === null ? null : await askable(engine, known.app, known.environment, stored);
  const to = await chosenTo(engine, known, deployment, intent.kind === "roll_back" ? intent.to : null);
  if (to === null)
    return no(`Not rolled back: nothing by that name was live in ${known.environment.name}.`, "Choose one of the versions that ran there.");
  const shown = { counter: intent.counter, digest: intent.digest };
  const command = {
    ...commandOf(engine, intent, {
      standing,
      names,
      override: who.override ?? null,
      again,
      changes: deployment.changes,
      alarm: intent.kind === "mark_alarm" ? await alarmOf(engine.db, deployment.id) : null,
      to,
    }),
    shown,
  };
  return applied(engine, deployment.environmentId, command, who, async (tx, answer) => {
    // A person wants the hosts asked again: what was lost is followed once more, under the same attempt.
    if (intent.kind === "resolve" && intent.way === "ask_hosts" && answer.kind === "done") await followUnknownSteps(tx, deployment.id);
    await record(tx, answer);
  });
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
  const command: Command = {
    kind: "request",
    standing,
    revision: stored.run.revision,
    runId: stored.run.id,
    ...(await askable(engine, app, environment, stored)),
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
  const revision = await revisionNamed(engine, app, ref);
  return revision === null ? null : runOf(engine.db, app.name, revision);
}

async function hold(
  engine: Engine,
  intent: HoldIntent,
  who: Wanting,
  record: (tx: Database, answer: Answer) => Promise<void>,
): Promise<Answer> {
  const place = placeOf(engine, intent.app, intent.environment);
  if (place === null) return no(`Not done: ${intent.app} has no environment ${intent.environment}.`, null);
  const standing = await standingOf(engine, who.actor, who.person, who.ours, place.environment);
  const command = await holdCommand(engine, intent, place.environment, standing);
  return applied(engine, place.environment.id, command, who, record);
}

/** A person's word on what they looked at: "looks good" or "not yet". */
async function giveWord(
  engine: Engine,
  intent: Extract<Intent, { kind: "validate" | "not_yet" }>,
  who: Wanting,
  record: (tx: Database, answer: Answer) => Promise<void>,
): Promise<Answer> {
  const place = placeOf(engine, intent.app, intent.environment);
  if (place === null) return no(`Not recorded: ${intent.app} has no environment ${intent.environment}.`, null);
  const standing = await standingOf(engine, who.actor, who.person, who.ours, place.environment);
  const seen = await lookedAt(engine, place, { ...intent, actor: who.actor });
  const command: Command =
    intent.kind === "validate"
      ? { kind: "validate", standing, lookedAt: seen }
      : { kind: "not_yet", standing, reason: intent.reason, lookedAt: seen };
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
