import type { Environment, PersonRef } from "../domain/config.ts";
import type { Deployment } from "../domain/deployment.ts";
import type { Standing } from "../domain/standing.ts";
import type { Actor } from "../domain/people.ts";
import { namedOnCall, rostersOf } from "../domain/duty.ts";
import { approversOf, type Approvers } from "./approvers.ts";
import type { Engine } from "./engine.ts";
import { onDuty } from "./on-duty.ts";

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
    refs.length > 0 && id !== "" && (await engine.directory.resolve(refs, environment.allow)).ids.includes(id);
  const approvers = await approversOf(engine, environment);
  const approver = approvers.ids.includes(id);
  const named = await among(namedOnCall(environment));
  // Whoever may all that on-call people may waits for no roster, and no stranger makes us ask one.
  const duty = named || approver || id === "" || !ours ? null : await onDuty(engine, rostersOf(environment));
  const onCall = named || duty?.ids.includes(id) === true;
  return {
    actor,
    ours: actor.kind !== "slack" || (ours && person !== null),
    team: person?.team ?? "",
    guest: person?.guest ?? false,
    bot: person?.bot ?? false,
    deactivated: person?.deleted ?? false,
    approver,
    standsInFor: await standsInFor(engine, approvers, id),
    justJoined: approvers.justJoined.get(id) ?? null,
    mayOverride: release.mode === "approval" && (await among(release.approval.override ?? [])),
    onCall,
    ...(onCall || duty === null || duty.unread.length === 0 ? {} : { dutyUnread: duty.unread }),
    mayRollBack: environment.rollbackFrom === null ? null : await among(environment.rollbackFrom),
  };
}

/** Approvers who gave this person their right, for now. */
async function standsInFor(engine: Engine, { delegations }: Approvers, to: string): Promise<Standing["standsInFor"]> {
  const given = delegations.filter((one) => one.to === to && one.until > engine.clock());
  return Promise.all(
    given.map(async ({ from }) => ({ id: from, name: (await engine.directory.person(from).catch(() => null))?.name ?? from })),
  );
}

/** Slack ids of whom four eyes keep from saying yes to it: its authors and whoever asked. */
export function fourEyes({ changes, requestedBy }: Deployment): readonly string[] {
  const authors = changes.authors.flatMap((author) => (author.slackId === null ? [] : [author.slackId]));
  return requestedBy.kind === "slack" ? [...new Set([...authors, requestedBy.id])] : authors;
}

/** Names of those who may say yes now, authors and requester left out, for a refusal that says who can. */
export async function approverNames(engine: Engine, environment: Environment, excluded: readonly string[]): Promise<readonly string[]> {
  const { ids, delegations } = await approversOf(engine, environment);
  const standIns = delegations.flatMap(({ from, to, until }) => (until > engine.clock() && !excluded.includes(from) ? [to] : []));
  const people = await Promise.all(
    [...new Set([...ids, ...standIns])].filter((id) => !excluded.includes(id)).map((id) => engine.directory.person(id)),
  );
  return people.flatMap((person) => (person === null || person.deleted || person.bot ? [] : [person.name]));
}
