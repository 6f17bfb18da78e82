import type { WhyAnswer, WhyPart, WhyReason } from "../../domain/answers.ts";
import { foreign, inCode } from "../escape.ts";
import { dated } from "../instants.ts";
import { LIMITS } from "../limits.ts";
import { clock } from "../words.ts";
import { named } from "./diff.ts";
import type { Rendered } from "./drawing.ts";
import { firstOf, lines } from "./lines.ts";
import { sentence } from "./parts.ts";
import { stateWords } from "./state-words.ts";

/** Reasons of one environment, and environments. */
const REASONS = 12;
const MOST = 8;

export function renderWhy(answer: WhyAnswer): Rendered {
  const { app, newest, branch, environments, now } = answer;
  if (newest === null)
    return lines([
      `Nothing is known of ${foreign(app, LIMITS.name)} yet: no push to ${foreign(branch, LIMITS.name)} has reached Greenlight.`,
    ]);
  const shown = environments.slice(0, MOST);
  return lines([
    `*The newest version of ${foreign(app, LIMITS.name)}* on ${foreign(branch, LIMITS.name)} is ${named(newest)}.`,
    ...(answer.elsewhere === undefined ? [] : [elsewhereLine(answer.elsewhere)]),
    ...shown.flatMap((part) => [...standLines(answer, part, now), ...insteadLines(answer, part)]),
    ...(environments.length > shown.length ? [`and ${environments.length - shown.length} more environments: name one of them`] : []),
  ]);
}

function elsewhereLine(pushes: number): string {
  return `${pushes === 1 ? "A later push touches" : `${pushes} later pushes touch`} nothing of its \`paths\`, so ${pushes === 1 ? "it makes" : "they make"} no version of it.`;
}

function standLines(answer: WhyAnswer, { environment, stand }: WhyPart, now: Date): readonly string[] {
  const name = `*${capital(foreign(environment, LIMITS.name))}*`;
  switch (stand.kind) {
    case "live":
      return [`:white_check_mark: ${name}: it is live there, since ${clock(stand.since, now)}.`];
    case "by_ci":
      return [`:white_circle: ${name}: CI deploys it, Greenlight only records what is live.`];
    case "on_its_way":
      return [`:${stateWords(stand.state).icon}: ${name}: nothing stands in its way, #${stand.number} ${stateWords(stand.state).words}.`];
    case "free":
      return [`:large_green_circle: ${name}: nothing stands in its way. Type ${typed(answer, stand.words)}.`];
    case "stopped":
      return [
        `:double_vertical_bar: ${name}: not yet, because`,
        ...firstOf(stand.reasons, REASONS, "reason", (reason) => `• ${reasonWords(reason, now)}`),
        ...opensLines(stand, now),
      ];
    default:
      return stand satisfies never;
  }
}

/** Only where no single reason says it. */
function opensLines({ reasons, opensAt }: Extract<WhyPart["stand"], { readonly kind: "stopped" }>, now: Date): readonly string[] {
  const ends = reasons.flatMap(({ liftsAt }) => (liftsAt === null ? [] : [liftsAt.getTime()]));
  return opensAt === null || (ends.length === 1 && ends[0] === opensAt.getTime())
    ? []
    : [`   All that ends by the clock is over at ${clock(opensAt, now)}.`];
}

/** The rule in words, its owner, when it lifts by itself, and what lifts it. */
export function reasonWords(reason: WhyReason, now: Date): string {
  const isNamed = reason.owner === null || reason.text.includes(reason.owner);
  const owner = isNamed ? "" : ` (${foreign(reason.owner ?? "", LIMITS.name)})`;
  const until = reason.liftsAt === null ? "" : ` Until ${clock(reason.liftsAt, now)}.`;
  return dated(`${sentence(reason.text)}${owner}${until}${reason.lifts === null ? "" : ` ${lifted(reason.lifts)}`}`, now);
}

/** A sentence of ours with a command in backticks, and names of the configuration in it. */
function lifted(words: string): string {
  return foreign(words, LIMITS.sentence * 2);
}

function insteadLines(answer: WhyAnswer, { instead }: WhyPart): readonly string[] {
  return instead === null ? [] : [`   ${named(instead)} may go there now: type ${typed(answer, instead.words)}.`];
}

function typed({ command }: WhyAnswer, words: string): string {
  return inCode(`${command} ${words}`, 200);
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
