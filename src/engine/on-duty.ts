import { rosterSentence, together, type OnDuty } from "../domain/duty.ts";
import type { Engine } from "./engine.ts";

/**
 * Who is on duty now, by these rosters: people of our own Slack team and no guests, whatever a roster says. Asked before a transaction,
 * never inside. An unreadable roster means nobody, with the reason.
 */
export async function onDuty(engine: Pick<Engine, "rosters" | "directory">, rosters: readonly string[]): Promise<OnDuty> {
  return together(await Promise.all(rosters.map((name) => onDutyBy(engine, name))));
}

/** The same of one roster. */
export async function onDutyBy({ rosters, directory }: Pick<Engine, "rosters" | "directory">, name: string): Promise<OnDuty> {
  const answer = await rosters.ask(name);
  if (answer.kind === "unreadable") return { ids: [], unread: [rosterSentence(name, "unreadable", answer.because)] };
  if (answer.people.length === 0) return { ids: [], unread: [rosterSentence(name, "empty")] };
  const { ids, unreadable } = await directory.resolve(answer.people);
  return { ids, unread: unreadable.length === 0 ? [] : [rosterSentence(name, "unknown", unreadable.join("; "))] };
}
