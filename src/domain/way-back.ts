import type { WayBack } from "./card.ts";
import { hashOf } from "./canonical.ts";
import { broughtTo, isSameSet } from "./companion.ts";
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
  if (healthy !== undefined) return { ...asWay(healthy), healthySince: healthy.liveAt };
  const [last] = lived;
  return foundBefore(known, deployment) ?? (last === undefined ? null : asWay(last));
}

/** Every version that a rollback of `deployment` may go to, each once with each set of companions that was live with it: the default first, then the newest that was live here. */
export function waysBack(known: Known, deployment: Deployment): readonly WayBack[] {
  const usual = wayBack(known, deployment);
  if (usual === null) return [];
  const lived = livedHere(known, deployment);
  const healthySince = new Map<string, Date | null>();
  for (const earlier of lived.filter(wasHealthy).toReversed()) healthySince.set(wayKey(asWay(earlier)), earlier.liveAt);
  // What the first look found there was live too, however many deployments ago.
  const found = [deployment, ...lived].map((one) => foundBefore(known, one));
  const all = [...lived.map(asWay), ...found];
  const ways = new Map<string, WayBack>([[wayKey(usual), usual]]);
  for (const way of all) {
    const key = way === null ? null : wayKey(way);
    if (way === null || key === null || ways.has(key) || !isUsable(known, deployment, way)) continue;
    ways.set(key, { ...way, healthySince: healthySince.get(key) ?? null });
  }
  return [...ways.values()];
}

/** By which a form tells one way from another: the revision, and with companions a digest of the set behind a dot. */
export function wayKey({ revision, companions = [] }: Pick<WayBack, "revision" | "companions">): string {
  if (companions.length === 0) return revision;
  const set = companions.map((one) => `${one.repository} ${one.directory} ${one.revision}`).toSorted();
  return `${revision}.${hashOf(set).slice(0, SET_DIGITS)}`;
}

/** Enough to tell a handful of sets of one revision apart. */
const SET_DIGITS = 16;

/** The title of a revision that was deployed here; null: nobody told it to us. */
export function titleOfRevision(known: { readonly past: readonly Deployment[] }, revision: Sha): string | null {
  const earlier = known.past.find((deployment) => deployment.revision === revision);
  return earlier === undefined ? null : titleOf(earlier);
}

/** What was live here and may be again, the newest first. */
function livedHere(known: Known, deployment: Deployment): readonly Deployment[] {
  return known.past
    .filter((earlier) => earlier.liveAt !== null && earlier.id !== deployment.id && isUsable(known, deployment, asWay(earlier)))
    .toSorted((a, b) => (b.liveAt?.getTime() ?? 0) - (a.liveAt?.getTime() ?? 0));
}

/** What ran there when it began. What a failed attempt left on a host was never live here; what the first look found there was. */
function foundBefore(known: Known, deployment: Deployment): WayBack | null {
  const { from } = deployment;
  if (from === null) return null;
  const earlier = livedHere(known, deployment).find((candidate) => candidate.revision === from);
  const attempted = known.past.some((past) => past.revision === from && past.startedAt !== null);
  if (earlier === undefined && attempted) return null;
  const way: WayBack = earlier === undefined ? { revision: from, title: null, healthySince: null } : asWay(earlier);
  return isUsable(known, deployment, way) ? way : null;
}

/**
 * Something else than what is taken back, nothing of it blocked, and with a revision for each companion that the deployment brought:
 * what nobody can say of the way back would stay new while the rest goes back.
 */
export function isUsable(known: Pick<Known, "blocked">, deployment: Deployment, way: Pick<WayBack, "revision" | "companions">): boolean {
  const brought = deployment.plan.companions;
  const isWhole = (brought ?? []).every((one) => broughtTo(way.companions, one) !== undefined);
  const isOther = way.revision !== deployment.revision || !isSameSet(way.companions, brought);
  const revisions = [way.revision, ...(way.companions ?? []).map(({ revision }) => revision)];
  return isWhole && isOther && !known.blocked.some((commit) => revisions.includes(commit.revision));
}

function wasHealthy(earlier: Deployment): boolean {
  return earlier.kind === "deploy" && earlier.state.state === "succeeded";
}

function asWay(deployment: Deployment): WayBack {
  const { companions } = deployment.plan;
  const way = { revision: deployment.revision, title: titleOf(deployment), healthySince: null };
  return companions === undefined ? way : { ...way, companions };
}

function titleOf(deployment: Deployment): string | null {
  return deployment.changes.changes.find((change) => change.revision === deployment.revision)?.title ?? null;
}
