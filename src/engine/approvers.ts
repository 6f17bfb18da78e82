import { delegationsOf } from "../db/delegations.ts";
import { seeMembers } from "../db/group-members.ts";
import type { Environment, PersonRef } from "../domain/config.ts";
import type { Delegation } from "../domain/standing.ts";
import type { Engine } from "./engine.ts";
import type { PersonFacts } from "./standing.ts";

/** Who may say yes in an environment now, as Slack and the delegations say. */
export type Approvers = {
  /** Slack ids of those with a right of their own. */
  readonly ids: readonly string[];
  /** Who joined a user group of them too short a while ago, with its handle. */
  readonly justJoined: ReadonlyMap<string, string>;
  /** Of this app, from one of `ids`; those that are over too. */
  readonly delegations: readonly Delegation[];
  /** What of the configured list means nobody now, and why. */
  readonly unreadable: readonly string[];
  /** Slack did not answer: what is here may not be all. */
  readonly away: boolean;
};

const NOBODY: Approvers = { ids: [], justJoined: new Map(), delegations: [], unreadable: [], away: false };

/** Read anew, at most a minute old. Empty, deleted and unreadable groups are nobody. */
export async function approversOf(engine: Engine, environment: Environment): Promise<Approvers> {
  const { release } = environment;
  if (release.mode !== "approval") return NOBODY;
  const { from, coolOffMs } = release.approval;
  const members = coolOffMs === undefined ? await atOnce(engine, from, environment) : await cooled(engine, from, environment, coolOffMs);
  const rows = await delegationsOf(engine.db, environment.app);
  return { ...members, delegations: rows.filter((row) => members.ids.includes(row.from)) };
}

type Members = Omit<Approvers, "delegations">;

async function atOnce(engine: Engine, refs: readonly PersonRef[], { allow }: Environment): Promise<Members> {
  const { ids, unreadable, away } = await engine.directory.resolve(refs, allow);
  return { ids, unreadable, away: away === true, justJoined: new Map() };
}

/** Whoever administers groups could else make themselves an approver and deploy in the same minute. */
async function cooled(engine: Engine, refs: readonly PersonRef[], environment: Environment, coolOffMs: number): Promise<Members> {
  const now = engine.clock();
  const ids = new Set<string>();
  const justJoined = new Map<string, string>();
  const unreadable: string[] = [];
  let away = false;
  for (const ref of refs) {
    const part = await engine.directory.resolve([ref], environment.allow);
    unreadable.push(...part.unreadable);
    away ||= part.away === true;
    const since = ref.kind === "group" && part.unreadable.length === 0 ? await seeMembers(engine.db, ref.handle, part.ids, now) : null;
    for (const id of part.ids) {
      const joined = since?.get(id);
      if (ref.kind === "group" && joined !== undefined && now.getTime() - joined.getTime() < coolOffMs) justJoined.set(id, ref.handle);
      else ids.add(id);
    }
  }
  for (const id of ids) justJoined.delete(id);
  return { ids: [...ids], unreadable, away, justJoined };
}

/** Looks at the groups whose new members have to wait, so that it is known since when each is there. */
export async function watchGroups(engine: Engine): Promise<void> {
  const environments = engine.config.apps.flatMap((app) => app.environments);
  for (const environment of environments)
    if (environment.release.mode === "approval" && environment.release.approval.coolOffMs !== undefined)
      await approversOf(engine, environment);
}

/** Why this person decides nothing in the environment, whatever list they are on; null: they may. */
export async function unfit(engine: Engine, person: PersonFacts | null, { allow }: Environment): Promise<string | null> {
  if (person === null) return "Slack knows nobody by that id.";
  if (person.deleted) return `the account of ${person.name} is deactivated.`;
  if (person.bot) return "bots decide nothing here.";
  if (person.team !== (await engine.directory.team()) && !allow.teams.includes(person.team))
    return `${person.name} belongs to another workspace.`;
  return person.guest && !allow.guests ? `${person.name} is a guest, and guests may not act here.` : null;
}
