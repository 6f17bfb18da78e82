import type { WayBack } from "./card.ts";
import type { Deployment } from "./deployment.ts";
import type { Sha } from "./ids.ts";

type Known = { readonly past: readonly Deployment[]; readonly blocked: readonly { readonly revision: Sha }[] };

/**
 * Where a rollback of `deployment` goes: the last revision here with a healthy verdict, else the last different one; never a
 * blocked one, never one that was not live here (a rollback needs no approval, so it must not deploy anything new).
 */
export function wayBack(known: Known, deployment: Deployment): WayBack | null {
  // By when they were live: a lower number may have waited longer for its yes.
  const lived = livedHere(known, deployment);
  const healthy = lived.find(wasHealthy);
  if (healthy !== undefined) return { revision: healthy.revision, title: titleOf(healthy), healthySince: healthy.liveAt };
  return foundBefore(known, deployment) ?? asWay(lived[0]);
}

/** Every revision that a rollback of `deployment` may go to, each once: the default first, then the newest that was live here. */
export function waysBack(known: Known, deployment: Deployment): readonly WayBack[] {
  const usual = wayBack(known, deployment);
  if (usual === null) return [];
  const lived = livedHere(known, deployment);
  const healthySince = new Map<Sha, Date | null>();
  for (const earlier of lived.filter(wasHealthy).toReversed()) healthySince.set(earlier.revision, earlier.liveAt);
  // What the first look found there was live too, however many deployments ago.
  const found = [deployment, ...lived].map((one) => foundBefore(known, one));
  const all = [...lived.map((earlier) => ({ revision: earlier.revision, title: titleOf(earlier) })), ...found];
  const ways = new Map<Sha, WayBack>([[usual.revision, usual]]);
  for (const way of all) {
    if (way === null || ways.has(way.revision) || !isUsable(known, deployment, way.revision)) continue;
    ways.set(way.revision, { ...way, healthySince: healthySince.get(way.revision) ?? null });
  }
  return [...ways.values()];
}

/** The title of a revision that was deployed here; null: nobody told it to us. */
export function titleOfRevision(known: { readonly past: readonly Deployment[] }, revision: Sha): string | null {
  const earlier = known.past.find((deployment) => deployment.revision === revision);
  return earlier === undefined ? null : titleOf(earlier);
}

/** What was live here and may be again, the newest first. */
function livedHere(known: Known, deployment: Deployment): readonly Deployment[] {
  return known.past
    .filter((earlier) => earlier.liveAt !== null && earlier.id !== deployment.id && isUsable(known, deployment, earlier.revision))
    .toSorted((a, b) => (b.liveAt?.getTime() ?? 0) - (a.liveAt?.getTime() ?? 0));
}

/** What ran there when it began. What a failed attempt left on a host was never live here; what the first look found there was. */
function foundBefore(known: Known, deployment: Deployment): WayBack | null {
  const { from } = deployment;
  if (from === null || !isUsable(known, deployment, from)) return null;
  const earlier = livedHere(known, deployment).find((candidate) => candidate.revision === from);
  const attempted = known.past.some((past) => past.revision === from && past.startedAt !== null);
  if (earlier === undefined && attempted) return null;
  return { revision: from, title: earlier === undefined ? null : titleOf(earlier), healthySince: null };
}

function isUsable(known: Known, deployment: Deployment, revision: Sha): boolean {
  return revision !== deployment.revision && !known.blocked.some((commit) => commit.revision === revision);
}

function wasHealthy(earlier: Deployment): boolean {
  return earlier.kind === "deploy" && earlier.state.state === "succeeded";
}

function asWay(deployment: Deployment | undefined): WayBack | null {
  return deployment === undefined ? null : { revision: deployment.revision, title: titleOf(deployment), healthySince: null };
}

function titleOf(deployment: Deployment): string | null {
  return deployment.changes.changes.find((change) => change.revision === deployment.revision)?.title ?? null;
}
