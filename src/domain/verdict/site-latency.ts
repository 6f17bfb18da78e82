import { waitFigure } from "../figures.ts";
import type { Measurement, PageSamples, SiteSeen } from "../measurement.ts";
import type { Finding } from "./finding.ts";
import { WARM_UP_LOOKS, judgeLatency, latencyBefore, median, quantile } from "./latency.ts";
import type { LatencyLook } from "./latency.ts";
import { duration } from "./words.ts";

/** How long people wait for the page that is told of: medians, and the 95th percentile of all of the watch, in milliseconds; `beforeMs` null: nothing to compare; `slowPage`: it is slow still. */
export type SiteLatency = {
  readonly nowMs: number;
  readonly p95Ms: number;
  readonly beforeMs: number | null;
  readonly slowPage: string | null;
};

type Look = SiteSeen & { readonly look: number; readonly at: Date };

/** Each page by itself, since a slow one beside a fast one is not a change; all share the budget. `dueLooks`: of the whole watch. */
export function judgeSiteLatency(
  looks: readonly Look[],
  dueLooks: number,
): { readonly findings: readonly Finding[]; readonly latency: SiteLatency | null } {
  const answered = looks.filter((look) => look.up);
  const pages = [...new Set(answered.flatMap((look) => (look.samples ?? []).map(({ page }) => page)))];
  const judged = pages.map((page) => {
    const before = momentsBefore(answered, page);
    const during = samplesDuring(answered, page);
    return { page, before, during, slow: judgeLatency({ before, looks: during, tests: dueLooks * pages.length }) };
  });
  const findings = judged.flatMap(({ page, slow }): readonly Finding[] => {
    if (slow === null) return [];
    const { since, endedAt, nowMs, beforeMs } = slow;
    const who = pages.length > 1 ? page : "the site";
    const figures = `${waitFigure(nowMs)}, before ${waitFigure(beforeMs)}`;
    const why =
      endedAt === null
        ? `${who} answers in ${figures}`
        : `${who} was slow for ${duration(endedAt.getTime() - since.getTime())} (${figures}), now it answers as before`;
    return [{ level: "propose", ongoing: endedAt === null, since, why, trouble: "slow" }];
  });
  const byNow = judged.flatMap(({ page, before, during, slow }) => {
    const nowMs = median(during.at(-1)?.samplesMs ?? []);
    if (nowMs === null) return [];
    const p95Ms =
      quantile(
        during.flatMap(({ samplesMs }) => samplesMs),
        0.95,
      ) ?? nowMs;
    return [{ page, isSlow: slow?.endedAt === null, nowMs, p95Ms, beforeMs: latencyBefore(before) }];
  });
  const told = byNow.toSorted((left, right) => Number(right.isSlow) - Number(left.isSlow) || right.nowMs - left.nowMs)[0];
  if (told === undefined) return { findings, latency: null };
  const { nowMs, p95Ms, beforeMs } = told;
  return { findings, latency: { nowMs, p95Ms, beforeMs, slowPage: told.isSlow ? told.page : null } };
}

/** More looks of an earlier watch say nothing new. */
const MOST_EARLIER = 30;

/** What look 0 of the next deployment takes along from a watch that ended healthy. */
export function earlierSamples(watch: readonly Measurement[]): readonly (readonly PageSamples[])[] {
  return watch
    .filter((look) => look.kind === "site" && look.look > WARM_UP_LOOKS && look.up)
    .flatMap((look) => (look.kind === "site" && look.samples !== undefined ? [look.samples] : []))
    .slice(-MOST_EARLIER);
}

function momentsBefore(looks: readonly Look[], page: string): readonly (readonly number[])[] {
  return looks
    .filter((look) => look.look === 0)
    .flatMap((look) => [...(look.earlier ?? []), look.samples ?? []])
    .map((samples) => samplesOfPage(samples, page))
    .filter((samplesMs) => samplesMs.length > 0);
}

function samplesDuring(looks: readonly Look[], page: string): readonly LatencyLook[] {
  return looks
    .filter((look) => look.look > 0)
    .map(({ look, at, samples }) => ({ look, at, samplesMs: samplesOfPage(samples ?? [], page) }))
    .filter(({ samplesMs }) => samplesMs.length > 0);
}

function samplesOfPage(samples: readonly PageSamples[], page: string): readonly number[] {
  return samples.filter((one) => one.page === page).flatMap(({ samplesMs }) => samplesMs);
}
