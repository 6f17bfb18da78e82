import type { DiffAnswer, DiffChanges, DiffPart, NamedRevision } from "../../domain/answers.ts";
import type { Comparison } from "../../domain/deployment.ts";
import { escaped, foreign, inCode, link } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { changeTitle, clock, count, list, titleWords } from "../words.ts";
import type { Rendered } from "./drawing.ts";
import { firstOf, lines } from "./lines.ts";
import { sentence } from "./parts.ts";

/** Titles of one environment, stages that it waits for, and environments. */
const TITLES = 20;
const WAITS = 6;
const MOST = 8;

export function renderDiff({ app, environments, now }: DiffAnswer): Rendered {
  const shown = environments.slice(0, MOST);
  return lines([
    ...shown.flatMap((part) => partLines(app, part, now)),
    ...(environments.length > shown.length ? [`and ${environments.length - shown.length} more environments: name one of them`] : []),
  ]);
}

function partLines(app: string, part: DiffPart, now: Date): readonly string[] {
  const place = `*${foreign(app, LIMITS.name)} to ${foreign(part.environment, LIMITS.name)}*`;
  const live =
    part.live === null ? "nothing is known to be live there" : `live is ${named(part.live)}, since ${clock(part.live.since, now)}`;
  const mixed = part.mixed ? " :warning: Its servers differ." : "";
  if (part.byCi) return [`${place}: ${live}.${mixed} CI deploys it, Greenlight only records what is live.`];
  const candidate =
    part.candidate === null
      ? "Nothing has passed all that is required there."
      : part.changes === null
        ? "That is the newest version that may go there: nothing would change."
        : `The newest that may go there is ${named(part.candidate)}.`;
  return [`${place}: ${live}.${mixed} ${candidate}`, ...(part.changes === null ? [] : changeLines(part.changes)), ...nextLines(part.next)];
}

function changeLines(changes: DiffChanges): readonly string[] {
  const hidden = changes.total - changes.titles.length;
  const authors = list(
    changes.authors.map((name) => foreign(name, LIMITS.name)),
    changes.authors.length,
  );
  const pages = [{ url: changes.compareUrl, words: "Compare" }, ...(changes.comparisons ?? []).map(comparison)];
  const links = pages
    .map(({ url, words }) => ({ words, drawn: link(url, words) }))
    .flatMap(({ words, drawn }) => (drawn === words ? [] : [drawn]));
  const head = `${changes.complete ? "" : "at least "}${count(changes.total, "change")}`;
  return [
    changes.total === 0
      ? changes.complete
        ? "No commits are new."
        : "Which changes it brings could not be read."
      : `*${head.charAt(0).toUpperCase()}${head.slice(1)}*${authors === "" ? "" : ` by ${authors}`}:`,
    ...firstOf(
      changes.titles.toReversed(),
      TITLES,
      "change",
      (change) => `• ${link(change.url, escaped(changeTitle(change)))}, ${foreign(change.author, LIMITS.name)}`,
    ),
    ...(hidden > 0 ? [`and ${count(hidden, "older change")}`] : []),
    ...(changes.behind > 0
      ? [`:warning: It leaves out ${count(changes.behind, "commit")} that ${changes.behind === 1 ? "is" : "are"} live now.`]
      : []),
    ...(links.length === 0 ? [] : [links.join(" · ")]),
  ];
}

function comparison({ repository, url }: Comparison): { readonly url: string; readonly words: string } {
  return { url, words: `Compare ${foreign(repository, LIMITS.name)}` };
}

function nextLines(next: DiffPart["next"]): readonly string[] {
  if (next === null) return [];
  const waits = firstOf(next.waitsFor, WAITS, "reason", (blocker) => sentence(blocker.text));
  const words = waits.length === 0 ? "It has all that is required and is being looked at." : waits.join(" ");
  return [`:hourglass_flowing_sand: Newer, but it may not go there yet: ${named(next)}. ${words}`];
}

/** "`9f3c2ab` Pay with Bancontact" */
export function named({ revision, title }: NamedRevision): string {
  const short = inCode(revision.slice(0, 7), 7);
  return title === null ? short : `${short} ${escaped(titleWords(title))}`;
}
