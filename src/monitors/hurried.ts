import { refuse } from "../domain/result.ts";
import type { SentrySource, SourceFailure } from "./sentry-source.ts";

/** A look asks a dozen questions, one after the other, and is told of before it would be made again: with the last of them in a minute. */
const LOOK_MS = 40_000;

/** The same source, which is asked nothing more once a look has taken too long. `elapsed`: a clock in milliseconds that never goes back. */
export function hurried(source: SentrySource, elapsed: () => number): SentrySource {
  const end = elapsed() + LOOK_MS;
  const asked = <Given extends readonly unknown[], Answer>(ask: (...given: Given) => Promise<Answer>) => {
    return (...given: Given): Promise<Answer | ReturnType<typeof tooSlow>> =>
      elapsed() < end ? ask(...given) : Promise.resolve(tooSlow());
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
