import type { Database } from "../db/client.ts";
import { activeHash } from "../db/leases.ts";
import { lockClick, saveAnswer, storeClick } from "../db/inbox.ts";
import type { Answer, Intent } from "../domain/intent.ts";
import type { Actor } from "../domain/people.ts";
import { act } from "./act.ts";
import type { Engine } from "./engine.ts";
import type { PersonFacts } from "./standing.ts";
import { redactedIntent } from "./without-secrets.ts";

/** A press as it is stored, before anything is done about it. */
export type StoredPress = {
  readonly id: string;
  readonly actor: Extract<Actor, { kind: "slack" }>;
  readonly team: string;
  readonly intent: Intent;
};

/** Stores a press once; `known` when it was stored before. */
export async function takeClick(engine: Engine, click: StoredPress): Promise<"taken" | "known"> {
  const stored = { ...click, intent: redactedIntent(click.intent, engine.redactor) };
  return storeClick(engine.db, click.id, stored, engine.clock());
}

/** Once, however often it is asked: the stored answer is given again. A click of another team is never ours, whatever its ids say. */
export async function carryOut(engine: Engine, id: string, person: PersonFacts | null): Promise<Answer> {
  const click = await lockClick<StoredPress>(engine.db, id);
  if (click === null) throw new Error(`click ${id} was never stored`);
  if (click.answer !== null) return click.answer;
  const active = await activeHash(engine.db);
  if (active !== null && active !== engine.config.hash) return saved(engine, id, OUTDATED);
  const { intent } = click.body;
  const ours = person !== null && person.team === (await engine.directory.team()) && click.body.team === person.team;
  const first = async (tx: Database): Promise<boolean> => (await lockClick(tx, id))?.answer === null;
  const actor = { ...click.body.actor, name: outsideName(engine, click.body.actor.name, { person, ours }) };
  const answer = await act(engine, intent, { actor, person, ours, first }, (tx, said) => saveAnswer(tx, id, said));
  // What was stored with the decision counts: another replica may have been quicker.
  const stored = (await lockClick(engine.db, id))?.answer ?? null;
  if (stored !== null) return stored;
  return saved(engine, id, answer);
}

/** "Ann, Acme": whoever is not one of the team is told apart wherever their name is read. */
function outsideName(
  engine: Engine,
  name: string,
  { person, ours }: { readonly person: PersonFacts | null; readonly ours: boolean },
): string {
  if (person === null || (ours && !person.guest)) return name;
  if (ours) return `${name}, guest`;
  const named = engine.config.apps.flatMap((app) => app.environments.flatMap(({ allow }) => allow.teamNames?.[person.team] ?? []));
  return `${name}, ${named[0] ?? person.team}`;
}

async function saved(engine: Engine, id: string, answer: Answer): Promise<Answer> {
  await saveAnswer(engine.db, id, answer);
  return answer;
}

/** A replica decides by the configuration in force or not at all, also in the moment before it notices that it was replaced. */
const OUTDATED: Answer = {
  kind: "refused",
  refusal: {
    title: "Not done: Greenlight was started with a newer configuration a moment ago.",
    reasons: [],
    who: null,
    change: "Press again.",
  },
};
