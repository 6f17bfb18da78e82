import type { WayBack } from "./card.ts";
import type { Deployment } from "./deployment.ts";
import type { Sha } from "./ids.ts";

type Known = { readonly past: readonly Deployment[]; readonly blocked: readonly { readonly revision: Sha }[] };

/**
 * Where a rollback of `deployment` goes: the last revision here with a healthy verdict, else the last different one; never a
 * blocked one, never one that was not live here (a rollback needs no approval, so it must not deploy anything new).
 */
export function wayBack(known: Known, deployment: Deployment): WayBack | null {
  const usable = (revision: Sha): boolean =>
    revision !== deployment.revision && !known.blocked.some((commit) => commit.revision === revision);
  // By when they were live: a lower number may have waited longer for its yes.
  const lived = known.past
    .filter((earlier) => earlier.liveAt !== null && earlier.id !== deployment.id && usable(earlier.revision))
    .toSorted((a, b) => (b.liveAt?.getTime() ?? 0) - (a.liveAt?.getTime() ?? 0));
  const healthy = lived.find((earlier) => earlier.kind === "deploy" && earlier.state.state === "succeeded");
  if (healthy !== undefined) return { revision: healthy.revision, title: titleOf(healthy), healthySince: healthy.liveAt };
  const earlier = lived.find((candidate) => candidate.revision === deployment.from);
  // What a failed attempt left on a host was never live here; what the first look found there was.
  const attempted = known.past.some((past) => past.revision === deployment.from && past.startedAt !== null);
  if (deployment.from !== null && usable(deployment.from) && (earlier !== undefined || !attempted)) {
    return { revision: deployment.from, title: earlier === undefined ? null : titleOf(earlier), healthySince: null };
  }
  const last = lived[0];
  return last === undefined ? null : { revision: last.revision, title: titleOf(last), healthySince: null };
}

/** The title of a revision that was deployed here; null: nobody told it to us. */
export function titleOfRevision(known: { readonly past: readonly Deployment[] }, revision: Sha): string | null {
  const earlier = known.past.find((deployment) => deployment.revision === revision);
  return earlier === undefined ? null : titleOf(earlier);
}

function titleOf(deployment: Deployment): string | null {
  return deployment.changes.changes.find((change) => change.revision === deployment.revision)?.title ?? null;
}
