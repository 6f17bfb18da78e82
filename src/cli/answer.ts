import type { Answer, StatusHost, StatusRow } from "../domain/intent.ts";
import { diffText, historyText, queueText, reviewsText, trustText, whyText } from "./question-text.ts";

/** An answer for a terminal: the same words as in Slack, without its marks. */
export function answerText(answer: Answer): string {
  switch (answer.kind) {
    case "done":
      return answer.text;
    case "refused": {
      const { title, reasons, who, change } = answer.refusal;
      return [
        title,
        ...reasons.map((reason) => `  why: ${reason.text}${reason.liftsAt === null ? "" : ` Lifts at ${reason.liftsAt.toISOString()}.`}`),
        ...(who === null ? [] : [`  who can: ${who}`]),
        ...(change === null ? [] : [`  what changes it: ${change}`]),
      ].join("\n");
    }
    case "log_file":
      return `greenlight logs ${answer.deployment}`;
    case "help":
      return "See `greenlight --help`.";
    case "status":
      return answer.rows.map(rowText).join("\n");
    case "history":
      return historyText(answer);
    case "diff":
      return diffText(answer);
    case "why":
      return whyText(answer);
    case "queue":
      return queueText(answer);
    case "reviews":
      return reviewsText(answer);
    case "trust":
      return trustText(answer);
    default:
      return answer satisfies never;
  }
}

function rowText(row: StatusRow): string {
  const live =
    row.live === null
      ? "nothing known to be live"
      : `${row.live.revision}${row.live.companions === undefined ? "" : ` ${row.live.companions}`} ${row.live.title ?? ""} since ${row.live.since.toISOString()} (${row.live.source})`;
  const current = row.current === null ? "" : `; #${row.current.number} ${row.current.revision} ${row.current.state.replaceAll("_", " ")}`;
  const lock = row.lock === null ? "" : `; locked by ${row.lock.owner} until ${row.lock.until.toISOString()}: ${row.lock.reason}`;
  const frozen =
    row.freeze === null
      ? ""
      : `; frozen by ${row.freeze.owner ?? "the calendar"}${row.freeze.until === null ? "" : ` until ${row.freeze.until.toISOString()}`}${row.freeze.reason === null ? "" : `: ${row.freeze.reason}`}`;
  const watched =
    row.watched === undefined
      ? ""
      : `; watched until ${row.watched.until.toISOString()}: ${row.watched.verdict?.why ?? "nothing was looked at yet"}`;
  const standIns = (row.standIns ?? [])
    .map((one) => `\n  ${one.name} may say yes for ${one.for} until ${one.until.toISOString()}`)
    .join("");
  const hosts = row.hosts.map((host) => `\n  ${hostText(host)}`).join("");
  return `${row.app} ${row.environment}: ${live}${row.mixed ? "; SERVERS DIFFER" : ""}${current}${watched}${lock}${frozen}${standIns}${hosts}`;
}

/** A server's own word; `DRIFT` where it is another than what is recorded. */
function hostText({ host, recorded, said }: StatusHost): string {
  if (said.kind === "silent") return `${host}: no answer (${said.because})`;
  const runs = said.kind === "runs" ? said.revision : null;
  const drift = runs === recorded || runs === null ? "" : `; DRIFT, recorded is ${recorded ?? "nothing"}`;
  return `${host}: ${runs === null ? "says nothing of a version" : `runs ${runs}`}${drift}`;
}
