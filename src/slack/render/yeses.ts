import type { DeploymentCard } from "../../domain/card.ts";
import { foreign } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { clock, list } from "../words.ts";
import type { RenderContext } from "./drawing.ts";
import { sentence } from "./parts.ts";

/** Who said yes and who may, for the card of what waits for it. */

/** "Its author, Bob, may not approve it." */
export function excluded(card: DeploymentCard): string | null {
  if (card.excluded.length === 0) return null;
  const known = new Map(
    card.deployment.changes.authors.flatMap((author) => (author.slackId === null ? [] : [[author.slackId, author.name] as const])),
  );
  const requester = card.deployment.requestedBy;
  if (requester.kind === "slack") known.set(requester.id, requester.name);
  const people = card.excluded.map((id) => known.get(id)).filter((name) => name !== undefined);
  if (people.length === 0) return "Its authors may not approve it.";
  return `${people.length === 1 ? "Its author" : "Its authors"}, ${list(people.map((name) => foreign(name, LIMITS.name)))}, may not approve it.`;
}

/** Whose authorship four eyes cannot look at. */
export function unmapped(card: DeploymentCard): string | null {
  if (card.unmapped.length === 0) return null;
  return `Nobody in Slack is known for ${list(card.unmapped.map((name) => foreign(name, LIMITS.name)))}.`;
}

/** "Bea says yes or no for Ann until Fri 18:00." */
export function standIns({ approvers }: DeploymentCard, context: RenderContext): string | null {
  const first = approvers.standIns.slice(0, 2).map((one) => {
    const [name, whose] = [foreign(one.name, LIMITS.name), foreign(one.for, LIMITS.name)];
    return `${name} may say yes for ${whose} until ${clock(one.until, context.now)}.`;
  });
  const more = approvers.standIns.length - first.length;
  return first.length === 0 ? null : [...first, ...(more > 0 ? [`And ${more} more stand in.`] : [])].join(" ");
}

/** Too few are left for the yeses that are missing: said at once, with what lifts it. */
export function nobodyLeft(card: DeploymentCard): string | null {
  const { left, unknown, unreadable } = card.approvers;
  const missing = card.required - card.approvals.length;
  if (left.length >= missing) return null;
  const { release } = card.environment;
  const glass = release.mode === "approval" && release.approval.override !== undefined ? " Or break the glass: Override the approval…" : "";
  if (unknown.length > 0) {
    const authors = list(unknown.map((name) => foreign(name, LIMITS.name)));
    return `:no_entry_sign: *Nobody may say yes:* nobody knows who ${authors} is in Slack. Name them under people in greenlight.yml, and ask anew.${glass}`;
  }
  if (left.length > 0) return `:warning: *Too few are left who may say yes:* ${left.length}, and ${missing} are needed. ${ADD}${glass}`;
  const why = unreadable.slice(0, 2).map((because) => sentence(because));
  return `:no_entry_sign: *Nobody is left who may say yes.* ${[...why, ADD].join(" ")}${glass}`;
}

const ADD = "Add somebody to the approvers who did not write this.";
