import { deploymentById } from "../db/deployments.ts";
import { freezesEverywhere, locksEverywhere, oddPlaces, runsOf } from "../db/home-facts.ts";
import type { Verb } from "../domain/authorize.ts";
import type { App, Environment } from "../domain/config.ts";
import { mayEnd } from "../domain/decide/lock.ts";
import { isWatched, type Deployment } from "../domain/deployment.ts";
import type { LiveHost } from "../domain/environment.ts";
import { frozenUntil } from "../domain/freeze.ts";
import { few, HOME_MOST, type Few, type HomeHold, type HomePlace } from "../domain/home.ts";
import type { Sha } from "../domain/ids.ts";
import { actorName } from "../domain/people.ts";
import type { Lock, SetFreeze } from "../domain/standing.ts";
import type { HomeReader } from "./home-reader.ts";

/** What every host runs, by environment. */
export type LiveEverywhere = ReadonlyMap<string, readonly LiveHost[]>;

type Facts = {
  readonly live: LiveEverywhere;
  readonly open: readonly Deployment[];
  readonly locks: ReadonlyMap<string, Lock>;
  readonly freezes: ReadonlyMap<string, SetFreeze>;
  readonly odd: ReadonlyMap<string, { readonly mixed: boolean; readonly heldBecause: string | null }>;
};

/** What is live where, and what is closed: where something happens first if there is no room for all. */
export async function homePlaces(
  reader: HomeReader,
  open: readonly Deployment[],
  live: LiveEverywhere,
): Promise<{ readonly places: Few<HomePlace>; readonly holds: Few<HomeHold> }> {
  const { db, clock } = reader.engine;
  const now = clock();
  const holds = { locks: await locksEverywhere(db, now), freezes: await freezesEverywhere(db, now) };
  const facts: Facts = { live, open, ...holds, odd: await oddPlaces(db) };
  const all = seenPlaces(reader);
  const ordered = all.length <= HOME_MOST.places ? all : [...all].toSorted((one, other) => quiet(one, facts) - quiet(other, facts));
  const chosen = few(ordered, HOME_MOST.places);
  const titles = await titlesOf(reader, chosen.shown, live);
  const places: HomePlace[] = [];
  for (const place of chosen.shown) places.push(await placeRow(reader, place, facts, titles));
  return {
    places: { shown: places, more: chosen.more },
    holds: await holdsOf(reader, facts, now),
  };
}

function seenPlaces({ engine, sees }: HomeReader): readonly Place[] {
  return engine.config.apps.flatMap((app) => app.environments.filter(sees).map((environment) => ({ app, environment })));
}

type Place = { readonly app: App; readonly environment: Environment };

function quiet({ environment: { id } }: Place, facts: Facts): number {
  const odd = facts.odd.has(id) || facts.locks.has(id) || facts.open.some((deployment) => deployment.environmentId === id);
  return odd ? 0 : facts.live.has(id) ? 1 : 2;
}

/** The first host stands for all; where they differ it is said. */
function liveHost(environment: Environment, live: LiveEverywhere): LiveHost | null {
  const hosts = live.get(environment.id) ?? [];
  return hosts.find(({ host }) => host === environment.target.hosts[0]?.name) ?? hosts[0] ?? null;
}

type Titles = (app: string, revision: Sha) => string | null;

async function titlesOf({ engine }: HomeReader, places: readonly Place[], live: LiveEverywhere): Promise<Titles> {
  const runOf = await runsOf(
    engine.db,
    places.flatMap(({ app, environment }) => {
      const host = liveHost(environment, live);
      return host === null ? [] : [{ app: app.name, revision: host.revision }];
    }),
  );
  return (app, revision) => {
    const stored = runOf(app, revision);
    const changes = [...(stored?.run.push?.changes ?? []), ...(stored?.changes?.changes ?? [])];
    return changes.find((change) => change.revision === revision)?.title ?? null;
  };
}

async function placeRow(reader: HomeReader, { app, environment }: Place, facts: Facts, titles: Titles): Promise<HomePlace> {
  const host = liveHost(environment, facts.live);
  const current = facts.open.findLast(({ environmentId, state }) => environmentId === environment.id && !isWatched(state));
  const lock = facts.locks.get(environment.id);
  const deployed = host?.deploymentId ?? null;
  const deployment = deployed === null ? null : await deploymentById(reader.engine.db, deployed);
  const byCi = environment.release.mode === "by_ci";
  const ours: readonly Verb[] = byCi ? [] : ["deploy"];
  const back: readonly Verb[] = deployment === null || byCi ? [] : ["roll_back"];
  const hold: readonly Verb[] = lock === undefined ? ["lock"] : await endOf(reader, environment, lock);
  // One that is set stands under what is closed, with the way to lift it.
  const freeze: readonly Verb[] = facts.freezes.has(environment.id) ? [] : ["freeze"];
  return {
    app: app.name,
    environment: environment.name,
    live:
      host === null ? null : { revision: host.revision, since: host.since, title: titles(app.name, host.revision), source: host.source },
    mixed: facts.odd.get(environment.id)?.mixed ?? false,
    current: current === undefined ? null : { number: current.number, state: current.state.state },
    locked: lock !== undefined,
    may: await reader.may(["see", ...ours, ...back, ...hold, ...freeze], environment, deployment),
  };
}

/** Whoever may not end a lock may ask its owner. */
async function endOf(reader: HomeReader, environment: Environment, lock: Lock): Promise<readonly Verb[]> {
  const verb = mayEnd(lock, await reader.standing(environment)) ? "unlock" : lock.owner.kind === "slack" ? "ask_unlock" : null;
  return verb === null ? [] : reader.may([verb], environment, null);
}

type Closed = { readonly environment: Environment; readonly hold: Omit<HomeHold, "may">; readonly lock: Lock | null };

const ORDER: Readonly<Record<HomeHold["kind"], number>> = { restore: 0, lock: 1, freeze: 2 };

/** Restores first, then locks, then what people and the calendar froze. */
async function holdsOf(reader: HomeReader, facts: Facts, now: Date): Promise<Few<HomeHold>> {
  const closed = seenPlaces(reader)
    .flatMap((place) => closedIn(reader, place, { facts, now }))
    .toSorted((one, other) => ORDER[one.hold.kind] - ORDER[other.hold.kind]);
  const { shown, more } = few(closed, HOME_MOST.holds);
  const holds: HomeHold[] = [];
  for (const one of shown) holds.push({ ...one.hold, may: await openedBy(reader, one) });
  return { shown: holds, more };
}

function closedIn(
  reader: HomeReader,
  { app, environment }: Place,
  known: { readonly facts: Facts; readonly now: Date },
): readonly Closed[] {
  const { id } = environment;
  const because = known.facts.odd.get(id)?.heldBecause ?? null;
  const lock = known.facts.locks.get(id) ?? null;
  const freeze = known.facts.freezes.get(id) ?? null;
  const calendar = frozenUntil(environment.freeze, known.now);
  const place = { app: app.name, environment: environment.name };
  const byItself = { ...place, owner: null, own: false };
  const ownedBy = (held: Lock | SetFreeze): Omit<HomeHold, "kind" | "may"> => ({
    ...place,
    owner: actorName(held.owner),
    own: reader.isMe(held.owner),
    reason: held.reason,
    until: held.until,
  });
  const holds: readonly (Omit<HomeHold, "may"> | null)[] = [
    because === null ? null : { kind: "restore", ...byItself, reason: because, until: null },
    lock === null ? null : { kind: "lock", ...ownedBy(lock) },
    freeze === null ? null : { kind: "freeze", ...ownedBy(freeze) },
    calendar === null ? null : { kind: "freeze", ...byItself, reason: calendar.window.reason, until: calendar.until },
  ];
  return holds.flatMap((hold) => (hold === null ? [] : [{ environment, hold, lock }]));
}

/** A restore is released by whoever may say what runs there, by the same word that unlocks. The calendar is opened in the configuration. */
async function openedBy(reader: HomeReader, { environment, hold, lock }: Closed): Promise<readonly Verb[]> {
  if (hold.kind === "lock") return lock === null ? [] : endOf(reader, environment, lock);
  if (hold.kind === "freeze") return hold.owner === null ? [] : reader.may(["unfreeze"], environment, null);
  return (await reader.may(["resolve"], environment, null)).length > 0 ? ["unlock"] : [];
}
