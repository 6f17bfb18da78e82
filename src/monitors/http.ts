import { setTimeout as pause } from "node:timers/promises";
import type { HttpPage, HttpWatch } from "../domain/config.ts";
import type { Sha } from "../domain/ids.ts";
import type { Gap, Measurement, PageSamples, RevisionSaid, SiteSeen, Validity } from "../domain/measurement.ts";
import { median, quantile } from "../domain/verdict/latency.ts";
import type { Look, Report } from "../ports.ts";
import { probe } from "./probe.ts";
import type { Probed } from "./probe.ts";

export type HttpMonitor = { measure(watch: HttpWatch, look: Look): Promise<Measurement> };

/**
 * Probes of a page at one look, one after another: so few burden nobody, one slow answer among them is not the median, and a hiccup
 * of a moment does not meet all of them. None begins later in a look than `withinMs`: a slow site is asked less often.
 */
const DURING = { most: 5, pauseMs: 100, withinMs: 1000 } as const;
/** Before the deployment, with which everything afterwards is compared: more of them, and the deployment waits for no pauses. */
const BEFORE = { most: 20, pauseMs: 0, withinMs: 2000 } as const;

/** Probes each page a few times. What it took is said of each, what failed in sentences. */
export function createHttpMonitor(deps: { readonly report: Report }): HttpMonitor {
  async function measure(watch: HttpWatch, look: Look): Promise<Measurement> {
    const head = { monitor: "http", look: look.look, at: look.now } as const;
    const { timeoutMs, revision: revisionIn = null } = watch;
    const [first, ...others] = await Promise.all([
      series(watch, { timeoutMs, revisionIn }, look),
      ...(watch.also ?? []).map((page) => series(page, { timeoutMs, revisionIn: null }, look)),
    ]);
    const pages = [first, ...others];
    const gap = pages.find((seen) => seen.kind === "gap");
    if (gap !== undefined) return { ...head, ...gap };
    // Before the deployment another revision is what should be there.
    const revision = revisionIn === null || look.look === 0 || first.kind === "gap" ? null : revisionOf(first, look.revision);
    return { ...head, ...together(pages.filter((seen) => seen.kind === "page")), ...(revision === null ? {} : { revision }) };
  }

  async function series(page: HttpPage, asking: Parameters<typeof probe>[1], look: Look): Promise<PageSeen | Gap> {
    const { most, pauseMs, withinMs } = look.look === 0 ? BEFORE : DURING;
    const started = performance.now();
    const probes: Probed[] = [];
    do {
      if (probes.length > 0 && pauseMs > 0) await pause(pauseMs);
      probes.push(await probe(page, asking));
    } while (probes.length < most && performance.now() - started < withinMs);
    const fault = probes.find((one) => one.kind === "fault");
    if (fault !== undefined) {
      deps.report(fault.fault, { monitor: "http", app: look.app, environment: look.environment, look: look.look });
      return { kind: "gap", because: "the site probe itself failed; the bot's log says why" };
    }
    const answered = probes.filter((one) => one.kind === "probed");
    return (answered.length === 0 ? probes.find((one) => one.kind === "gap") : undefined) ?? pageOf(page, answered);
  }
  return { measure };
}

type Answered = Extract<Probed, { kind: "probed" }>;
type PageSeen = {
  readonly kind: "page";
  readonly path: string;
  readonly up: boolean;
  /** What is wrong with it, if only at some of the probes; null: nothing. */
  readonly fails: string | null;
  readonly detail: string;
  readonly failed: number;
  readonly probes: number;
  readonly samplesMs: readonly number[];
  readonly certificates: readonly Validity[];
  /** What it said at each probe that found it up. */
  readonly revisions: readonly (string | null)[];
};

/** A page is down when all of its probes fail; of one that fails now and then it is said how often. */
function pageOf(page: HttpPage, probes: readonly Answered[]): PageSeen {
  const bad = probes.filter((one) => !one.up);
  const up = bad.length < probes.length;
  const told = bad[0]?.detail ?? null;
  return {
    kind: "page",
    path: new URL(page.url).pathname,
    up,
    failed: bad.length,
    probes: probes.length,
    fails: told !== null && up ? `${told}, ${bad.length} of ${probes.length} times` : told,
    detail: (up ? probes.find((one) => one.up)?.detail : told) ?? "nothing was asked",
    // How fast an error page comes says nothing of how long people wait.
    certificates: probes.flatMap((one) => one.certificate ?? []),
    revisions: probes.filter((one) => one.up).map((one) => one.revision),
    samplesMs: probes.filter((one) => one.up === up).flatMap((one) => one.latencyMs ?? []),
  };
}

/** Behind a balancer one server may run another version than the rest. Null: the page is down. */
function revisionOf({ revisions }: PageSeen, deployed: Sha): RevisionSaid | null {
  if (revisions.length === 0) return null;
  const others = revisions.filter((said) => said !== null && !deployed.startsWith(said));
  const [other] = others;
  if (other !== undefined && other !== null) return { kind: "other", said: other, deployed, always: others.length === revisions.length };
  return { kind: revisions.includes(null) ? "unsaid" : "deployed" };
}

/** The site is down when all of its pages are; the slowest page is what people wait for. */
function together(pages: readonly PageSeen[]): SiteSeen {
  const up = pages.some((page) => page.up);
  const partly = pages.flatMap(({ path, fails }) => (fails === null ? [] : [`${path}: ${fails}`])).join(", ");
  const samples: readonly PageSamples[] = pages
    .filter((page) => page.samplesMs.length > 0)
    .map(({ path, samplesMs }) => ({ page: path, samplesMs }));
  const failing = pages.flatMap(({ path, failed, probes }) => (failed === 0 ? [] : [{ page: path, failed, probes }]));
  const certificates = pages.flatMap((page) => page.certificates);
  const certificate = certificates.toSorted((left, right) => left.until.getTime() - right.until.getTime())[0];
  const slowest = samples.toSorted((left, right) => (median(right.samplesMs) ?? 0) - (median(left.samplesMs) ?? 0))[0];
  return {
    kind: "site",
    up,
    latencyMs: slowest === undefined ? null : median(slowest.samplesMs),
    detail: pages.find((page) => page.up === up)?.detail ?? "no page is probed",
    ...(up && partly !== "" ? { partly } : {}),
    ...(failing.length > 0 ? { failing } : {}),
    ...(certificate === undefined ? {} : { certificate }),
    ...(slowest === undefined ? {} : { latencyP95Ms: quantile(slowest.samplesMs, 0.95) ?? 0, samples }),
  };
}
