import { deploymentById } from "../db/deployments.ts";
import { loadLive } from "../db/snapshot.ts";
import { asSource, broughtTo, type CompanionRevision } from "../domain/companion.ts";
import type { App, Environment } from "../domain/config.ts";
import type { ChangeSet } from "../domain/deployment.ts";
import type { Sha } from "../domain/ids.ts";
import type { Lacking } from "../domain/live-content.ts";
import type { Engine } from "./engine.ts";

/** As many as are stored; a sentence names fewer. */
const MOST_KEPT = 10;

/** The change set with the commits by name that are live and that the version lacks. */
export async function withLacks(
  engine: Engine,
  app: App,
  compared: ChangeSet,
  range: { live: Sha | null; revision: Sha },
): Promise<ChangeSet> {
  if (compared.behind === 0 || range.live === null) return compared;
  const back = await engine.codeHost(app.repository).compare(app.repository.path, range.revision, range.live);
  const lacks = back.changes.toReversed().slice(0, MOST_KEPT);
  return lacks.length === 0 ? compared : { ...compared, lacks };
}

/** What one commit lacks of another never changes: each pair is asked for once. */
const answers = new WeakMap<Engine["codeHost"], Map<string, Lacking>>();
/** Pairs that are remembered; then all are forgotten. */
const MOST_PAIRS = 1000;

/** What the version lacks of what is live there now, by the provider's own word. Null: nothing is live, or nobody could be asked. */
export async function lackingOf(
  engine: Engine,
  app: App,
  environment: Environment,
  wanted: { readonly revision: Sha; readonly set: readonly CompanionRevision[] },
): Promise<Lacking | null> {
  const hosts = await loadLive(engine.db, environment.id);
  const live = hosts.find(({ host }) => host === environment.target.hosts[0]?.name) ?? hosts[0];
  const isSame = live?.revision === wanted.revision;
  if (live === undefined || (isSame && environment.companions === undefined)) return null;
  const own = isSame ? { behind: 0 } : await lackBetween(engine, app, live.revision, wanted.revision);
  if (own === null || environment.companions === undefined) return own;
  const brought = live.deploymentId === null ? null : await deploymentById(engine.db, live.deploymentId);
  return withCompanionLacks(engine, app, { set: wanted.set, before: brought?.plan.companions ?? [] }, own);
}

/** With what the companions lack of those that are live; where nobody can be asked nothing is claimed. */
export async function withCompanionLacks<Own extends Lacking>(
  engine: Engine,
  app: App,
  sets: { readonly set: readonly CompanionRevision[]; readonly before: readonly CompanionRevision[] },
  own: Own,
): Promise<Own> {
  let all = own;
  for (const companion of app.companions ?? []) {
    const { path } = companion.repository;
    const place = { repository: path, directory: companion.directory };
    const [next, live] = [broughtTo(sets.set, place)?.revision, broughtTo(sets.before, place)?.revision];
    if (next === undefined || live === undefined || next === live) continue;
    const its = await lackBetween(engine, asSource(app, companion), live, next);
    if (its === null || its.behind === 0) continue;
    const lacks = [...(all.lacks ?? []), ...(its.lacks ?? []).map((change) => ({ ...change, repository: path }))];
    all = { ...all, behind: all.behind + its.behind, ...(lacks.length === 0 ? {} : { lacks }) };
  }
  return all;
}

async function lackBetween(engine: Engine, app: App, live: Sha, revision: Sha): Promise<Lacking | null> {
  const pairs = answers.get(engine.codeHost) ?? new Map<string, Lacking>();
  answers.set(engine.codeHost, pairs);
  const pair = `${app.repository.kind} ${app.repository.connection} ${app.repository.path} ${live} ${revision}`;
  const known = pairs.get(pair);
  if (known !== undefined) return known;
  const compared = await engine.codeHost(app.repository).compare(app.repository.path, live, revision);
  // Without an answer nothing is claimed, and what was known stays.
  if (!compared.complete && compared.changes.length === 0 && compared.behind === 0) return null;
  const { behind, lacks } = await withLacks(engine, app, compared, { live, revision });
  if (pairs.size >= MOST_PAIRS) pairs.clear();
  const lacking = { behind, ...(lacks === undefined ? {} : { lacks }) };
  pairs.set(pair, lacking);
  return lacking;
}
