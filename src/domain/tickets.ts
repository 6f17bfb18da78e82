import type { Tickets } from "./ci-config.ts";
import type { ChangeSet } from "./deployment.ts";
import type { Change, Ticket } from "./pipeline.ts";

/** Of one change; the rest is in its merged request. */
const MOST = 3;

/** Each change with the tickets that its title names, linked. */
export function withTickets(tickets: Tickets | undefined, changes: ChangeSet): ChangeSet {
  if (tickets === undefined) return changes;
  return { ...changes, changes: changes.changes.map((change) => ticketed(tickets, change)) };
}

function ticketed({ pattern, url }: Tickets, change: Change): Change {
  const named = new Map<string, Ticket>();
  for (const [key] of `${change.title} ${change.was ?? ""}`.matchAll(new RegExp(pattern, "gu"))) {
    if (key !== "" && named.size < MOST) named.set(key, { key, url: url.replaceAll("{ticket}", encodeURIComponent(key)) });
  }
  return named.size === 0 ? change : { ...change, tickets: [...named.values()] };
}
