import type { DeploymentCard } from "../../domain/card.ts";
import { certificateWords, errorRate, rateBefore, rateFigure, waitFigure } from "../../domain/figures.ts";
import type { Verdict, VerdictFigures } from "../../domain/measurement.ts";
import { troublesOf } from "../../domain/trouble-words.ts";
import { changedFileWords, foundWords } from "../../domain/verdict/words.ts";
import { likelyChange } from "../../domain/verdict/likely-change.ts";
import { worstIssue } from "../../domain/verdict/worst-issue.ts";
import { escaped, foreign, inCode, link } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { changeTitle, clock, count, duration, perMinute } from "../words.ts";
import type { RenderContext } from "./drawing.ts";
import { sentence } from "./parts.ts";

/** What was measured, always beside what it is compared with. Nothing measured gives no line. */

/** "Still happening: 76 errors a minute, before 0.3." Where it is no rate that rose, what was found. `still`: as of when. */
export function stillHappening(verdict: Verdict, still = "Still happening"): string {
  const { figures } = verdict;
  // One look at which it does not answer says nothing yet of the whole.
  if (figures.siteUp === false && verdict.ongoing && troublesOf(verdict).includes("down")) return `${still}: the site does not answer.`;
  const { errorsNow, errorsAfter } = figures;
  if (errorsNow === undefined || errorsAfter === null || verdict.about === "site") {
    const found = sentence(foundWords(verdict));
    return verdict.ongoing ? `${still}: ${lower(found)}` : found;
  }
  return verdict.ongoing
    ? `${still}: ${besideBefore(errorsNow, figures)}.`
    : `Not happening at the last look: ${besideBefore(perMinute(errorsAfter, figures.minutesAfter), figures)} over the whole time.`;
}

/** "76 errors a minute, before 0.3". */
function besideBefore(rate: number, { errorsBefore, minutesBefore }: VerdictFigures): string {
  const before = errorsBefore === null ? "nothing to compare with" : `before ${rateBefore(perMinute(errorsBefore, minutesBefore))}`;
  return `${errorRate(rate)}, ${before}`;
}

export function errorsLine(figures: VerdictFigures): string | null {
  if (figures.errorsAfter === null) return null;
  const total = `*Errors:* ${figures.errorsAfter.toLocaleString("en-GB")} in ${duration(figures.minutesAfter * 60_000)}`;
  if (figures.errorsBefore === null) return `${total}, nothing to compare with`;
  const rate = perMinute(figures.errorsBefore, figures.minutesBefore);
  // One error in three seconds is no rate yet.
  if (figures.minutesAfter < 1) return `${total} (before: ${rateBefore(rate)}${rate > 0 ? " a minute" : ""})`;
  return `${total}, ${rateFigure(perMinute(figures.errorsAfter, figures.minutesAfter))} a minute (before: ${rateBefore(rate)})`;
}

/** "Site: answers in 820 ms, 95 of 100 times within 1.2 s (before: 190 ms)". */
export function siteLine(figures: VerdictFigures): string | null {
  if (figures.siteUp === null) return null;
  if (!figures.siteUp) return "*Site:* does not answer";
  const { certificateDays: days } = figures;
  return days === undefined ? answersLine(figures) : `:warning: ${answersLine(figures)}; ${certificateWords(days)}`;
}

function answersLine({ latencyMs, latencyP95Ms, latencyBeforeMs }: VerdictFigures): string {
  if (latencyMs === null) return "*Site:* answers";
  const most = latencyP95Ms === undefined ? "" : `, 95 of 100 times within ${waitFigure(latencyP95Ms)}`;
  const before = latencyBeforeMs === undefined ? "" : ` (before: ${waitFigure(latencyBeforeMs)})`;
  return `*Site:* answers in ${waitFigure(latencyMs)}${most}${before}`;
}

/** "Since: 14:04, 2 min after it went live. 118 people hit so far." */
export function sinceLine(card: DeploymentCard, verdict: Verdict, context: RenderContext): string | null {
  const { since, usersHit } = verdict.figures;
  const people = usersHit === null ? "" : ` *${count(usersHit, "person").replace("persons", "people")}* hit so far.`;
  if (since === null) return usersHit === null ? null : `*Harm:*${people}`;
  const live = card.deployment.liveAt;
  const after = live === null || since < live ? "" : `, ${duration(since.getTime() - live.getTime())} after it went live`;
  return `*Since:* ${clock(since, context.now)}${after}.${people}`;
}

/** Letters of a commit's id that people read. */
const SHORT_REVISION = 7;

const LABELS = { new: "New error", regressed: "Error that is back", escalating: "Escalating error" } as const;

/** The worst error: what, where, how often. Titles stay out under strict privacy, as the monitor already left them out. */
export function newErrorLine(figures: VerdictFigures): string | null {
  const worst = worstIssue(figures.newIssues);
  if (worst === undefined) return null;
  const place = worst.place === null ? "" : ` in ${inCode(worst.place, LIMITS.name)}`;
  const more = figures.newIssues.length - 1;
  const others = more > 0 ? `, and ${count(more, "other kind")}` : "";
  return `*${LABELS[worst.again?.how ?? "new"]}:* ${link(worst.url, foreign(worst.title, LIMITS.changeTitle))}${place}${changedFileWords(worst)}, ${count(worst.events, "time")}${others}`;
}

/** The change that Sentry suspects of the error that is shown; else only said when there is no choice. */
export function likelyFrom(card: DeploymentCard, figures: VerdictFigures): string | null {
  const { changes, complete } = card.deployment.changes;
  const worst = worstIssue(figures.newIssues);
  const suspect = worst?.suspect;
  const suspected = changes.find(({ revision }) => revision === suspect?.revision);
  if (suspect !== undefined && suspected === undefined) {
    const author = suspect.author === null ? "" : `, ${foreign(suspect.author, LIMITS.name)}`;
    return `*Sentry suspects:* ${inCode(suspect.revision.slice(0, SHORT_REVISION), SHORT_REVISION)}${author}${complete ? ", live before already" : ""}`;
  }
  const likely = suspected ?? likelyChange(card.deployment.changes, worst);
  if (likely === null) return null;
  return `*Likely from:* ${link(likely.url, escaped(changeTitle(likely)))}, ${foreign(likely.author.name, LIMITS.name)}`;
}

function lower(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1);
}
