import type { QueueAnswer, QueueLine, QueuePart } from "../../domain/answers.ts";
import { foreign } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { clock, progress } from "../words.ts";
import { named } from "./diff.ts";
import type { Rendered } from "./drawing.ts";
import { firstOf, lines } from "./lines.ts";
import { stateWords } from "./state-words.ts";
import { reasonWords } from "./why.ts";

/** Deployments that wait in one environment, their reasons, and environments. */
const WAITING = 10;
const REASONS = 5;
const MOST = 12;

export function renderQueue({ app, environments, now }: QueueAnswer): Rendered {
  if (environments.length === 0) return lines([`Nothing runs and nothing waits${app === null ? "" : ` of ${foreign(app, LIMITS.name)}`}.`]);
  const shown = environments.slice(0, MOST);
  return lines([
    ...shown.flatMap((part) => [
      `*${foreign(part.app, LIMITS.name)} to ${foreign(part.environment, LIMITS.name)}*`,
      ...part.running.map((line) => runningLine(line, now)),
      ...firstOf(part.waiting, WAITING, "deployment", (line) => waitingLine(line, now)),
    ]),
    ...(environments.length > shown.length ? [`and ${environments.length - shown.length} more environments: name an app`] : []),
  ]);
}

function runningLine(line: QueuePart["running"][number], now: Date): string {
  const goes = line.state === "executing" ? progress(line.since, line.usualMs, now) : null;
  return `:${stateWords(line.state).icon}: ${numbered(line)} ${stateWords(line.state).words}${goes === null ? "" : `, ${goes}`}.`;
}

function waitingLine(line: QueuePart["waiting"][number], now: Date): string {
  const place = line.place === null ? "waits for a yes" : `waits, ${foreign(line.place, LIMITS.name)}`;
  const since = `, since ${clock(line.since, now)}, asked for by ${foreign(line.askedBy, LIMITS.name)}`;
  const until = line.expiresAt === null ? "" : ` It can be approved until ${clock(line.expiresAt, now)}.`;
  const starts = line.startsAt === null ? "" : ` It starts at about ${clock(line.startsAt, now)}.`;
  return [
    `:double_vertical_bar: ${numbered(line)} ${place}${since}.${starts}${until}`,
    ...firstOf(line.blockers, REASONS, "reason", (reason) => `• ${reasonWords(reason, now)}`),
  ].join("\n   ");
}

function numbered(line: QueueLine): string {
  return `*#${line.number}*${line.kind === "rollback" ? " (rollback)" : ""} ${named(line)}`;
}
