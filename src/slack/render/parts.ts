import type { DeploymentCard } from "../../domain/card.ts";
import type { ChangeSet } from "../../domain/deployment.ts";
import { shortSha, type Sha } from "../../domain/ids.ts";
import { actorName, type Actor } from "../../domain/people.ts";
import { UNDO_ANSWERS } from "../../domain/undo-before.ts";
import { escaped, foreign, plain } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { changeTitle, clock, count, list } from "../words.ts";
import type { BodyPart, RenderContext } from "./drawing.ts";

/** Pieces of sentences that several states share. All answer escaped mrkdwn unless they say plain. */

export function code(sha: Sha): string {
  return `\`${shortSha(sha)}\``;
}

export function who(actor: Actor): string {
  return foreign(actorName(actor), LIMITS.name) || "somebody";
}

/** A sentence of foreign or stored words: first letter large, full stop at the end. */
export function sentence(text: string): string {
  const words = plain(text, LIMITS.sentence);
  if (words === "") return "";
  const large = words.charAt(0).toUpperCase() + words.slice(1);
  return escaped(/[.!?…]$/u.test(large) ? large : `${large}.`);
}

/** Title of slot 1, plain: at most 60 characters however long the names are; a name gives way before the state does. */
export function title(state: string, card: { readonly app: string; readonly environment: string }, way: "to" | "in"): string {
  const whole = `${state}: ${card.app} ${way} ${card.environment}`;
  if (whole.length <= LIMITS.title) return whole;
  const room = Math.max(10, Math.floor((LIMITS.title - state.length - 6) / 2));
  return `${state}: ${shortened(card.app, room)} ${way} ${shortened(card.environment, room)}`;
}

function shortened(name: string, room: number): string {
  return name.length <= room ? name : `${name.slice(0, room - 1)}…`;
}

export function names(card: DeploymentCard): { readonly app: string; readonly environment: string } {
  return { app: card.app, environment: card.environment.name };
}

export function changesList(changes: ChangeSet, heading: string | null): BodyPart {
  const more = changes.changes.length - LIMITS.changesListed;
  const rest = [
    more > 0 ? `and ${more} more` : null,
    changes.complete ? null : changes.changes.length === 0 ? "which changes could not be read" : "there may be more, the list is not whole",
    changes.behind > 0 ? `leaves out ${count(changes.behind, "commit")} that ${changes.behind === 1 ? "is" : "are"} live now` : null,
  ].filter((part) => part !== null);
  return { kind: "changes", heading, changes: changes.changes, rest: rest.length === 0 ? null : rest.join("; ") };
}

/** "3 changes", "at least 3 changes" where the list is known to be cut, "no new changes"; where nothing was live, "the first version". */
export function changeCount(changes: ChangeSet, how: { readonly first: boolean } = { first: false }): string {
  if (how.first) return "the first version";
  if (changes.changes.length === 0) return changes.complete ? "no new changes" : "changes nobody could list";
  return `${changes.complete ? "" : "at least "}${count(changes.changes.length, "change")}`;
}

/** "*3 changes:* Pay with Bancontact; Update Django". */
export function changesLine(changes: ChangeSet): string | null {
  if (changes.changes.length === 0) return null;
  const titles = changes.changes.slice(0, 3).map((change) => escaped(changeTitle(change)));
  const more = changes.changes.length - titles.length;
  const all = more > 0 ? [...titles, `and ${more} more`] : titles;
  return `*${changeCount(changes).replace(/^a/u, "A")}:* ${all.join("; ")}`;
}

/** "9 changes, 2 days since the last." Small and often is easier to undo. Null: that was today, or nobody knows what changes. */
export function paceLine(changes: ChangeSet, live: { readonly since: Date } | null, now: Date): string | null {
  if (live === null || changes.changes.length === 0) return null;
  const days = Math.floor((now.getTime() - live.since.getTime()) / 86_400_000);
  return days < 1 ? null : `${changeCount(changes)}, ${count(days, "day")} since the last.`;
}

/** "Approved by Ann." or who asked for it. */
export function approvedBy(card: DeploymentCard, context: RenderContext): string {
  const last = card.approvals.at(-1);
  if (last !== undefined) {
    return `Approved by ${list(card.approvals.map((approval) => who(approval.actor)))} at ${clock(last.at, context.now)}.`;
  }
  if (card.deployment.requestedBy.kind === "greenlight") return `Started by itself: ${sentence(card.deployment.requestedBy.because)}`;
  return `Asked for by ${who(card.deployment.requestedBy)}.`;
}

export function undoLine(card: DeploymentCard): string {
  const { kind, because, back } = card.undo;
  const [icon, words] = UNDO_WORDS[kind];
  const word = back?.kind === "code_and_schema" ? "only with the database" : back?.kind === "by_hand" ? "only by hand" : words;
  return `:${icon}: *Safe to undo:* ${word}. ${sentence(because)}`.trim();
}

export const UNDO_WORDS = {
  yes: ["white_check_mark", UNDO_ANSWERS.yes],
  code_only: ["warning", UNDO_ANSWERS.code_only],
  no: ["no_entry_sign", UNDO_ANSWERS.no],
  unknown: ["grey_question", UNDO_ANSWERS.unknown],
} as const;

/** "web-1 and web-2", plain names escaped; whatever stands behind it where CI deploys. */
export function hostNames(card: DeploymentCard): string {
  if (card.deployment.plan.gate !== undefined) return "what CI deploys to";
  return list(
    card.deployment.plan.hosts.map((host) => foreign(host.name, LIMITS.name)),
    4,
  );
}

export function servers(number: number): string {
  return count(number, "server");
}

/** A problem of the world that people should know of now. */
export function troubleLine(card: DeploymentCard): string | null {
  return card.trouble === null ? null : `:warning: *Right now:* ${foreign(card.trouble, LIMITS.sentence)}`;
}

export function onItLine(card: DeploymentCard, context: RenderContext): string | null {
  return card.onIt === null ? null : `*On it:* ${who(card.onIt.actor)}, since ${clock(card.onIt.at, context.now)}`;
}

/** "Ann and Bea for Olaf said yes.", and which of it was an override, with its reason. */
export function saidYes(card: DeploymentCard): string | null {
  const broken = card.approvals.filter((yes) => typeof yes.override === "string");
  const given = card.approvals.filter((yes) => typeof yes.override !== "string");
  const words = [
    given.length === 0 ? null : `${list(given.map((yes) => who(yes.actor)))} said yes.`,
    ...broken.slice(0, 1).map((yes) => `*Override by ${who(yes.actor)}:* ${sentence(yes.override ?? "")}`),
  ].filter((part) => part !== null);
  return words.length === 0 ? null : words.join(" ");
}
