import type { Deployment } from "./deployment.ts";
import type { ErrorsSeen, Measurement, SiteSeen, Trouble, Verdict } from "./measurement.ts";
import { goesOnWords, overWords, troublesOf, whetherWords } from "./trouble-words.ts";
import { countTester, MIN_RATE_RATIO } from "./verdict/counts.ts";
import { median, slowFromMs, WARM_UP_LOOKS } from "./verdict/latency.ts";
import { binsOf, minutesOf, samplesBefore, totalOf } from "./verdict/samples.ts";
import { failsInPart } from "./verdict/site.ts";
import { BUDGET } from "./verdict/watch-clock.ts";
import { capitalised } from "./verdict/words.ts";

/** Looks after a rollback, at whether what was wrong is over. */
const AFTERMATH_LOOKS = 10;
/** Requests that were under way at the switch may still fail a moment later. */
const GRACE_MS = 3000;

/** Events alone; exposure is time. */
const BY_EVENTS = { users: false, requests: false } as const;
/** So few errors of the version that is live again are any version's. */
const MIN_ERRORS_AGAIN = 4;
/** Looks in a row that must agree on the site: one may meet a moment. */
const IN_A_ROW = 2;
/** One more for a slow site: caches are cold after a rollback too. */
const SLOW_IN_A_ROW = 3;

/** What became of each kind of trouble after a rollback. All empty: nothing was wrong, or nobody knows what. */
export type Aftermath = {
  readonly over: readonly Trouble[];
  readonly goesOn: readonly Trouble[];
  /** Nobody can tell yet. */
  readonly open: readonly Trouble[];
  /** Nobody can look at that, or could tell until the last look. */
  readonly unverified: readonly Trouble[];
  /** The newest error of the rolled-back revision, or of one that it brought; null: none, or that was not the trouble. */
  readonly lastErrorAt: Date | null;
};

type Watched = Pick<Deployment, "plan" | "state">;

/** What was wrong with it, which has to be over after a rollback. Before a verdict: what was counted. */
function troublesBefore(deployment: Watched): readonly Trouble[] {
  const verdict = verdictOf(deployment);
  if (verdict === null || verdict.kind === "regressed") return verdict === null ? [] : troublesOf(verdict);
  const { siteUp, errorsAfter, newIssues } = verdict.figures;
  const erred = (errorsAfter ?? 0) > 0 || newIssues.length > 0;
  return [...(siteUp === false ? (["down"] as const) : []), ...(erred ? (["errors"] as const) : [])];
}

/** Who can see whether that is over. Null: nobody can. */
function seenBy(trouble: Trouble, deployment: Watched): "sentry" | "http" | null {
  const { watch } = deployment.plan;
  switch (trouble) {
    case "errors":
      return watch?.sentry == null ? null : "sentry";
    case "down":
    case "part":
    case "revision":
      return watch?.http == null ? null : "http";
    case "slow":
      return watch?.http == null || slowPage(deployment) === null ? null : "http";
    // The version that is live again has its own requests, which nobody compared with anything.
    case "requests":
      return null;
    default:
      return trouble satisfies never;
  }
}

/** The monitors that have to look after a rollback of it: those of all that was wrong. None: nothing was, or nobody can see it. */
export function aftermathMonitors(deployment: Watched): readonly ("sentry" | "http")[] {
  const seen = troublesBefore(deployment).map((trouble) => seenBy(trouble, deployment));
  return (["sentry", "http"] as const).filter((monitor) => seen.includes(monitor));
}

/** By all looks after a rollback that is live since `switchedAt`: each kind of trouble is measured anew, by what had found it. */
export function aftermathOf(deployment: Watched, looks: readonly Measurement[], switchedAt: Date): Aftermath {
  const quietFrom = switchedAt.getTime() + GRACE_MS;
  const troubles = troublesBefore(deployment);
  const fates = troubles.map((trouble) => ({ trouble, fate: fateOf(trouble, { deployment, looks, quietFrom }) }));
  const of = (wanted: boolean | null) => fates.filter(({ fate }) => fate === wanted).map(({ trouble }) => trouble);
  const untold = of(null);
  const mayCome = looks.every(({ look }) => look < AFTERMATH_LOOKS);
  const open = untold.filter((trouble) => mayCome && seenBy(trouble, deployment) !== null);
  const newest = looks.findLast((look) => look.kind === "errors");
  const lastErrorAt = newest === undefined || !troubles.includes("errors") ? null : lastErrorOf(newest);
  return { over: of(true), goesOn: of(false), open, unverified: untold.filter((trouble) => !open.includes(trouble)), lastErrorAt };
}

type Seen = { readonly deployment: Watched; readonly looks: readonly Measurement[]; readonly quietFrom: number };

/** Is it over? Null: nobody can tell. */
function fateOf(trouble: Trouble, { deployment, looks, quietFrom }: Seen): boolean | null {
  const by = seenBy(trouble, deployment);
  if (by === null) return null;
  if (trouble === "errors") return errorsStopped(looks, quietFrom);
  const site = looks.filter((look) => look.kind === "site").filter(({ at }) => at.getTime() >= quietFrom);
  switch (trouble) {
    case "down":
      return agreed(site.map(({ up }) => up));
    case "part":
      return agreed(site.map((look) => look.up && !failsInPart(look, null)));
    case "revision":
      return agreed(site.map(({ revision }) => (revision?.kind === "other" ? false : revision?.kind === "deployed" ? true : null)));
    case "slow":
      return agreed(
        site.map((look) => isFast(look, deployment)),
        SLOW_IN_A_ROW,
      );
    case "requests":
      return null;
    default:
      return trouble satisfies never;
  }
}

/** What the last looks say with one voice; `least`: how many must say that it goes on. */
function agreed(said: readonly (boolean | null)[], least = IN_A_ROW): boolean | null {
  const all = (wanted: boolean, count: number) => said.length >= count && said.slice(-count).every((one) => one === wanted);
  if (all(true, IN_A_ROW)) return true;
  return all(false, least) ? false : null;
}

/** Does its slow page answer as fast as before? Null: it does not answer, or is not warm yet. */
function isFast({ up, look, samples = [] }: SiteSeen & { readonly look: number }, deployment: Watched): boolean | null {
  const slow = slowPage(deployment);
  const nowMs = median(samples.find(({ page }) => page === slow?.page)?.samplesMs ?? []);
  if (slow === null || !up || nowMs === null) return null;
  if (nowMs < slow.fromMs) return true;
  return look > WARM_UP_LOOKS ? false : null;
}

/** Null: no page of the site was slow, but its traced requests; or an earlier version of Greenlight judged. */
function slowPage(deployment: Watched): { readonly page: string; readonly fromMs: number } | null {
  const { slowPage: page, latencyBeforeMs } = verdictOf(deployment)?.figures ?? {};
  return page === undefined || latencyBeforeMs === undefined ? null : { page, fromMs: slowFromMs(latencyBeforeMs) };
}

/**
 * Neither the rolled-back revision errs any more, nor do its new errors go on in the version that is live again, nor has that one more
 * errors than there were before. Null: nobody could look, or nobody can tell yet.
 */
function errorsStopped(looks: readonly Measurement[], quietFrom: number): boolean | null {
  const usable = looks.filter((measurement) => measurement.kind === "errors");
  const newest = usable.at(-1);
  if (newest === undefined || newest.at.getTime() < quietFrom) return null;
  // A late one, of a request that took its time, is forgotten after two quiet looks.
  const since = Math.max(quietFrom, usable.at(-3)?.at.getTime() ?? 0);
  const last = newestErrorOf(newest);
  if (last === null || last.to < since) return asBefore(newest);
  if (last.from >= since) return false;
  // It was counted in an interval that began before: one without any after it, and it was of that time.
  return newest.at.getTime() - last.to >= last.to - last.from ? asBefore(newest) : null;
}

/** When the newest error was: between these two moments, in milliseconds; the same one where it is known. */
type When = { readonly from: number; readonly to: number };

/** The newest error of the rolled-back revision, or of one that it brought, in whatever version. Null: there is none. */
function newestErrorOf({ lastEventAt, lastEventFrom, newIssues }: ErrorsSeen): When | null {
  const crashes = newIssues.filter((issue) => issue.unhandled).flatMap(({ lastSeen }) => lastSeen?.getTime() ?? []);
  const crash = crashes.length === 0 ? null : Math.max(...crashes);
  if (lastEventAt === null) return crash === null ? null : { from: crash, to: crash };
  const counted = { from: (lastEventFrom ?? lastEventAt).getTime(), to: lastEventAt.getTime() };
  return crash === null ? counted : { from: Math.max(counted.from, crash), to: Math.max(counted.to, crash) };
}

/** When people are told that it was: by the crash of its interval, if there was one. */
function lastErrorOf(newest: ErrorsSeen): Date | null {
  const when = newestErrorOf(newest);
  if (when === null) return null;
  const isCrash = newest.newIssues.some(({ unhandled, lastSeen }) => unhandled && lastSeen?.getTime() === when.from);
  return new Date(isCrash ? when.from : when.to);
}

/** Does the version that is live again err as little as there was before? Null: more, but too little is known to say so. */
function asBefore(newest: ErrorsSeen): boolean | null {
  const again = binsOf(newest.again ?? [], BY_EVENTS);
  // The newest interval has only just begun.
  const now = totalOf(again.slice(-2));
  const minutes = minutesOf(newest.before);
  const usual = minutes > 0 ? newest.before.events / minutes : null;
  const { count: errors } = totalOf(again);
  if (usual === null || errors < MIN_ERRORS_AGAIN || now.count === 0 || now.count < MIN_RATE_RATIO * usual * now.exposure) return true;
  const { reaches } = countTester(binsOf(samplesBefore(newest), BY_EVENTS)).test(again, BUDGET, false);
  return reaches === "none" ? null : false;
}

/** Is this look after a rollback the last one? One quiet look alone may have come too early. */
export function isLastLook(look: number, { open, goesOn }: Pick<Aftermath, "open" | "goesOn">): boolean {
  return look >= AFTERMATH_LOOKS || (open.length === 0 && goesOn.length === 0 && look >= 2);
}

/** Whether a rollback that is live helped. `looking`: it is not said before it was seen; `unseen`: nobody can say, or ever could. */
export function helped(
  original: Deployment,
  rollback: Deployment,
  looks: readonly Measurement[],
): "stopped" | "going on" | "looking" | "unseen" {
  if (rollback.liveAt === null) return "looking";
  const monitors = aftermathMonitors(original);
  if (monitors.length === 0) return "unseen";
  const aftermath = aftermathOf(original, looks, rollback.liveAt);
  const last = looks.at(-1);
  if (last === undefined || !isLastLook(last.look, aftermath)) return "looking";
  if (aftermath.goesOn.length > 0) return "going on";
  const couldBeSeen = aftermath.unverified.some((trouble) => seenBy(trouble, original) !== null);
  // What nobody can measure again is said on the card, and wakes nobody where all that can be measured is over.
  return couldBeSeen || aftermath.over.length === 0 ? "unseen" : "stopped";
}

/** What is known, without what follows from it: "The site answers again, but the errors have not stopped". Null: nothing yet. */
export function aftermathFact({ over, goesOn }: Pick<Aftermath, "over" | "goesOn">): string | null {
  const said = [over.length === 0 ? null : overWords(over), goesOn.length === 0 ? null : goesOnWords(goesOn)].filter((one) => one !== null);
  return said.length === 0 ? null : capitalised(said.join(", but "));
}

/** "Whether fewer requests fail is not verified."; null: all that was wrong is measured again. */
export function unverifiedWords(deployment: Watched, { over, goesOn, open, unverified }: Aftermath): string | null {
  const isUnnamed = [over, goesOn, open, unverified].every((some) => some.length === 0) && verdictOf(deployment)?.kind === "regressed";
  return unverified.length === 0 && !isUnnamed ? null : `Whether ${whetherWords(unverified)} is not verified.`;
}

/** Whether a rollback helped, after the last look. Null: nothing was wrong. */
export function aftermathWords(deployment: Watched, aftermath: Aftermath): string | null {
  const { over, goesOn, lastErrorAt } = aftermath;
  const fact = aftermathFact(aftermath);
  const unverified = unverifiedWords(deployment, aftermath);
  const known =
    fact === null
      ? null
      : goesOn.length > 0
        ? `${fact}, so this deployment is probably not what causes that.`
        : lastErrorAt === null
          ? `${fact}.`
          : over.length === 1
            ? `The errors stopped at ${lastErrorAt.toISOString()}.`
            : `${fact}; the last one came at ${lastErrorAt.toISOString()}.`;
  const said = [known, unverified].filter((words) => words !== null);
  return said.length === 0 ? null : said.join(" ");
}

function verdictOf({ state }: Watched): Verdict | null {
  return "verdict" in state ? state.verdict : null;
}
