import type { Environment, PersonRef } from "../domain/config.ts";
import type { Standing } from "../domain/environment.ts";
import type { Actor } from "../domain/people.ts";
import type { Engine } from "./engine.ts";

/** Facts about a presser that only Slack knows, read less than a minute ago. Null: Slack could not say who that is. */
export type PersonFacts = {
  readonly id: string;
  readonly name: string;
  readonly team: string;
  readonly guest: boolean;
  readonly bot: boolean;
  readonly deleted: boolean;
};

/** Every right that needs the network, looked up before the transaction. Whoever is not known may nothing (rules fail closed). */
export async function standingOf(
  engine: Engine,
  actor: Actor,
  person: PersonFacts | null,
  ours: boolean,
  environment: Environment,
): Promise<Standing> {
  const id = actor.kind === "slack" ? actor.id : "";
  const { release } = environment;
  const among = async (refs: readonly PersonRef[]): Promise<boolean> =>
    refs.length > 0 && id !== "" && (await engine.directory.resolve(refs)).ids.includes(id);
  return {
    actor,
    ours: actor.kind !== "slack" || (ours && person !== null),
    team: person?.team ?? "",
    guest: person?.guest ?? false,
    bot: person?.bot ?? false,
    deactivated: person?.deleted ?? false,
    approver: release.mode === "approval" && (await among(release.approval.from)),
    onCall: await among(environment.onCall),
    mayRollBack: environment.rollbackFrom === null ? null : await among(environment.rollbackFrom),
  };
}

/** Names of those who may say yes now, authors and requester left out, for a refusal that says who can. */
export async function approverNames(engine: Engine, environment: Environment, excluded: readonly string[]): Promise<readonly string[]> {
  if (environment.release.mode !== "approval") return [];
  const { ids } = await engine.directory.resolve(environment.release.approval.from);
  const people = await Promise.all(ids.filter((id) => !excluded.includes(id)).map((id) => engine.directory.person(id)));
  return people.flatMap((person) => (person === null || person.deleted || person.bot ? [] : [person.name]));
}
