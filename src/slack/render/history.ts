import type { HistoryAnswer, HistoryLine } from "../../domain/answers.ts";
import { escaped, foreign, inCode } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { clock, duration, list, titleWords } from "../words.ts";
import type { Rendered } from "./drawing.ts";
import { lines } from "./lines.ts";
import { stateWords } from "./state-words.ts";

/** What has ended is told as past: something else may be live by now. */
const PAST: Readonly<Record<string, string>> = { succeeded: "was healthy", succeeded_unverified: "went live, not verified" };
/** Ends whose reason is worth a line: a good end has none. */
const SAYS_WHY: ReadonlySet<string> = new Set([
  "succeeded_unverified",
  "regressed",
  "failed",
  "rejected",
  "cancelled",
  "superseded",
  "needs_attention",
]);
/** Of these the time is the one until it was live, and not until it ended so. */
const WENT_LIVE: ReadonlySet<string> = new Set(["succeeded", "succeeded_unverified", "watching", "countdown", "regressed"]);
/** Environments that one answer shows. */
const MOST = 8;

export function renderHistory({ app, environments, now }: HistoryAnswer): Rendered {
  const shown = environments.slice(0, MOST);
  return lines([
    ...shown.flatMap(({ environment, entries, more }) => [
      `*${foreign(app, LIMITS.name)} in ${foreign(environment, LIMITS.name)}*${entries.length === 0 ? ": nothing was deployed yet." : more ? `, the last ${entries.length}:` : ":"}`,
      ...entries.map((entry) => entryLine(entry, now)),
    ]),
    ...(environments.length > shown.length ? [`and ${environments.length - shown.length} more environments: name one of them`] : []),
  ]);
}

function entryLine(entry: HistoryLine, now: Date): string {
  const { icon, words } = stateWords(entry.state);
  const title = entry.title === null ? "" : `${escaped(titleWords(entry.title))}, `;
  const what = entry.kind === "rollback" ? `rollback${entry.rollsBack === null ? "" : ` of #${entry.rollsBack}`} to ` : "";
  const took = entry.tookMs === null ? "" : `${WENT_LIVE.has(entry.state) ? ", live in" : " after"} ${duration(entry.tookMs)}`;
  const why =
    entry.because !== null && SAYS_WHY.has(entry.state)
      ? ` Because: ${foreign(entry.because, LIMITS.changeTitle).replace(/[.!?]$/u, "")}.`
      : "";
  return [
    `:${icon}: *#${entry.number}* ${PAST[entry.state] ?? words}${took}: ${what}${title}${inCode(entry.revision.slice(0, 7), 7)}. ${capital(whoWords(entry))} ${clock(entry.at, now)}.${why}`,
    ...(entry.rolledBackBy === null
      ? []
      : [`:arrows_counterclockwise: rolled back by ${foreign(entry.rolledBackBy.by, LIMITS.name)} with #${entry.rolledBackBy.number}`]),
  ].join("\n   ");
}

/** "asked for by Bob, approved by Ann," */
function whoWords({ askedBy, approvedBy, overriddenBy }: HistoryLine): string {
  return [
    `asked for by ${names([askedBy])}`,
    ...(approvedBy.length === 0 ? [] : [`approved by ${names(approvedBy)}`]),
    ...(overriddenBy.length === 0 ? [] : [`without a yes, overridden by ${names(overriddenBy)}`]),
  ]
    .join(", ")
    .concat(",");
}

function names(some: readonly string[]): string {
  return list(some.map((name) => foreign(name, LIMITS.name)));
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
