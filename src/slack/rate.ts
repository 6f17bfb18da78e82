import { setTimeout as pause } from "node:timers/promises";
import type { SlackDeps } from "./deps.ts";

/** One press a second for a whole minute: more than anybody needs, far less than a script or a stuck key sends. */
export const PER_MINUTE = 60;
/** Of the three seconds that a press has: a database that does not count in time does not store what is pressed either, and that is said. */
const COUNTED_MS = 500;

/** Has this person a turn left? Counted where all replicas see it. */
export async function hasTurn(deps: Pick<SlackDeps, "takeTurn" | "report">, person: string): Promise<boolean> {
  const counted = deps.takeTurn(person).catch((error: unknown) => {
    deps.report(error, { doing: "counting presses" });
    return true;
  });
  return Promise.race([counted, pause(COUNTED_MS, true, { ref: false })]);
}
