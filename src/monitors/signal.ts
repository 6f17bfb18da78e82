import type { ErrorsSeen } from "../domain/measurement.ts";
import { ok, refuse } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { EventBucket, ReleaseIssue, SentryPlace, SentrySource, Stretch } from "./sentry-source.ts";

export type Signal = Pick<ErrorsSeen, "signal" | "unprovenBecause">;

type Evidence = {
  readonly issues: readonly ReleaseIssue[];
  readonly after: readonly EventBucket[];
  readonly early: readonly EventBucket[];
  /** Requests of this release that it traced since it is live. */
  readonly requests: readonly EventBucket[];
  /** Was anything heard of this environment before? */
  readonly heardBefore: boolean;
  readonly release: string;
  readonly prefix: string;
  readonly history: Stretch;
  readonly now: Date;
};

const REVISION = /^[0-9a-f]{40}$/;

/**
 * The self-test: does silence mean something? Proven when Sentry holds an event or a traced request of this release, or any event of this
 * environment that carries a release named as ours are: else its errors would never be found under this one.
 */
export async function proveSignal(source: SentrySource, place: SentryPlace, evidence: Evidence): Promise<Result<Signal, string>> {
  const ofRelease = [...evidence.early, ...evidence.after, ...evidence.requests];
  if (evidence.issues.length > 0 || ofRelease.some((bucket) => bucket.value > 0)) return ok({ signal: "proven" });
  const all = { from: evidence.history.from, to: evidence.now };
  const releases = await source.releasesSeen(place, all);
  if (releases.ok) return ok(fromNames(releases.value, place, evidence));
  // A server without the table of releases: any event of the environment has to do.
  if (releases.refusal.kind !== "not_found" && releases.refusal.kind !== "rejected") return refuse(releases.refusal.because);
  if (evidence.heardBefore) return ok({ signal: "proven" });
  const others = await source.series(place, {
    of: "errors",
    from: evidence.history.to,
    to: evidence.now,
    filter: { notRelease: evidence.release },
    everySeconds: 60,
  });
  if (!others.ok) return refuse(others.refusal.because);
  return ok({ signal: others.value.some((bucket) => bucket.value > 0) ? "proven" : "unproven" });
}

function fromNames(releases: readonly (string | null)[], place: SentryPlace, evidence: Evidence): Signal {
  if (releases.length === 0) return { signal: "unproven" };
  const ours = releases.some(
    (name) => name !== null && name.startsWith(evidence.prefix) && REVISION.test(name.slice(evidence.prefix.length)),
  );
  if (ours) return { signal: "proven" };
  const expected = evidence.prefix === "" ? "the full revision" : `${evidence.prefix} and the full revision`;
  return {
    signal: "unproven",
    unprovenBecause: `Sentry's events of ${place.environment} do not carry ${expected} as their release, so errors of this one cannot be told apart`,
  };
}
