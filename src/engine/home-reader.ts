import { authorize, type Verb } from "../domain/authorize.ts";
import type { Environment } from "../domain/config.ts";
import type { Deployment } from "../domain/deployment.ts";
import { actorKey, type Actor } from "../domain/people.ts";
import type { Standing } from "../domain/standing.ts";
import type { Engine } from "./engine.ts";
import { sees } from "./seen-by.ts";
import { standingOf } from "./standing.ts";

/** Who reads a Home tab, with their rights looked up once for each environment. */
export type HomeReader = {
  readonly engine: Engine;
  readonly id: string;
  readonly timezone: string;
  standing(environment: Environment): Promise<Standing>;
  /** Of these verbs, what they may do. */
  may(verbs: readonly Verb[], environment: Environment, deployment: Deployment | null): Promise<readonly Verb[]>;
  /** May they see it at all? */
  sees(environment: Environment): boolean;
  isMe(actor: Actor): boolean;
};

/** `engine` as this person sees it. @throws when Slack cannot be asked who that is. */
export async function homeReader(engine: Engine, id: string): Promise<HomeReader> {
  const person = await engine.directory.person(id);
  const ours = person !== null && person.team === (await engine.directory.team());
  const actor: Actor = { kind: "slack", id, name: person?.name ?? id };
  const known = new Map<string, Promise<Standing>>();
  function standing(environment: Environment): Promise<Standing> {
    const found = known.get(environment.id) ?? standingOf(engine, actor, person, ours, environment);
    known.set(environment.id, found);
    return found;
  }
  return {
    engine,
    id,
    timezone: person?.timezone ?? "UTC",
    standing,
    async may(verbs, environment, deployment) {
      const rights = await standing(environment);
      return verbs.filter((verb) => authorize(verb, rights, environment, deployment) === null);
    },
    sees: (environment) => sees({ actor, person, ours }, environment),
    isMe: (other) => actorKey(other) === actorKey(actor),
  };
}
