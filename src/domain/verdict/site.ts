import type { Measurement, SiteSeen } from "../measurement.ts";
import type { Finding } from "./finding.ts";
import { judgeSiteRevision } from "./site-revision.ts";
import { judgeSiteLatency } from "./site-latency.ts";
import type { SiteLatency } from "./site-latency.ts";
import { duration, oneLine } from "./words.ts";

/** A look that probed the site. */
export type SiteLook = Extract<Measurement, { kind: "site" }>;

/** Looks in a row that a site must be down: two can be a restart, three need no statistics. */
const DOWN_IN_A_ROW = 3;

/** What all probes say together. */
export type SiteJudged = {
  readonly findings: readonly Finding[];
  readonly latest: SiteLook | null;
  readonly downBefore: boolean;
  /** All or a part of it did not answer as it should, at the newest look too: more than slow, or another version. */
  readonly fails: boolean;
  /** Null: nothing was timed. */
  readonly latency: SiteLatency | null;
};

/**
 * `looks` in their order, with look 0 (before the deployment) first if there was one; gaps are left out: they say neither up nor
 * down. `dueLooks`: as many as the whole watch owes.
 */
export function judgeSite(looks: readonly SiteLook[], dueLooks: number): SiteJudged {
  const { findings, latency } = judgeSiteLatency(looks, dueLooks);
  const judged = judgeOutage(looks);
  const revisions = judgeSiteRevision(looks.filter((look) => look.look > 0));
  return {
    ...judged,
    fails: judged.findings.some((finding) => finding.ongoing),
    findings: [...judged.findings, ...revisions, ...findings],
    latency,
  };
}

function judgeOutage(looks: readonly SiteLook[]): Omit<SiteJudged, "latency" | "fails"> {
  const baseline = looks.find((look) => look.look === 0) ?? null;
  const during = looks.filter((look) => look.look > 0);
  const latest = during.at(-1) ?? null;
  const start = startOfRun(during, (look) => !look.up);
  const seenUp = during.slice(0, Math.max(0, start)).some((look) => look.up);
  const downBefore = baseline !== null && !baseline.up && !during.some((look) => look.up);
  const first = during[start];
  if (latest === null || downBefore) return { findings: [], latest, downBefore };
  if (first === undefined) return { findings: partOutage(baseline, during), latest, downBefore };
  // Nobody knows what it was before, or it was down then too: enough to ask a person, not to act.
  const upBefore = baseline === null ? seenUp : baseline.up;
  // Once it has answered again, a single look is as little as it was at first.
  const answered = during.slice(start).findIndex((look) => look.up);
  const finding = {
    level: upBefore ? "act" : "propose",
    ongoing: answered < 0,
    since: first.at,
    why: outage(during, start, upBefore),
    trouble: "down",
  } as const;
  const since = answered < 0 ? [] : partOutage(baseline, during.slice(start + answered));
  return { findings: [finding, ...since], latest, downBefore };
}

/** Some pages failed, look after look, that did not before: enough to ask a person. */
function partOutage(baseline: SiteLook | null, during: readonly SiteLook[]): readonly Finding[] {
  const isPart = (look: SiteLook): boolean => failsInPart(look, baseline);
  const start = startOfRun(during, isPart);
  const rest = during.slice(start);
  const [first] = rest;
  if (start < 0 || first === undefined) return [];
  const ongoing = rest.every(isPart);
  const detail = oneLine(first.partly ?? first.detail);
  const nowAndThen = (first.failing ?? []).length > 0 && (first.failing ?? []).every(({ failed, probes }) => failed < probes);
  const part = nowAndThen ? "the site" : "a part of the site";
  const why = ongoing
    ? `${part} fails${nowAndThen ? " now and then" : ""} at ${rest.length} looks in a row (${detail})`
    : `${part} failed (${detail}), now it answers again`;
  return [{ level: "propose", ongoing, since: first.at, why, trouble: "part" }];
}

/** Of a look's probes of a page; one of five fails on many a site now and then. */
const FAILING_SHARE = 0.4;
/** So many times as often as before: a page that failed half of the time, or always, cannot become worse by a deployment. */
const WORSE_THAN_BEFORE = 2;

/** Does a part of the site fail that did not before? `baseline` null: nobody looked before. */
export function failsInPart(look: SiteSeen, baseline: SiteSeen | null): boolean {
  // Looks of earlier versions of Greenlight hold one probe, and the sentence alone.
  if (look.failing === undefined) return look.partly !== undefined && baseline?.partly === undefined;
  return look.failing.some(({ page, failed, probes }) => {
    const before = baseline?.failing?.find((one) => one.page === page);
    const shareBefore = before === undefined ? 0 : before.failed / before.probes;
    const share = failed / probes;
    return share >= FAILING_SHARE && (failed > 1 || failed === probes) && share > WORSE_THAN_BEFORE * shareBefore;
  });
}

/** Index of the first look of the newest run that was long enough; -1 if there was none. */
function startOfRun(looks: readonly SiteLook[], isBad: (look: SiteLook) => boolean): number {
  let found = -1;
  let bad = 0;
  for (const [index, look] of looks.entries()) {
    bad = isBad(look) ? bad + 1 : 0;
    if (bad === DOWN_IN_A_ROW) found = index - DOWN_IN_A_ROW + 1;
  }
  return found;
}

function outage(during: readonly SiteLook[], start: number, upBefore: boolean): string {
  const rest = during.slice(start);
  const recovered = rest.find((look) => look.up);
  const first = rest[0];
  const detail = oneLine(first?.detail ?? "");
  const before = upBefore ? "before it answered" : "nobody knows whether it answered before";
  if (first !== undefined && recovered !== undefined) {
    const since = rest.at(-1)?.up === true ? "now it answers again" : "then it answered, but not at the last look";
    return `the site was down for ${duration(recovered.at.getTime() - first.at.getTime())} (${detail}), ${since}`;
  }
  return `the site is down at ${rest.length} looks in a row (${detail}), ${before}`;
}
