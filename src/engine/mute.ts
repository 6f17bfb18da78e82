import { wake } from "../db/cards.ts";
import type { Database } from "../db/client.ts";
import { endMute, setMute } from "../db/mutes.ts";
import { findApp } from "../domain/config.ts";
import type { Answer, Intent } from "../domain/intent.ts";
import type { Wanting } from "./act.ts";
import type { Engine } from "./engine.ts";

/** What a person wants to hear of privately. Their own affair: no rule asks for a reason, and no environment's history tells of it. */
export async function mute(
  engine: Engine,
  intent: Extract<Intent, { kind: "mute" | "unmute" }>,
  who: Wanting,
  record: (tx: Database, answer: Answer) => Promise<void>,
): Promise<Answer> {
  const { actor } = who;
  if (actor.kind !== "slack") return no("Not done: only people in Slack get messages that can be muted.", null);
  if (intent.app !== null && findApp(engine.config, intent.app) === undefined)
    return no(`Not done: there is no app ${intent.app} in the configuration.`, null);
  return engine.db.transaction(async (tx) => {
    if ((await who.first?.(tx)) === false) return done("");
    const answer = intent.kind === "mute" ? await muted(engine, tx, actor.id, intent) : await heard(tx, actor.id, intent.app);
    await record(tx, answer);
    // The Home tab lists them.
    await wake(tx);
    return answer;
  });
}

const STILL = "You are still called when your yes is needed, when you are on call, and when somebody asks you something.";

async function muted(engine: Engine, tx: Database, id: string, intent: Extract<Intent, { kind: "mute" }>): Promise<Answer> {
  const since = engine.clock();
  const until = intent.forMs === null ? null : new Date(since.getTime() + intent.forMs);
  await setMute(tx, id, { app: intent.app, until, since });
  const long = until === null ? "until you unmute it" : `until ${until.toISOString()}`;
  return done(`Muted ${intent.app ?? "all apps"} ${long}: no messages about your changes, and no mention as their author. ${STILL}`);
}

async function heard(tx: Database, id: string, app: string | null): Promise<Answer> {
  const was = await endMute(tx, id, app);
  const what = app ?? "all apps";
  return done(was ? `Not muted any more: ${what}. You hear of your changes again.` : `Nothing was muted: you hear of ${what} already.`);
}

function done(text: string): Answer {
  return { kind: "done", text };
}

function no(title: string, change: string | null): Answer {
  return { kind: "refused", refusal: { title, reasons: [], who: null, change } };
}
