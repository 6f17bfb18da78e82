import { rateBefore, rateFigure } from "./figures.ts";
import type { ErrorsFigure, LatencyFigure, WatchFigure } from "./watch-figure.ts";

/** What a picture shows, for those who cannot see it: every figure that stands in it. `clock`: a time in its readers' zone. */
export function figureWords(figure: WatchFigure, clock: (at: Date) => string): string {
  const { errors, latency, liveAt, backAt } = figure;
  const when = `deployed ${clock(liveAt)}${backAt === null ? "" : `, rolled back ${clock(backAt)}`}`;
  return [
    `${figure.app} in ${figure.environment}, #${figure.number}, ${when}.`,
    ...(errors === null ? [] : [`${errorsHeading(errors)}, at most ${rateFigure(errors.peak)}.`]),
    ...(latency === null ? [] : [`${[latencyHeading(latency), silenceWords(latency)].filter((part) => part !== null).join("; ")}.`]),
  ].join(" ");
}

/** "Errors a minute: before 0.3, after 76" */
export function errorsHeading({ before, after }: ErrorsFigure): string {
  return `Errors a minute: ${before === null ? "nothing to compare with" : `before ${rateBefore(before)}`}, after ${rateFigure(after)}`;
}

/** "Answer time: before 118 ms, after 480 ms" */
export function latencyHeading({ before, after }: LatencyFigure): string {
  const was = before === null ? "" : `before ${milliseconds(before)}, `;
  return `Answer time: ${was}${after === null ? "none after" : `after ${milliseconds(after)}`}`;
}

/** "no answer at 2 of 10 looks"; null: there always was one. */
export function silenceWords({ unanswered, looks }: LatencyFigure): string | null {
  return unanswered === 0 ? null : `no answer at ${unanswered} of ${looks} ${looks === 1 ? "look" : "looks"}`;
}

function milliseconds(ms: number): string {
  return ms >= 9_950 ? `${Math.round(ms / 1000)} s` : ms >= 995 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`;
}
