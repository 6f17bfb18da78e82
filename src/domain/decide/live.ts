import type { Deployment } from "../deployment.ts";
import type { Sha } from "../ids.ts";
import type { Change, FoundRevision, LiveHost, Snapshot } from "../environment.ts";

/** Every host of the plan runs it, by our own doing. */
export function nowLive(snapshot: Snapshot, deployment: Deployment, now: Date): readonly Change[] {
  return recorded(
    snapshot,
    deployment.plan.hosts.map((host) => ours(deployment, host.name, now)),
  );
}

/** Every host of the plan runs what ran there before, as a person saw it: by our own doing if we brought it there. */
export function stillLive(snapshot: Snapshot, deployment: Deployment, revision: Sha, now: Date): readonly Change[] {
  const brought = snapshot.past.find((past) => past.revision === revision && past.liveAt !== null);
  return recorded(
    snapshot,
    deployment.plan.hosts.map(({ name }) => {
      const known = snapshot.live.find((one) => one.host === name && one.revision === revision);
      return known ?? (brought === undefined ? foundOn(name, revision, now) : ours(brought, name, now));
    }),
  );
}

/**
 * After it stopped half-way: what hosts said they run, else what the rule says: a host counts as changed from the start of `pull` or
 * `switch`. Without a changed host there is nothing to record; with one its processes may be old or new, so the hosts differ.
 */
export function partlyLive(
  snapshot: Snapshot,
  deployment: Deployment,
  hosts: { readonly switched: readonly string[]; readonly found?: readonly FoundRevision[] | undefined },
  now: Date,
): readonly Change[] {
  const rows = hosts.switched.flatMap((host): readonly LiveHost[] => {
    const said = hosts.found?.find((one) => one.host === host)?.revision ?? deployment.revision;
    if (said === deployment.revision) return [ours(deployment, host, now)];
    const known = snapshot.live.find((one) => one.host === host);
    return known?.revision === said ? [] : [foundOn(host, said, now)];
  });
  return rows.length === 0
    ? []
    : [
        { kind: "live", hosts: rows },
        { kind: "mixed", mixed: true },
      ];
}

/** What hosts were found to run without us. */
export function foundLiveOn(snapshot: Snapshot, found: readonly FoundRevision[], now: Date): readonly Change[] {
  return recorded(
    snapshot,
    found.map(({ host, revision }) => foundOn(host, revision, now)),
  );
}

/** The snapshot as it is after these hosts were recorded. */
export function withLive(snapshot: Snapshot, changes: readonly Change[]): Snapshot {
  const rows = changes.flatMap((change) => (change.kind === "live" ? change.hosts : []));
  return { ...snapshot, live: overlaid(snapshot.live, rows) };
}

function recorded(snapshot: Snapshot, rows: readonly LiveHost[]): readonly Change[] {
  const names = new Set(snapshot.environment.target.hosts.map((host) => host.name));
  const after = overlaid(snapshot.live, rows).filter((one) => names.has(one.host));
  const revisions = new Set(after.map((one) => one.revision));
  return [
    { kind: "live", hosts: rows },
    { kind: "mixed", mixed: revisions.size > 1 },
  ];
}

function overlaid(live: readonly LiveHost[], rows: readonly LiveHost[]): readonly LiveHost[] {
  return [...live.filter((known) => !rows.some((row) => row.host === known.host)), ...rows].toSorted((a, b) => (a.host < b.host ? -1 : 1));
}

function ours(deployment: Deployment, host: string, now: Date): LiveHost {
  return { host, revision: deployment.revision, since: now, deploymentId: deployment.id, source: "ours" };
}

function foundOn(host: string, revision: FoundRevision["revision"], now: Date): LiveHost {
  return { host, revision, since: now, deploymentId: null, source: "read from host" };
}
