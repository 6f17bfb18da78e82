import type { App } from "../domain/config.ts";
import type { Standing } from "../domain/standing.ts";
import type { Actor } from "../domain/people.ts";
import { isNamed, isOpenTo, readersOf } from "../domain/visible.ts";
import type { Engine } from "./engine.ts";
import type { PersonFacts } from "./standing.ts";

/** Who looks, and what is known of them. `pressed`: they were shown the card in its channel, and are told why not. */
export type Viewer = { readonly actor: Actor; readonly person: PersonFacts | null; readonly ours: boolean; readonly pressed: boolean };

/**
 * The engine as one person knows it: an app that they may not see is in no list, and asking for it by name is answered as for one that
 * was never configured.
 */
export async function seenBy(engine: Engine, viewer: Viewer): Promise<Engine> {
  if (viewer.actor.kind !== "slack") return engine;
  const apps: App[] = [];
  for (const app of engine.config.apps) if (await sees(engine, viewer, app)) apps.push(app);
  return apps.length === engine.config.apps.length ? engine : { ...engine, config: { ...engine.config, apps } };
}

/** The same for somebody who is known by their Slack id alone. @throws when Slack cannot be asked who that is. */
export async function seenByUser(engine: Engine, id: string): Promise<Engine> {
  const person = await engine.directory.person(id);
  const ours = person !== null && person.team === (await engine.directory.team());
  return seenBy(engine, { actor: { kind: "slack", id, name: person?.name ?? id }, person, ours, pressed: false });
}

async function sees(engine: Engine, viewer: Viewer, app: App): Promise<boolean> {
  const id = viewer.actor.kind === "slack" ? viewer.actor.id : "";
  const readers = readersOf(app);
  if (readers !== null && !isNamed(readers, id) && !(await engine.directory.resolve(readers)).ids.includes(id)) return false;
  return viewer.pressed || isOpenTo(app, onlooker(viewer));
}

/** Looking needs no right but to be let in. */
function onlooker({ actor, person, ours }: Viewer): Standing {
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
