import { certificateWords, waitFigure } from "../figures.ts";
import type { Measurement, Verdict, VerdictFigures } from "../measurement.ts";
import { expiringIn } from "./certificate.ts";
import { NO_COUNTS, countLook } from "./counting.ts";
import type { CountsSoFar } from "./counting.ts";
import { coverageOf } from "./coverage.ts";
import { judgeErrors } from "./errors.ts";
import type { ErrorsJudged, ErrorsLook } from "./errors.ts";
import type { Finding } from "./finding.ts";
import { minutesOf } from "./samples.ts";
import { otherWords } from "./site-revision.ts";
import { judgeSite } from "./site.ts";
import type { SiteJudged, SiteLook } from "./site.ts";
import { dueLooks, isRecent } from "./watch-clock.ts";
import type { WatchClock, WatchPlan } from "./watch-clock.ts";
import { capitalised, compared, lacksWords, oneLine } from "./words.ts";

/** A watch as far as it has been judged; `judgeNext` takes it on. */
export type Judging = {
  readonly watch: WatchPlan;
  readonly liveAt: Date;
  readonly until: Date;
  readonly ordered: readonly Measurement[];
  readonly counts: CountsSoFar;
};

/**
 * The judgement over all looks of all monitors so far. Pure and sequential: the false-alarm budget (2 % to propose,
 * 0.5 % to act) is for the whole watch, however often it is asked, and holds for errors that clump, up to several times the
 * variance of independent ones. Counted errors use up to 0.35 % of it (measured by `npm run bench:verdict`); what is
 * left is for what only ever proposes: a slow site (0.4 %), slow requests (0.2 %) and failing ones (0.2 %). A breach beats missing data;
 * without one only a proven signal, seen to the end, is healthy, and only at the end of the watch.
 */
export function judge(watch: WatchPlan, measurements: readonly Measurement[], clock: WatchClock): Verdict {
  const ordered = measurements.toSorted((left, right) => left.at.getTime() - right.at.getTime() || left.look - right.look);
  const begun = startJudging(watch, clock.liveAt, clock.until);
  return verdictOf(ordered.reduce(withLook, begun), clock.now);
}

/** A watch of which nothing is measured yet. */
export function startJudging(watch: WatchPlan, liveAt: Date, until: Date): Judging {
  return { watch, liveAt, until, ordered: [], counts: NO_COUNTS };
}

/** One measurement more, not older than those before it, and the verdict at that moment: what `judge` says of all of them. */
export function judgeNext(judging: Judging, measurement: Measurement, now: Date): { readonly judging: Judging; readonly verdict: Verdict } {
  const next = withLook(judging, measurement);
  return { judging: next, verdict: verdictOf(next, now) };
}

function withLook(judging: Judging, measurement: Measurement): Judging {
  const { watch, liveAt, until } = judging;
  const counts = isErrorsLook(measurement)
    ? countLook(judging.counts, measurement, watch, { liveAt, until, now: measurement.at })
    : judging.counts;
  return { ...judging, ordered: [...judging.ordered, measurement], counts };
}

function verdictOf({ watch, liveAt, until, ordered, counts }: Judging, now: Date): Verdict {
  const clock = { liveAt, until, now };
  const site = judgeSite(ordered.filter(isSiteLook), dueLooks(watch));
  // What was so long ago, before the probe went silent, says nothing of the errors of now.
  const siteFails = site.fails && site.latest !== null && isRecent(watch, site.latest.at, now);
  const errors = judgeErrors(watch, ordered.filter(isErrorsLook), clock, { found: counts, siteFails });
  const findings = [...seenAt(site.latest?.at, site.findings), ...seenAt(errors.latest?.at, errors.findings)];
  const figures = figuresOf(errors, site, findings, counts.ratio);
  if (findings.length > 0) return regressed(findings, figures);
  if (clock.now.getTime() < clock.until.getTime()) {
    return { kind: "inconclusive", level: "none", ongoing: false, why: soFar(ordered, site), figures };
  }
  return atTheEnd({ watch, ordered, clock, errors, site, figures });
}

function isErrorsLook(measurement: Measurement): measurement is ErrorsLook {
  return measurement.kind === "errors" && measurement.look > 0;
}

function isSiteLook(measurement: Measurement): measurement is SiteLook {
  return measurement.kind === "site";
}

/** `at`: of the newest look of its monitor that saw something; a gap sees nothing. */
type Seen = Finding & { readonly at: Date | undefined };

function seenAt(at: Date | undefined, findings: readonly Finding[]): readonly Seen[] {
  return findings.map((finding) => ({ ...finding, at }));
}

/** What is over is worth a proposal, never an action: acting is for what still happens. */
function regressed(findings: readonly Seen[], figures: VerdictFigures): Verdict {
  const going = findings.filter((finding) => finding.ongoing);
  const level = going.some((finding) => finding.level === "act") ? "act" : "propose";
  const said = going.length > 0 ? going : findings;
  const lacks = level === "act" ? undefined : going.find((finding) => finding.lacks !== undefined)?.lacks;
  const needed = lacks === undefined ? [] : [lacksWords(lacks)];
  const why = capitalised([...said.map((finding) => finding.why), ...needed].join("; "));
  const errorsNow = said.find((finding) => finding.errorsNow !== undefined)?.errorsNow;
  const told = errorsNow === undefined ? figures : { ...figures, errorsNow };
  const troubles = [...new Set(said.map((finding) => finding.trouble))];
  const rest = { ...(troubles.includes("errors") ? {} : ({ about: "site" } as const)), ...(lacks === undefined ? {} : { lacks }) };
  const decisive = level === "act" ? going.filter((finding) => finding.level === "act") : said;
  const seen = new Date(Math.max(...decisive.map(({ at }) => at?.getTime() ?? 0)));
  return { kind: "regressed", level, ongoing: going.length > 0, why, figures: told, troubles, seenAt: seen, ...rest };
}

function soFar(ordered: readonly Measurement[], site: SiteJudged): string {
  const lines = ["No problem seen so far"];
  const sentry = ordered.findLast((measurement) => measurement.monitor === "sentry" && measurement.look > 0);
  if (sentry?.kind === "gap") lines.push(`but Sentry gave no answer at the last look (${oneLine(sentry.because)})`);
  if (sentry?.kind === "errors" && sentry.signal === "unproven") lines.push("but Sentry has sent nothing yet");
  const probe = ordered.findLast((measurement) => measurement.monitor === "http" && measurement.look > 0);
  if (probe?.kind === "gap") lines.push(`but the site could not be probed at the last look (${oneLine(probe.because)})`);
  if (site.downBefore) return "The site was down before the deployment already and still is";
  if (probe?.kind === "site" && !probe.up) return `The site did not answer at the last look (${oneLine(probe.detail)})`;
  if (probe?.kind === "site" && probe.revision?.kind === "other") return `At the last look ${otherWords(probe.revision)}`;
  if (probe?.kind === "site" && probe.revision?.kind === "unsaid") lines.push("but the site does not say which version it runs");
  const days = expiryOf(site);
  return [...lines, ...(days === null ? [] : [`but the site's ${certificateWords(days).replace("its ", "")}`])].join(", ");
}

function expiryOf({ latest }: SiteJudged): number | null {
  return latest?.certificate === undefined ? null : expiringIn(latest.certificate, latest.at);
}

function atTheEnd(input: {
  readonly watch: WatchPlan;
  readonly ordered: readonly Measurement[];
  readonly clock: WatchClock;
  readonly errors: ErrorsJudged;
  readonly site: SiteJudged;
  readonly figures: VerdictFigures;
}): Verdict {
  const { watch, ordered, clock, errors, site, figures } = input;
  const rest = { level: "none", ongoing: false, figures } as const;
  const monitors = (["sentry", "http"] as const).filter((name) => isExpected(name, watch, ordered));
  const coverages = monitors.map((name) => coverageOf(name, ordered, watch, clock));
  const missing = coverages.filter((coverage) => coverage.kind !== "enough");
  if (monitors.length === 0) return { kind: "blind", why: "Nothing was measured, so nobody knows", ...rest };
  if (missing.length > 0) {
    const blind = missing.some((coverage) => coverage.kind === "unproven") || coverages.every((coverage) => coverage.kind === "nothing");
    const why = `${missing.map((coverage) => coverage.why).join("; ")}, so nobody knows`;
    return { kind: blind ? "blind" : "inconclusive", why, ...rest };
  }
  if (site.latest?.up === false || site.latest?.revision?.kind === "other") {
    return { kind: "inconclusive", why: soFar(ordered, site), ...rest };
  }
  if (site.latest?.revision?.kind === "unsaid") {
    return { kind: "inconclusive", why: "The site does not say which version it runs, so nobody knows", ...rest };
  }
  return { kind: "healthy", why: healthyWords(errors, site), ...rest };
}

/** A monitor that is configured must have answered; a caller that names none is judged by what was measured. */
function isExpected(name: Measurement["monitor"], watch: WatchPlan, ordered: readonly Measurement[]): boolean {
  return (watch[name] ?? null) !== null || ordered.some((measurement) => measurement.monitor === name && measurement.look > 0);
}

function healthyWords(errors: ErrorsJudged, site: SiteJudged): string {
  const { latest } = errors;
  const parts: string[] = [];
  if (latest !== null) {
    const rate = latest.after.events / Math.max(minutesOf(latest.after), 1 / 60);
    const excuse = errors.roseBefore
      ? ", but they rose before the deployment"
      : errors.usualNow
        ? ", as usual at this time of the day"
        : "";
    parts.push(`${compared(rate, latest)}${excuse}`);
  }
  if (site.latest !== null) parts.push(siteWords(site));
  return capitalised(parts.join("; "));
}

function siteWords(site: SiteJudged): string {
  const { latency } = site;
  const days = expiryOf(site);
  const timed =
    latency === null || latency.beforeMs === null ? "" : ` in ${waitFigure(latency.nowMs)}, before ${waitFigure(latency.beforeMs)}`;
  return `the site answers${timed}${days === null ? "" : `, but ${certificateWords(days)}`}`;
}

function figuresOf(errors: ErrorsJudged, site: SiteJudged, findings: readonly Finding[], ratio: VerdictFigures["ratio"]): VerdictFigures {
  const { latest, newIssues } = errors;
  const days = expiryOf(site);
  const since = [errors.since, ...findings.map((finding) => finding.since)].filter((at) => at !== null).map((at) => at.getTime());
  const users = [latest?.after.users ?? null, ...newIssues.map((issue) => issue.users)].filter((count) => count !== null);
  return {
    errorsAfter: latest?.after.events ?? null,
    minutesAfter: latest === null ? 0 : minutesOf(latest.after),
    errorsBefore: latest?.before.events ?? null,
    minutesBefore: latest === null ? 0 : minutesOf(latest.before),
    usersHit: users.length === 0 ? null : Math.max(...users),
    since: findings.length === 0 || since.length === 0 ? null : new Date(Math.min(...since)),
    newIssues,
    lastEventAt: latest?.lastEventAt ?? null,
    siteUp: site.latest?.up ?? null,
    latencyMs: (site.latest?.up === true ? site.latency?.nowMs : null) ?? site.latest?.latencyMs ?? null,
    ...(site.latency === null ? {} : { latencyP95Ms: site.latency.p95Ms }),
    ...(site.latency?.beforeMs == null ? {} : { latencyBeforeMs: site.latency.beforeMs }),
    ...(site.latency?.slowPage == null ? {} : { slowPage: site.latency.slowPage }),
    ...(days === null ? {} : { certificateDays: days }),
    pValue: errors.pValue,
    ratio,
  };
}
