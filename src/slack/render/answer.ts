import type { Answer, Refusal, StatusHost, StatusRow } from "../../domain/intent.ts";
import { escaped, foreign, inCode, link } from "../escape.ts";
import { dated } from "../instants.ts";
import { LIMITS } from "../limits.ts";
import { clock, list, titleWords } from "../words.ts";
import { renderDiff } from "./diff.ts";
import type { Rendered } from "./drawing.ts";
import { siteLine, stillHappening } from "./figures.ts";
import { renderHelp } from "./help.ts";
import { renderHistory } from "./history.ts";
import { lines } from "./lines.ts";
import { sentence } from "./parts.ts";
import { askUnlockButton } from "./queued.ts";
import { renderQueue } from "./queue.ts";
import { renderReviews } from "./reviews.ts";
import { stateWords } from "./state-words.ts";
import { renderTrust } from "./trust.ts";
import { renderWhy } from "./why.ts";

/** What the presser alone sees. */
export function renderAnswer(answer: Exclude<Answer, { readonly kind: "log_file" }>, context: { readonly now: Date }): Rendered {
  switch (answer.kind) {
    case "done":
      return lines([`:white_check_mark: ${dated(sentence(answer.text), context.now) || "Done."}`]);
    case "refused":
      return renderRefusal(answer.refusal, context.now);
    case "help":
      return renderHelp(answer);
    case "history":
      return renderHistory(answer);
    case "diff":
      return renderDiff(answer);
    case "why":
      return renderWhy(answer);
    case "queue":
      return renderQueue(answer);
    case "reviews":
      return renderReviews(answer);
    case "trust":
      return renderTrust(answer);
    case "status":
      return renderStatus(answer.rows, answer.now);
    default:
      return answer satisfies never;
  }
}

/** A lock in the way has an owner who can be asked from here. */
function renderRefusal(refusal: Refusal, now: Date): Rendered {
  const words = lines(refusalLines(refusal, now).map((line) => dated(line, now)));
  if (refusal.askUnlock === undefined) return words;
  return {
    ...words,
    blocks: [...words.blocks.slice(0, LIMITS.blocks - 1), { type: "actions", elements: [askUnlockButton(refusal.askUnlock)] }],
  };
}

/** Not done, why, who can, what changes it. */
function refusalLines(refusal: Refusal, now: Date): readonly string[] {
  const reasons = refusal.reasons.map((reason) => {
    const isNamed = reason.owner === null || reason.text.includes(reason.owner);
    const owner = isNamed ? "" : ` (${foreign(reason.owner ?? "", LIMITS.name)})`;
    const lifts = reason.liftsAt === null ? "" : ` Until ${clock(reason.liftsAt, now)}.`;
    return `${sentence(reason.text)}${owner}${lifts}`;
  });
  const why =
    reasons.length === 1 ? [`*Why:* ${reasons[0] ?? ""}`] : reasons.length > 1 ? ["*Why:*", ...reasons.map((reason) => `• ${reason}`)] : [];
  return [
    `:no_entry_sign: *${sentence(refusal.title)}* Nothing has changed.`,
    ...why,
    ...(refusal.who === null ? [] : [`*Who can:* ${sentence(refusal.who)}`]),
    ...(refusal.change === null ? [] : [`*To change it:* ${sentence(refusal.change)}`]),
  ];
}

/** One line an environment: what is live, since when, what is on its way, who holds it. */
function renderStatus(rows: readonly StatusRow[], now: Date): Rendered {
  if (rows.length === 0) return lines(["Nothing is configured that you may see."]);
  const shown = rows.slice(0, 40);
  const words = shown.map((row) => statusLine(row, now));
  if (rows.length > shown.length) words.push(`and ${rows.length - shown.length} more`);
  return lines(words);
}

export function statusLine(row: StatusRow, now: Date): string {
  const lock =
    row.lock === null
      ? ""
      : `\n   :double_vertical_bar: Held by ${foreign(row.lock.owner, LIMITS.name)} until ${clock(row.lock.until, now)}: ${foreign(row.lock.reason, LIMITS.sentence)}`;
  return `${placeLine(row, now)}${watchedLine(row, now)}${lock}${frozenLine(row, now)}${standInLines(row, now)}${hostsLines(row)}`;
}

/** What is live in one environment, since when, and what is on its way there. */
export function placeLine(
  row: Pick<StatusRow, "app" | "environment" | "live" | "mixed"> & {
    readonly current: { readonly number: number; readonly state: string } | null;
  },
  now: Date,
): string {
  const name = `*${foreign(row.app, LIMITS.name)} in ${foreign(row.environment, LIMITS.name)}*`;
  const title = row.live?.title === null || row.live === null ? "" : `${escaped(titleWords(row.live.title))}, `;
  const live =
    row.live === null
      ? "nothing is known to be live"
      : `${title}${inCode(row.live.revision.slice(0, 7), 7)}${row.live.companions === undefined ? "" : ` ${foreign(row.live.companions, LIMITS.sentence)}`}, since ${clock(row.live.since, now)}${row.live.source === "ours" ? "" : row.live.source === "ci" ? `, deployed ${link(row.live.url ?? null, "by CI")}` : ", not deployed by Greenlight"}`;
  const mixed = row.mixed ? " :warning: *Its servers differ.*" : "";
  const current =
    row.current === null
      ? ""
      : `\n   :${stateWords(row.current.state).icon}: #${row.current.number} ${stateWords(row.current.state).words}`;
  return `${name} ${live}.${mixed}${current}`;
}

/** "Watched until 10:03: no problem seen so far. Site: answers in 118 ms (before: 110 ms)." */
function watchedLine({ watched }: StatusRow, now: Date): string {
  if (watched === undefined) return "";
  const { until, verdict } = watched;
  const regressed = verdict?.kind === "regressed";
  const why = verdict === null ? "Nothing was looked at yet." : regressed ? stillHappening(verdict) : sentence(verdict.why);
  const site = verdict === null || verdict.kind === "blind" ? null : siteLine(verdict.figures);
  return `\n   :${regressed ? "red_circle" : "eyes"}: Watched until ${clock(until, now)}. ${why}${site === null ? "" : ` ${site}.`}`;
}

function frozenLine({ freeze }: StatusRow, now: Date): string {
  if (freeze === null) return "";
  const until = freeze.until === null ? "" : ` until ${clock(freeze.until, now)}`;
  const reason = freeze.reason === null ? "" : `: ${foreign(freeze.reason, LIMITS.sentence)}`;
  return `\n   :double_vertical_bar: Frozen by ${freeze.owner === null ? "the calendar" : foreign(freeze.owner, LIMITS.name)}${until}${reason}`;
}

/** Whose yes counts for somebody else's there. */
function standInLines({ standIns = [] }: StatusRow, now: Date): string {
  return standIns
    .slice(0, 4)
    .map(
      (one) =>
        `\n   :bust_in_silhouette: ${foreign(one.name, LIMITS.name)} may say yes for ${foreign(one.for, LIMITS.name)} until ${clock(one.until, now)}`,
    )
    .join("");
}

/** What the servers said themselves: that all agree, or which do not, and which are silent. */
function hostsLines(row: StatusRow): string {
  if (row.hosts.length === 0) return "";
  const busy = row.current?.state === "executing" || row.current?.state === "cancelling";
  const silent = row.hosts.flatMap(({ host, said }) =>
    said.kind === "silent" ? [`${hostName(host)} (${foreign(said.because, LIMITS.sentence)})`] : [],
  );
  const other = row.hosts.filter(({ said, recorded }) => said.kind === "runs" && said.revision !== recorded);
  const mute = row.hosts.filter(({ said, recorded }) => said.kind === "nothing" && recorded !== null);
  const drift = other.map((host) => driftWords(host));
  const answered = row.hosts.length - silent.length;
  const agreed = `${answered === 1 ? "The server says" : `All ${answered} servers say`} the same`;
  return [
    drift.length > 0 ? `   ${busy ? ":hourglass_flowing_sand: On the way" : ":warning: *Drift*"}: ${list(drift, 8)}` : null,
    drift.length + mute.length + silent.length === 0 ? `   :white_check_mark: ${agreed}` : null,
    mute.length > 0
      ? `   :grey_question: ${list(
          mute.map(({ host }) => hostName(host)),
          8,
        )} ${mute.length === 1 ? "says" : "say"} nothing of a version`
      : null,
    silent.length > 0 ? `   :grey_question: No answer from ${list(silent, 8)}` : null,
  ]
    .flatMap((line) => (line === null ? [] : [`\n${line}`]))
    .join("");
}

function driftWords({ host, said, recorded }: StatusHost): string {
  const runs = inCode(said.kind === "runs" ? said.revision : "", 7);
  return `${hostName(host)} runs ${runs}, recorded is ${recorded === null ? "nothing" : inCode(recorded, 7)}`;
}

function hostName(host: string): string {
  return foreign(host, LIMITS.name);
}
