import type { DeploymentCard } from "../../domain/card.ts";
import { differ, type HostState } from "../../domain/host-states.ts";
import { foreign } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { clock, list } from "../words.ts";
import type { RenderContext } from "./drawing.ts";
import { code } from "./parts.ts";

/** More groups than these are counted: a card is read on a phone. */
const MOST_GROUPS = 6;

/** "*The servers differ:* `9f3c2ab` on web-1; `4c1e77d` on web-2 and web-3", or what all of them run. */
export function hostsLine(card: DeploymentCard): string | null {
  if (card.hosts.length === 0) return null;
  const groups = new Map<string, string[]>();
  for (const state of card.hosts) {
    const words = wordsOf(state, card);
    groups.set(words, [...(groups.get(words) ?? []), foreign(state.host, LIMITS.name)]);
  }
  const parts = [...groups].map(([words, names]) => words.replace("{on}", `on ${list(names, 4)}`));
  const shown = parts.slice(0, MOST_GROUPS);
  const rest = parts.length > shown.length ? `; and ${parts.length - shown.length} more` : "";
  return `${differ(card.hosts) ? ":warning: *The servers differ:*" : "*Now running:*"} ${shown.join("; ")}${rest}`;
}

/** The same line only where the servers differ: where all is well the card says it already. */
export function differingLine(card: DeploymentCard): string | null {
  return differ(card.hosts) ? hostsLine(card) : null;
}

function wordsOf(state: HostState, card: DeploymentCard): string {
  const revision = state.revision === null ? "not known" : code(state.revision);
  switch (state.as) {
    case "runs":
      return `${revision} {on}`;
    case "changing":
      return `on the way from ${revision} to ${code(changingTo(card))} {on}`;
    case "not_restarted":
      return `${revision} {on}, not restarted: what runs may be older`;
    default:
      return state.as satisfies never;
  }
}

function changingTo(card: DeploymentCard): DeploymentCard["deployment"]["revision"] {
  return card.rollback?.deployment.revision ?? card.deployment.revision;
}

/** A pause of the roll, and when it is over. */
export function pauseLine(card: DeploymentCard, context: RenderContext): string | null {
  if (card.pausedUntil === null) return null;
  return `:double_vertical_bar: *Pause:* the next servers follow at ${clock(card.pausedUntil, context.now, true)}`;
}
