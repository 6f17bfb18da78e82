import { userInfo } from "node:os";
import { openDeployments } from "../db/deployments.ts";
import type { CancelOffer } from "../domain/cancel-offer.ts";
import type { Environment } from "../domain/config.ts";
import type { Answer, Intent } from "../domain/intent.ts";
import { act } from "../engine/act.ts";
import { cancelOf } from "../engine/cancel-of.ts";
import type { Engine } from "../engine/engine.ts";
import type { Question } from "../engine/questions.ts";
import { pressedOf, rollBackOf } from "../engine/roll-back-of.ts";
import { answerText } from "./answer.ts";
import { EXIT } from "./exit.ts";
import { exitCodeOf } from "./session.ts";

import type { OperatorOptions, OperatorVerb } from "./bot-commands.ts";

export type Place = { readonly app: string; readonly environment: string; readonly options: OperatorOptions };

/** What is live where, for a terminal. */
export function showStatus(app: string | null): Promise<number> {
  return exitCodeOf(async ({ engine }) => tell(await wish(engine, { kind: "status", app }, null)));
}

/** What is only asked, answered for a terminal. */
export function ask(question: Question): Promise<number> {
  return exitCodeOf(async ({ engine }) => tell(await wish(engine, question, null)));
}

/** What people do in Slack, on the bot's machine while Slack is away: the same gate, the same record, actor `cli:<os user>`. */
export function operate(verb: OperatorVerb, place: Place): Promise<number> {
  return exitCodeOf(async ({ engine }) => tell(await carryOut(engine, verb, place)));
}

async function carryOut(engine: Engine, verb: OperatorVerb, place: Place): Promise<Answer> {
  const { app, environment, options } = place;
  const override = options.override === true ? options.reason : null;
  switch (verb) {
    case "lock":
    case "freeze": {
      const hours = Number(options.hours);
      if (!(hours > 0 && hours <= 24 * 14)) return no("--hours is a number between 0 and 336.");
      return wish(engine, { kind: verb, app, environment, reason: options.reason, forMs: hours * 3_600_000 }, null);
    }
    case "unlock":
    case "unfreeze":
      return wish(engine, { kind: verb, app, environment, reason: options.reason }, null);
    case "deploy": {
      const asked = await wish(engine, { kind: "deploy", app, environment, ref: options.ref ?? null, reason: options.reason }, null);
      return asked.kind === "done" && override !== null ? approveWaiting(engine, place, override) : asked;
    }
    case "approve":
      return approveWaiting(engine, place, override);
    case "cancel": {
      const number = options.number === undefined ? null : Number(options.number.replace(/^#/u, ""));
      if (Number.isNaN(number)) return no("--number is the number of a deployment, as its card names it.");
      const offer = await cancelOf(engine, { app, environment, number });
      if (offer.kind === "none") return no(number === null ? "Nothing waits or runs there." : `#${number} neither waits nor runs there.`);
      if (offer.kind === "several") return no(`Not cancelled: ${severalText(offer.found)}. Say which one with --number.`);
      return wish(engine, { kind: "cancel", ...offer.pressed, thenRollBack: false, reason: options.reason }, null);
    }
    case "rollback": {
      const offer = await rollBackOf(engine, { app, environment });
      return offer === null
        ? no("Nothing that Greenlight deployed is live there.")
        : wish(
            engine,
            { kind: "roll_back", ...offer.pressed, reason: options.reason, schema: options.database === true, to: options.to ?? null },
            null,
          );
    }
    default:
      return verb satisfies never;
  }
}

/** "#3 (executing) and #4 (awaiting approval) may be meant". */
function severalText(found: Extract<CancelOffer, { readonly kind: "several" }>["found"]): string {
  const names = found.map(({ number, state }) => `#${number} (${state.replaceAll("_", " ")})`);
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""} may be meant`;
}

async function approveWaiting(engine: Engine, place: Place, override: string | null): Promise<Answer> {
  const waiting = await newestOpen(engine, place, (state) => state === "awaiting_approval");
  return waiting === null ? no("Nothing waits for approval there.") : wish(engine, { kind: "approve", ...pressedOf(waiting) }, override);
}

async function newestOpen(engine: Engine, place: Place, wanted: (state: string) => boolean): ReturnType<typeof pick> {
  const found = engine.config.apps
    .find((app) => app.name === place.app)
    ?.environments.find((environment) => environment.name === place.environment);
  return found === undefined ? null : pick(engine, found, wanted);
}

async function pick(engine: Engine, environment: Environment, wanted: (state: string) => boolean) {
  return (await openDeployments(engine.db, environment.id)).findLast((deployment) => wanted(deployment.state.state)) ?? null;
}

function wish(engine: Engine, intent: Intent, override: string | null): Promise<Answer> {
  return act(
    engine,
    intent,
    { actor: { kind: "cli", user: userInfo().username }, person: null, ours: true, override },
    async () => undefined,
  );
}

function tell(answer: Answer): number {
  const refused = answer.kind === "refused";
  (refused ? process.stderr : process.stdout).write(`${answerText(answer)}\n`);
  return refused ? EXIT.no : EXIT.ok;
}

function no(title: string): Answer {
  return { kind: "refused", refusal: { title, reasons: [], who: null, change: null } };
}
