import { delegationsOf } from "../db/delegations.ts";
import { authorize } from "../domain/authorize.ts";
import type { App, Environment, PersonRef } from "../domain/config.ts";
import type { Standing } from "../domain/standing.ts";
import type { Actor } from "../domain/people.ts";
import { isNamed, isOpenTo, namedIn } from "../domain/visible.ts";
import { rostersOf } from "../domain/duty.ts";
import type { Engine } from "./engine.ts";
import { onDuty } from "./on-duty.ts";
import type { PersonFacts } from "./standing.ts";

/** Who looks, and what is known of them. `pressed`: they were shown the card in its channel, and are told why not. */
export type Viewer = { readonly actor: Actor; readonly person: PersonFacts | null; readonly ours: boolean; readonly pressed: boolean };

/** Nobody knows what somebody may see: they are told that, and nothing else. */
export class SlackSilent extends Error {}

/**
 * The engine as one person knows it: an app that they may not see is in no list, and asking for it by name is answered as for one that
 * was never configured. @throws SlackSilent when Slack cannot be asked who reads a channel.
 */
export async function seenBy(engine: Engine, viewer: Viewer): Promise<Engine> {
  const { actor } = viewer;
  if (actor.kind !== "slack") return engine;
  const seen = new Set<App>();
  const open = engine.config.apps.filter((app) => viewer.pressed || isOpenTo(app, onlooker(viewer)));
  for (const app of open) if (await reads(engine, { ...viewer, id: actor.id }, app)) seen.add(app);
  // Last, and side by side: a roster that hangs keeps back nothing that is known without it.
  const asked = open.filter((app) => !seen.has(app) && viewer.ours);
  await Promise.all(asked.map(async (app) => ((await isOnDuty(engine, app, actor.id)) ? seen.add(app) : seen)));
  const apps = engine.config.apps.filter((app) => seen.has(app));
  return apps.length === engine.config.apps.length ? engine : { ...engine, config: { ...engine.config, apps } };
}

async function isOnDuty(engine: Engine, app: App, id: string): Promise<boolean> {
  const rosters = new Set(app.environments.flatMap(rostersOf));
  return rosters.size > 0 && (await onDuty(engine, [...rosters])).ids.includes(id);
}

/**
 * The same for somebody who is known by their Slack id alone. `pressed`: they press what stands in its channel before them, and are
 * told why not. @throws when Slack cannot be asked who that is.
 */
export async function seenByUser(engine: Engine, id: string, { pressed } = { pressed: false }): Promise<Engine> {
  const person = await engine.directory.person(id);
  const ours = person !== null && person.team === (await engine.directory.team());
  return seenBy(engine, { actor: { kind: "slack", id, name: person?.name ?? id }, person, ours, pressed });
}

/**
 * `visible_to` says who reads of the app; without it, who reads its channel. Whom its environments name reads of it as well, and who
 * stands in for one of them: nobody can decide what they may not see.
 */
async function reads(engine: Engine, { id, pressed }: Viewer & { readonly id: string }, app: App): Promise<boolean> {
  if (app.visibleTo === undefined) {
    if (pressed || (await readsChannel(engine, id, app.channel))) return true;
  } else if (await areMeant(engine, app.visibleTo, id)) return true;
  const named = namedIn(app);
  if (await areMeant(engine, named, id)) return true;
  const now = engine.clock();
  const given = (await delegationsOf(engine.db, app.name)).filter(({ to, until }) => to === id && until > now);
  for (const { from } of given) if (await areMeant(engine, named, from)) return true;
  return false;
}

async function readsChannel(engine: Engine, id: string, channel: string): Promise<boolean> {
  try {
    return await engine.directory.readsChannel(id, channel);
  } catch (fault) {
    throw new SlackSilent("Slack does not say who reads a channel", { cause: fault });
  }
}

async function areMeant(engine: Engine, refs: readonly PersonRef[], id: string): Promise<boolean> {
  if (refs.length === 0) return false;
  return isNamed(refs, id) || (await engine.directory.resolve(refs)).ids.includes(id);
}

/** May they see this environment? An app is seen by whom one of its environments lets in; another one may keep them out. */
export function sees(viewer: Omit<Viewer, "pressed">, environment: Environment): boolean {
  return authorize("see", onlooker(viewer), environment, null) === null;
}

/** Looking needs no right but to be let in. */
function onlooker({ actor, person, ours }: Omit<Viewer, "pressed">): Standing {
  return {
    actor,
    ours: ours && person !== null,
    team: person?.team ?? "",
    guest: person?.guest ?? false,
    bot: person?.bot ?? false,
    deactivated: person?.deleted ?? false,
    approver: false,
    standsInFor: [],
    justJoined: null,
    mayOverride: false,
    onCall: false,
    mayRollBack: null,
  };
}
