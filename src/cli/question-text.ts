import type {
  DiffAnswer,
  DiffPart,
  HistoryAnswer,
  NamedRevision,
  QueueAnswer,
  ReviewsAnswer,
  TrustAnswer,
  WhyAnswer,
  WhyPart,
  WhyReason,
} from "../domain/answers.ts";
import { trustLines, watchWords } from "../domain/trust-words.ts";

/** Answers to questions for a terminal: a line for each thing, full revisions, times in UTC. */

export function historyText({ app, environments }: HistoryAnswer): string {
  return environments
    .flatMap(({ environment, entries, more }) => [
      `${app} ${environment}:${entries.length === 0 ? " nothing was deployed yet" : more ? ` the last ${entries.length}` : ""}`,
      ...entries.map((entry) => {
        const took = entry.tookMs === null ? "" : `, took ${Math.round(entry.tookMs / 1000)} s`;
        const approved = entry.approvedBy.length === 0 ? "" : `, approved by ${entry.approvedBy.join(", ")}`;
        const overridden = entry.overriddenBy.length === 0 ? "" : `, overridden by ${entry.overriddenBy.join(", ")}`;
        const back = entry.rolledBackBy === null ? "" : `; rolled back by ${entry.rolledBackBy.by} with #${entry.rolledBackBy.number}`;
        const because = entry.because === null ? "" : `; because ${entry.because}`;
        const kind = entry.kind === "rollback" ? `rollback${entry.rollsBack === null ? "" : ` of #${entry.rollsBack}`} to ` : "";
        return `  #${entry.number} ${spaced(entry.state)}: ${kind}${versionText(entry)}, ${entry.at.toISOString()}${took}; asked for by ${entry.askedBy}${approved}${overridden}${back}${because}`;
      }),
    ])
    .join("\n");
}

export function diffText({ app, environments }: DiffAnswer): string {
  return environments.flatMap((part) => diffLines(app, part)).join("\n");
}

function diffLines(app: string, part: DiffPart): readonly string[] {
  const live =
    part.live === null ? "nothing is known to be live" : `live is ${versionText(part.live)} since ${part.live.since.toISOString()}`;
  const head = `${app} ${part.environment}: ${live}${part.mixed ? "; SERVERS DIFFER" : ""}`;
  if (part.byCi) return [`${head}; CI deploys it`];
  const { changes, candidate, next } = part;
  const older = changes === null ? 0 : changes.total - changes.titles.length;
  return [
    head,
    candidate === null
      ? "  nothing has passed all that is required"
      : changes === null
        ? "  that is the newest candidate: nothing would change"
        : `  candidate ${versionText(candidate)}: ${changes.complete ? "" : "at least "}${changes.total} changes by ${changes.authors.join(", ")}`,
    ...(changes?.titles
      .toReversed()
      .map(
        ({ title, repository, author }) =>
          `    ${repository === undefined ? "" : `${repository}: `}${title.split("\n", 1)[0] ?? ""} (${author})`,
      ) ?? []),
    ...(older > 0 ? [`    and ${older} older`] : []),
    ...(changes !== null && changes.behind > 0 ? [`  leaves out ${changes.behind} commits that are live now`] : []),
    ...(changes === null || changes.compareUrl === null ? [] : [`  ${changes.compareUrl}`]),
    ...(changes?.comparisons ?? []).map(({ repository, url }) => `  ${repository}: ${url}`),
    ...(next === null
      ? []
      : [`  newer, but no candidate yet: ${versionText(next)}`, ...next.waitsFor.map((blocker) => `    waits: ${blocker.text}`)]),
  ];
}

export function whyText({ app, branch, newest, environments, elsewhere }: WhyAnswer): string {
  if (newest === null) return `Nothing is known of ${app} yet: no push to ${branch} has reached Greenlight.`;
  const later = elsewhere === undefined ? [] : [`  later pushes that touch nothing of its paths: ${elsewhere}`];
  return [`${app}, newest on ${branch}: ${versionText(newest)}`, ...later, ...environments.flatMap((part) => whyLines(app, part))].join(
    "\n",
  );
}

function whyLines(app: string, { environment, stand, instead }: WhyPart): readonly string[] {
  const other = instead === null ? [] : [`    ${versionText(instead)} may go there now`];
  switch (stand.kind) {
    case "live":
      return [`  ${environment}: live since ${stand.since.toISOString()}`];
    case "by_ci":
      return [`  ${environment}: CI deploys it`];
    case "on_its_way":
      return [`  ${environment}: nothing stands in its way, #${stand.number} is ${spaced(stand.state)}`];
    case "free":
      return [`  ${environment}: nothing stands in its way: greenlight deploy ${app} ${environment} --reason TEXT`];
    case "stopped":
      return [`  ${environment}: not yet`, ...stand.reasons.map((reason) => `    why: ${reasonText(reason)}`), ...opens(stand), ...other];
    default:
      return stand satisfies never;
  }
}

/** Only where no single reason says it. */
function opens({ reasons, opensAt }: Extract<WhyAnswer["environments"][number]["stand"], { readonly kind: "stopped" }>): readonly string[] {
  const ends = reasons.flatMap(({ liftsAt }) => (liftsAt === null ? [] : [liftsAt.getTime()]));
  if (opensAt === null || (ends.length === 1 && ends[0] === opensAt.getTime())) return [];
  return [`    all that ends by the clock is over at ${opensAt.toISOString()}`];
}

export function reviewsText({ apps }: ReviewsAnswer): string {
  if (apps.length === 0) return "No review environment is open.";
  return apps
    .flatMap(({ app, open, more }) => [
      `${app}:`,
      ...open.map(
        ({ name, revision, url, page, author, since }) =>
          `  ${name} ${revision} since ${since.toISOString()}${author === null ? "" : ` of ${author}`}${url === null ? "" : ` ${url}`}${page === null ? "" : ` (${page.stops ? "stop it: " : ""}${page.url})`}`,
      ),
      ...(more > 0 ? [`  and ${more} more`] : []),
    ])
    .join("\n");
}

export function trustText({ environments }: TrustAnswer): string {
  if (environments.length === 0) return "Nothing is watched after a deployment.";
  return environments
    .flatMap(({ app, environment, policy, trust, advice }) => [
      `${app} ${environment} (${policy ?? "not watched now"}): ${watchWords(trust)}${trust.since === null ? "" : ` since ${trust.since.toISOString()}`}`,
      ...trustLines(trust, advice, policy).map((line) => `  ${line}`),
    ])
    .join("\n");
}

export function queueText({ environments }: QueueAnswer): string {
  if (environments.length === 0) return "Nothing runs and nothing waits.";
  return environments
    .flatMap((part) => [
      `${part.app} ${part.environment}:`,
      ...part.running.map((line) => `  #${line.number} ${spaced(line.state)}: ${versionText(line)}`),
      ...part.waiting.flatMap((line) => [
        `  #${line.number} ${line.place === null ? "waits for a yes" : `waits, ${line.place}`}: ${versionText(line)}, asked for by ${line.askedBy}${line.startsAt === null ? "" : `; starts at about ${line.startsAt.toISOString()}`}`,
        ...line.blockers.map((reason) => `    why: ${reasonText(reason)}`),
      ]),
    ])
    .join("\n");
}

function reasonText({ text, liftsAt, lifts }: WhyReason): string {
  return `${text}${liftsAt === null ? "" : ` Lifts at ${liftsAt.toISOString()}.`}${lifts === null ? "" : ` ${lifts}`}`;
}

function versionText({ revision, title }: NamedRevision): string {
  return title === null ? revision : `${revision} ${title.split("\n", 1)[0] ?? ""}`;
}

function spaced(state: string): string {
  return state.replaceAll("_", " ");
}
