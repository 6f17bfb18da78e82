import type { SentryWatch } from "../domain/config.ts";
import type { Monitors } from "../ports.ts";
import { locate } from "./sentry-source.ts";
import type { SentryPlace, SentrySource, SentrySources } from "./sentry-source.ts";

export type Announced = Parameters<Monitors["announce"]>[1];

/** Tells Sentry of the release and its deploy. Idempotent; the sentence says what failed, null if nothing did. */
export async function announce(sources: SentrySources, watch: SentryWatch, announced: Announced): Promise<string | null> {
  const located = locate(sources, watch);
  if (!located.ok) return `Sentry was not told of the release: ${located.refusal}`;
  const { source, place } = located.value;
  const release = `${watch.releasePrefix}${announced.revision}`;
  const created = await createRelease(source, place, release, announced);
  if (created.kind === "failed") return `Sentry was not told of the release: ${created.because}`;
  const deploy = await source.ensureDeploy(place, {
    release,
    name: announced.deployment,
    startedAt: announced.startedAt,
    finishedAt: announced.liveAt,
  });
  if (!deploy.ok) return `Sentry knows the release but not its deploy: ${deploy.refusal.because}`;
  return created.kind === "without_commits" ? `Sentry knows the release but not its commits: ${created.because}` : null;
}

type Created = { readonly kind: "created" } | { readonly kind: "without_commits" | "failed"; readonly because: string };

/** A repository that Sentry does not know is rejected; then the release is told without its commits, which is better than none. */
async function createRelease(source: SentrySource, place: SentryPlace, release: string, announced: Announced): Promise<Created> {
  const releasedAt = announced.liveAt;
  const commits = { repository: announced.repository, commit: announced.revision, previous: announced.previous };
  const whole = await source.createRelease(place, { release, releasedAt, commits });
  if (whole.ok) return { kind: "created" };
  if (whole.refusal.kind !== "rejected") return { kind: "failed", because: whole.refusal.because };
  const bare = await source.createRelease(place, { release, releasedAt, commits: null });
  return bare.ok ? { kind: "without_commits", because: whole.refusal.because } : { kind: "failed", because: bare.refusal.because };
}
