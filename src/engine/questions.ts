import { authorize, whatLetsIn } from "../domain/authorize.ts";
import { findApp, type App, type Environment } from "../domain/config.ts";
import type { Answer, Intent } from "../domain/intent.ts";
import type { Actor } from "../domain/people.ts";
import { diffOf } from "./diff-of.ts";
import type { Engine } from "./engine.ts";
import { historyOf } from "./history-of.ts";
import { queueOf } from "./queue-of.ts";
import { reviewsOf } from "./reviews-of.ts";
import { standingOf, type PersonFacts } from "./standing.ts";
import { trustAnswer } from "./trust-of.ts";
import { whyOf } from "./why-not.ts";

/** What is only asked; nothing is done by asking. */
export type Question = Extract<Intent, { readonly kind: "history" | "diff" | "why" | "queue" | "reviews" | "trust" }>;

/** Who asks, and what is known of them. */
export type Asker = { readonly actor: Actor; readonly person: PersonFacts | null; readonly ours: boolean };

/** Answers a question from stored rows; of environments that its asker may not see nothing is said. */
export async function answerTo(engine: Engine, question: Question, asker: Asker): Promise<Answer> {
  const apps = question.app === null ? engine.config.apps : [findApp(engine.config, question.app)];
  const [app] = apps;
  if (app === undefined) return no(`There is no app ${question.app ?? ""} in the configuration.`);
  const wanted = "environment" in question ? question.environment : null;
  const named = apps.flatMap((one) => one?.environments ?? []).filter((environment) => wanted === null || environment.name === wanted);
  if (named.length === 0) return no(`${app.name} has no environment ${wanted ?? ""}.`);
  const seen = await Promise.all(named.map(async (environment) => ({ environment, not: await mayNotSee(engine, asker, environment) })));
  const environments = seen.flatMap(({ environment, not }) => (not === null ? [environment] : []));
  const [first] = seen;
  if (environments.length === 0 && first !== undefined)
    return no(`Not shown: ${first.not ?? "you may not see this."}`, whatLetsIn(first.not ?? "", first.environment));
  return answered(engine, question, app, environments);
}

/** What can be typed, with an example of an app that is configured: the last environment that asks for a yes, and the one before it. */
export function helpOf(engine: Engine, about: string | null): Answer {
  const { command, apps } = engine.config;
  const [app] = apps;
  const asked = app?.environments.findLast((environment) => environment.release.mode === "approval") ?? app?.environments.at(-1);
  const before = asked?.after?.environment ?? app?.environments.find((other) => other !== asked)?.name ?? null;
  const example = app === undefined || asked === undefined ? {} : { example: { app: app.name, environment: asked.name, before } };
  return { kind: "help", command, apps: apps.map((one) => one.name), about, ...example };
}

function answered(engine: Engine, question: Question, app: App, environments: readonly Environment[]): Promise<Answer> {
  switch (question.kind) {
    case "history":
      return historyOf(engine, app, environments);
    case "diff":
      return diffOf(engine, app, environments);
    case "why":
      return whyOf(engine, app, environments);
    case "queue":
      return queueOf(engine, question.app, environments);
    case "reviews":
      return reviewsOf(engine, question.app, [...new Set(environments.map((environment) => environment.app))]);
    case "trust":
      return trustAnswer(engine, question.app, environments);
    default:
      return question satisfies never;
  }
}

async function mayNotSee(engine: Engine, { actor, person, ours }: Asker, environment: Environment): Promise<string | null> {
  return authorize("see", await standingOf(engine, actor, person, ours, environment), environment, null);
}

function no(title: string, change: string | null = null): Answer {
  return { kind: "refused", refusal: { title, reasons: [], who: null, change } };
}
