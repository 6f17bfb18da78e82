import type { Aftermath } from "./aftermath.ts";
import type { Environment } from "./config.ts";
import type { Escalate } from "./escalate.ts";
import type { Deployment } from "./deployment.ts";
import { errorRate, rateBefore } from "./figures.ts";
import type { Verdict, VerdictFigures } from "./measurement.ts";
import type { Page, PageCause, PageEvent } from "./page.ts";
import { goesOnWords, whetherWords } from "./trouble-words.ts";
import { untitledErrorWords } from "./verdict/words.ts";
import { worstIssue } from "./verdict/worst-issue.ts";

/** A call about one deployment, in our own words alone: under `privacy: strict` nothing of it has to be left out. */
export function pageOf(
  environment: Pick<Environment, "app" | "name" | "url">,
  deployment: Deployment,
  call: {
    readonly event: PageEvent;
    readonly cause: PageCause;
    readonly since: Date;
    readonly afterMs: number;
    /** Null: nothing went back. */
    readonly aftermath: Aftermath | null;
  },
): Page {
  const { state } = deployment;
  const verdict = "verdict" in state ? state.verdict : null;
  const figures = verdict?.figures ?? null;
  const rates = {
    errorsPerMinute: figures === null ? null : rateOf(figures),
    errorsPerMinuteBefore: figures === null ? null : perMinute(figures.errorsBefore, figures.minutesBefore),
  };
  const place = `${environment.app}, ${environment.name}`;
  return {
    event: call.event,
    deployment: deployment.id,
    cause: call.cause,
    summary:
      call.event === "trigger"
        ? summaryOf(call.cause, {
            place,
            harm: verdict === null ? "" : harmText(verdict),
            aftermath: call.aftermath,
            afterMs: call.afterMs,
            hasBegun: state.state !== "needs_attention" || state.held === undefined,
          })
        : ENDED[call.event](place),
    app: environment.app,
    environment: environment.name,
    number: deployment.number,
    revision: deployment.revision,
    since: call.since,
    ...rates,
    usersHit: figures?.usersHit ?? null,
    url: environment.url,
  };
}

/** What its thread says when a pager is called. */
export function saidInThread(cause: PageCause, escalate: Escalate): string {
  const why: Readonly<Record<PageCause, string>> = {
    regression: `Nobody took it for ${minutes(escalate.afterMs)}`,
    rollback_failed: "The rollback did not finish",
    needs_attention: "A person has to look",
    not_stopped: "The rollback did not help",
    unverified: "Nobody could see whether the rollback helped",
  };
  return `${why[cause]}: on-call is paged (${escalate.to}).`;
}

type Summed = {
  readonly place: string;
  readonly harm: string;
  readonly aftermath: Aftermath | null;
  readonly afterMs: number;
  readonly hasBegun: boolean;
};

function summaryOf(cause: PageCause, { place, harm, aftermath, afterMs, hasBegun }: Summed): string {
  switch (cause) {
    case "regression":
      return `Regression in ${place}: still happening${harm}. Nobody took it for ${minutes(afterMs)}; rolling back waits for a person.`;
    case "rollback_failed":
      return `The rollback of ${place} did not finish: servers may differ. A person has to look.`;
    case "needs_attention":
      return hasBegun
        ? `The deployment to ${place} stopped half-way: servers may differ. A person has to look.`
        : `The deployment to ${place} cannot begin: another run holds its servers. A person has to look.`;
    case "not_stopped":
      return `${place} was rolled back and ${goesOnWords(aftermath?.goesOn ?? [])}: probably not this deployment.`;
    case "unverified":
      return `${place} was rolled back by Greenlight, and nobody could see whether ${whetherWords(aftermath?.unverified ?? [])}.`;
    default:
      return cause satisfies never;
  }
}

const ENDED = {
  acknowledge: (place: string) => `Somebody takes care of ${place}.`,
  resolve: (place: string) => `The trouble in ${place} is over.`,
} as const satisfies Readonly<Record<Exclude<PageEvent, "trigger">, (place: string) => string>>;

/** The rate where that rose; else the error that was found, without its title. */
function harmText({ about, figures }: Verdict): string {
  const { errorsNow, errorsBefore, minutesBefore, newIssues } = figures;
  const worst = worstIssue(newIssues);
  if (errorsNow === undefined) return worst === undefined || about === "site" ? "" : `, ${untitledErrorWords(worst)}`;
  const before = perMinute(errorsBefore, minutesBefore);
  return `, ${errorRate(errorsNow)}${before === null ? "" : `, before ${rateBefore(before)}`}`;
}

function rateOf({ errorsNow, errorsAfter, minutesAfter }: VerdictFigures): number | null {
  return errorsNow === undefined ? perMinute(errorsAfter, minutesAfter) : rounded(errorsNow);
}

function perMinute(events: number | null, over: number): number | null {
  return events === null || over <= 0 ? null : rounded(events / over);
}

function rounded(rate: number): number {
  return Math.round(rate * 100) / 100;
}

function minutes(ms: number): string {
  const count = Math.round(ms / 60_000);
  return count === 1 ? "a minute" : `${count} minutes`;
}
