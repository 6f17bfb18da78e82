import type { App, Repository } from "./config.ts";
import type { Blocker, Deployment } from "./deployment.ts";
import { liveRevision, type AfterRecord, type Snapshot } from "./environment.ts";
import { shortSha, type Sha } from "./ids.ts";
import type { Requirement } from "./requirement.ts";

/** Another repository whose code an app runs with: it comes into a directory of the app's checkout or release. */
export type Companion = {
  readonly repository: Repository;
  /** Only its revisions count, once they have passed all of `requires`. */
  readonly branch: string;
  readonly requires: readonly Requirement[];
  /** Below the app's checkout or release. */
  readonly directory: string;
  /** Where servers fetch it from. */
  readonly origin: string;
};

/** One companion as a deployment brings it, exactly. `repository`: its path at its provider. */
export type CompanionRevision = Pick<Companion, "directory" | "origin"> & { readonly repository: string; readonly revision: Sha };

/** A companion's revision that has passed all that is required of it. `source`: as `sourceName` has it; a higher `position` is newer. */
export type PassedRevision = {
  readonly source: string;
  readonly revision: Sha;
  readonly position: number;
  readonly since: Date;
  /** CI does again what had proven it, or its branch does not contain it any more. Absent: its proof stands. */
  readonly lost?: true;
};

/** Which revisions of the companions an app's revision goes with; or why nobody can say it yet. */
export type CompanionSet =
  | { readonly kind: "set"; readonly set: readonly CompanionRevision[] }
  | { readonly kind: "doubt"; readonly because: string; readonly owner: string };

/** The name that a companion's runs are kept by: no app is named like that. Another branch has other runs. */
export function sourceName(app: string, { repository, branch }: Pick<Companion, "repository" | "branch">): string {
  return `${app}+${repository.kind}:${repository.connection}:${repository.path}@${branch}`;
}

/** A companion as something whose CI is listened to: it has runs, and neither environments nor cards. */
export function asSource(app: App, companion: Companion): App {
  const { paths: _paths, companions: _companions, ...rest } = app;
  const { repository, branch } = companion;
  return { ...rest, name: sourceName(app.name, companion), repository, branch, environments: [], companionOf: app.name };
}

/** Everything whose CI is listened to: each app, and each of its companions. */
export function sourcesOf(apps: readonly App[]): readonly App[] {
  return apps.flatMap((app) => [app, ...(app.companions ?? []).map((companion) => asSource(app, companion))]);
}

/** The app and the companion that runs of this name are of; undefined: no companion's. */
export function findCompanion(apps: readonly App[], source: string): { readonly app: App; readonly companion: Companion } | undefined {
  for (const app of apps) {
    const companion = app.companions?.find((one) => sourceName(app.name, one) === source);
    if (companion !== undefined) return { app, companion };
  }
  return undefined;
}

/** What is known of an environment when its companions are chosen. */
export type CompanionFacts = Pick<Snapshot, "environment" | "passed" | "after">;

/**
 * What was tested is what runs: where the environment follows another one, exactly what went live there last with the revision. In the
 * first one the newest revision of each companion that has passed. One whose proof is lost is waited for: the one before it would go back.
 */
export function companionsFor({ environment, passed, after }: CompanionFacts, revision: Sha): CompanionSet {
  const companions = environment.companions ?? [];
  if (companions.length === 0) return { kind: "set", set: [] };
  const before = environment.after?.environment;
  const ran = before === undefined ? undefined : newestRecord(after ?? [], revision);
  if (before !== undefined && ran === undefined) return { kind: "doubt", because: `It has not been live on ${before} yet.`, owner: before };
  const set: CompanionRevision[] = [];
  for (const { repository, branch, directory, origin, requires } of companions) {
    const { path } = repository;
    const source = sourceName(environment.app, { repository, branch });
    const known = (passed ?? []).filter((one) => one.source === source);
    const found =
      ran === undefined
        ? known.toSorted((a, b) => b.position - a.position || b.since.getTime() - a.since.getTime())[0]?.revision
        : broughtTo(ran.companions, { repository: path, directory })?.revision;
    if (found === undefined && before !== undefined)
      return { kind: "doubt", because: `It was live on ${before} without ${path}: deploy it there again.`, owner: before };
    if (found === undefined) {
      const [all, todo] =
        requires.length === 0
          ? ["was pushed", "Push to it once."]
          : ["passed all that is required", "Have its CI run there once more, or push to it."];
      return { kind: "doubt", because: `No version of ${path} on ${branch} ${all} yet. ${todo}`, owner: path };
    }
    if (known.some((one) => one.revision === found && one.lost === true)) {
      const newer = ran === undefined ? ", or a newer one" : "";
      return { kind: "doubt", because: `${path} ${shortSha(found)} has to pass on ${branch} once more${newer}.`, owner: path };
    }
    set.push({ repository: path, revision: found, directory, origin });
  }
  return { kind: "set", set };
}

/** The companions of a plan. `unknown`: what it brings while nobody can say which they are; the gate lets nothing of that start. */
export function setOr(
  unknown: readonly CompanionRevision[] | undefined,
  facts: CompanionFacts,
  revision: Sha,
): readonly CompanionRevision[] {
  const wanted = companionsFor(facts, revision);
  return wanted.kind === "set" ? wanted.set : (unknown ?? []);
}

/** Was it looked at with the companions that it would come with now? Where nobody can say which they are, nothing of it starts anyway. */
export function isChosenStill(facts: CompanionFacts, revision: Sha, companions: readonly CompanionRevision[] | undefined): boolean {
  return isSameSet(setOr(companions, facts, revision), companions);
}

/** The same revisions, fetched from where the configuration says now: what an earlier plan says may be no place any more. */
export function fetchedAsNow(
  companions: readonly Companion[] | undefined,
  set: readonly CompanionRevision[],
): readonly CompanionRevision[] {
  return set.map((one) => {
    const now = companionAt(companions, one);
    return now === undefined ? one : { ...one, origin: now.origin };
  });
}

/** Without all of its companions a revision is no candidate, and nothing of it starts: nobody knows what would run. */
export function companionBlockers(facts: CompanionFacts, revision: Sha): readonly Blocker[] {
  const wanted = companionsFor(facts, revision);
  return wanted.kind === "set" ? [] : [{ rule: "requirements", text: wanted.because, owner: wanted.owner, liftsAt: null }];
}

/** How a revision went live last. Undefined: it never did. */
export function newestRecord<Known extends Pick<AfterRecord, "revision" | "liveAt">>(
  records: readonly Known[],
  revision: Sha,
): Known | undefined {
  return records.filter((record) => record.revision === revision).toSorted((a, b) => b.liveAt.getTime() - a.liveAt.getTime())[0];
}

/** Are both the same revisions in the same places? Absent: none. */
export function isSameSet(one: readonly CompanionRevision[] = [], other: readonly CompanionRevision[] = []): boolean {
  return one.length === other.length && one.every((own) => other.some((its) => isSame(own, its)));
}

function isSame(one: CompanionRevision, other: CompanionRevision): boolean {
  return isPlace(one, other) && one.revision === other.revision;
}

/** By where its code is from and where it goes one companion is told from another. */
type Place = Pick<CompanionRevision, "repository" | "directory">;

function isPlace(one: Place, other: Place): boolean {
  return one.repository === other.repository && one.directory === other.directory;
}

/** What a set brings to that place; undefined: nothing. */
export function broughtTo(set: readonly CompanionRevision[] | undefined, place: Place): CompanionRevision | undefined {
  return set?.find((one) => isPlace(one, place));
}

/** The companion that is configured for that place; undefined: none any more. */
export function companionAt(companions: readonly Companion[] | undefined, place: Place): Companion | undefined {
  return companions?.find(({ repository, directory }) => isPlace({ repository: repository.path, directory }, place));
}

/** The companions that are live with what is live. Null: nobody knows, since it was not deployed from here. */
export function liveSet(snapshot: Snapshot): readonly CompanionRevision[] | null {
  const brought = liveDeployment(snapshot);
  return brought === undefined ? null : (brought.plan.companions ?? []);
}

function liveDeployment(snapshot: Snapshot): Deployment | undefined {
  const id = liveRevision(snapshot)?.deploymentId ?? null;
  return id === null ? undefined : [...snapshot.open, ...snapshot.past].find((deployment) => deployment.id === id);
}

/** Does what is live run with the companions that this revision would come with now? Where nobody can say, another one is not claimed. */
export function isLiveSet(snapshot: Snapshot, revision: Sha): boolean {
  if (snapshot.environment.companions === undefined) return true;
  const wanted = companionsFor(snapshot, revision);
  const live = liveSet(snapshot);
  return wanted.kind === "doubt" || (live !== null && isSameSet(live, wanted.set));
}

/** Is this deployment on its way with what the revision comes with now? One that waits is planned anew before it starts. */
export function isOnItsWay(snapshot: Snapshot, deployment: Deployment, revision: Sha): boolean {
  if (deployment.revision !== revision || deployment.kind !== "deploy") return false;
  const { state } = deployment.state;
  const wanted = companionsFor(snapshot, revision);
  return (
    state === "awaiting_approval" || state === "queued" || wanted.kind === "doubt" || isSameSet(deployment.plan.companions, wanted.set)
  );
}

/**
 * A candidate is offered once more if it is the newest one, it does not run with what it comes with now, and it was not offered with that
 * before. What something else took the place of may come again, unless it was rolled back; what follows another environment may not, since
 * that one may have been rolled back.
 */
export function hasNewSet(snapshot: Snapshot, revision: Sha): boolean {
  if (snapshot.environment.companions === undefined) return false;
  const [newest] = snapshot.candidates.toSorted((a, b) => b.position - a.position);
  const wanted = companionsFor(snapshot, revision);
  if (newest?.revision !== revision || wanted.kind === "doubt") return false;
  const live = liveRevision(snapshot);
  if (live?.revision === revision && isLiveSet(snapshot, revision)) return false;
  if (snapshot.blocked.some((blocked) => [revision, ...wanted.set.map((one) => one.revision)].includes(blocked.revision))) return false;
  const current = liveDeployment(snapshot)?.number ?? 0;
  const isFirst = snapshot.environment.after === null;
  const wasReplaced = ({ liveAt, rolledBackBy, number }: Deployment): boolean =>
    isFirst && liveAt !== null && rolledBackBy === null && number < current;
  const offered = [...snapshot.open, ...snapshot.past.filter((past) => !wasReplaced(past))];
  return !offered.some((deployment) => isOnItsWay(snapshot, deployment, revision));
}

/** The revisions that a rollback to `back` takes away, and that must not come again by themselves. */
export function takenBack(
  original: Deployment,
  back: { readonly revision: Sha; readonly companions?: readonly CompanionRevision[] },
): readonly Sha[] {
  const others = (original.plan.companions ?? []).filter((one) => !(back.companions ?? []).some((other) => isSame(one, other)));
  return [...(original.revision === back.revision ? [] : [original.revision]), ...others.map(({ revision }) => revision)];
}

/** Every revision that a deployment brings, its own first. */
export function revisionsOf({ revision, plan }: Pick<Deployment, "revision" | "plan">): readonly Sha[] {
  return [revision, ...(plan.companions ?? []).map((companion) => companion.revision)];
}

/** "with acme/shop-theme 1f2e3d4 and acme/texts 9f3c2ab"; null: without companions. */
export function setWords(set: readonly CompanionRevision[] = []): string | null {
  const words = set.map(({ repository, revision }) => `${repository} ${shortSha(revision)}`);
  return words.length === 0 ? null : `with ${words.join(" and ")}`;
}
