import { refuse } from "../domain/result.ts";
import { fewAtOnce } from "./few-at-once.ts";
import type { SentrySource, SourceFailure } from "./sentry-source.ts";

/** A look asks a dozen questions, and is told of before it would be made again: with the last of them in a minute. */
const LOOK_MS = 40_000;
/** Sentry takes 25 requests of a token at once (`X-Sentry-Rate-Limit-ConcurrentLimit`): two replicas with four looks each ask 24. */
const MOST_AT_ONCE = 3;

/**
 * The same source, which is asked a few questions at once, and nothing more once a look has taken too long. `elapsed`: a clock in
 * milliseconds that never goes back.
 */
export function hurried(source: SentrySource, elapsed: () => number): SentrySource {
  const end = elapsed() + LOOK_MS;
  const few = fewAtOnce(MOST_AT_ONCE);
  const asked = <Given extends readonly unknown[], Answer>(ask: (...given: Given) => Promise<Answer>) => {
    return (...given: Given): Promise<Answer | ReturnType<typeof tooSlow>> =>
      few<Answer | ReturnType<typeof tooSlow>>(async () => (elapsed() < end ? await ask(...given) : tooSlow()));
  };
  return {
    organization: source.organization,
    issuesOfRelease: asked(source.issuesOfRelease),
    issuesAgain: asked(source.issuesAgain),
    series: asked(source.series),
    countUsers: asked(source.countUsers),
    countBy: asked(source.countBy),
    suspectOf: asked(source.suspectOf),
    releasesSeen: asked(source.releasesSeen),
    sessions: asked(source.sessions),
    createRelease: asked(source.createRelease),
    ensureDeploy: asked(source.ensureDeploy),
  };
}

function tooSlow() {
  return refuse<SourceFailure>({ kind: "unreachable", because: `Sentry answers too slowly: a look ends after ${LOOK_MS / 1000} s` });
}
