import type { Observe, Release } from "./config.ts";
import type { AfterRecord } from "./environment.ts";
import type { Sha } from "./ids.ts";
import type { Author } from "./people.ts";

/** What was said of a deployment that CI made: by a provider's event, or by a stage that passed. */
export type ObservedSign = {
  /** The provider's id of the deployment, or the job that is taken for one. */
  readonly externalId: string;
  readonly revision: Sha;
  readonly state: "started" | "live" | "failed" | "inactive" | "stopped";
  readonly url: string | null;
  readonly log: string | null;
  readonly by: Author | null;
  /** When that was so, by the provider's clock. */
  readonly at: Date;
};

/**
 * One deployment that CI made, folded from all that was said of it. Each field is an earliest, a latest or the newest word: the order
 * and the number of deliveries make no difference.
 */
export type Observed = {
  readonly externalId: string;
  readonly revision: Sha;
  /** Earliest; null: nobody said that it began. */
  readonly startedAt: Date | null;
  /** First and last time that it was said to be live; null: never. */
  readonly liveSince: Date | null;
  readonly liveAt: Date | null;
  readonly failedAt: Date | null;
  /** Something else took its place, or the environment was closed. */
  readonly endedAt: Date | null;
  readonly url: string | null;
  readonly log: string | null;
  readonly by: Author | null;
  /** Of the newest word. */
  readonly told: { readonly at: Date; readonly rank: number };
};

/** What means that CI deployed there; null: Greenlight deploys there itself. */
export function observeOf(release: Release): Observe | null {
  if (release.mode === "by_ci") return release.observe;
  return release.mode === "approval" && release.gate !== undefined ? { kind: "environment", name: release.gate.name } : null;
}

/** What runs in an environment that CI deploys to is one place, whatever servers stand behind it. */
export const CI_HOST = "ci";

const RANK: Readonly<Record<ObservedSign["state"], number>> = { started: 0, live: 1, failed: 2, inactive: 3, stopped: 4 };

/** Lays one more word over what is known; null: nothing was. */
export function observe(known: Observed | null, sign: ObservedSign): Observed {
  const rank = RANK[sign.state];
  const isNewest = known === null || known.told.at < sign.at || (known.told.at.getTime() === sign.at.getTime() && known.told.rank <= rank);
  const [newer, older] = isNewest ? [sign, known] : [known, sign];
  return {
    externalId: sign.externalId,
    revision: known?.revision ?? sign.revision,
    startedAt: earliest(known?.startedAt ?? null, sign.state === "started" ? sign.at : null),
    liveSince: earliest(known?.liveSince ?? null, sign.state === "live" ? sign.at : null),
    liveAt: latest(known?.liveAt ?? null, sign.state === "live" ? sign.at : null),
    failedAt: latest(known?.failedAt ?? null, sign.state === "failed" ? sign.at : null),
    endedAt: latest(known?.endedAt ?? null, sign.state === "inactive" || sign.state === "stopped" ? sign.at : null),
    url: newer.url ?? older?.url ?? null,
    log: newer.log ?? older?.log ?? null,
    by: newer.by ?? older?.by ?? null,
    told: isNewest ? { at: sign.at, rank } : known.told,
  };
}

/** Does the one say nothing that the other does not? */
export function isSame(one: Observed, other: Observed): boolean {
  return wordsOf(one) === wordsOf(other);
}

function wordsOf(one: Observed): string {
  const { externalId, revision, startedAt, liveSince, liveAt, failedAt, endedAt, url, log, by, told } = one;
  const who = by === null ? null : [by.name, by.email, by.login, by.slackId];
  return JSON.stringify([externalId, revision, startedAt, liveSince, liveAt, failedAt, endedAt, url, log, who, told.at, told.rank]);
}

/** What is live: of all that ever was, what was said to be so last. A failed or a closed one takes nobody's place. Null: nothing ever was. */
export function liveNow(all: readonly Observed[]): Observed | null {
  return inOrder(all).at(-1) ?? null;
}

/** Each time that something was live there, as environments that come after this one see it. Newest first. */
export function observedRecords(all: readonly Observed[]): readonly AfterRecord[] {
  return inOrder(all)
    .map((one, index): AfterRecord => ({
      revision: one.revision,
      liveAt: one.liveSince ?? one.told.at,
      // Nobody watched it.
      state: "succeeded_unverified",
      number: index + 1,
    }))
    .toReversed();
}

/** Oldest first, by when they were last said to be live; of two at once the provider's higher id is the newer. */
function inOrder(all: readonly Observed[]): readonly Observed[] {
  return all
    .filter((one) => one.liveAt !== null)
    .toSorted((a, b) => (a.liveAt?.getTime() ?? 0) - (b.liveAt?.getTime() ?? 0) || byId(a.externalId, b.externalId));
}

function byId(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}

function earliest(a: Date | null, b: Date | null): Date | null {
  return a === null || b === null ? (a ?? b) : a < b ? a : b;
}

function latest(a: Date | null, b: Date | null): Date | null {
  return a === null || b === null ? (a ?? b) : a > b ? a : b;
}
