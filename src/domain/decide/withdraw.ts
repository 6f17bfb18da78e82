import type { CommandOf, Snapshot } from "../environment.ts";
import { byRule, decision, end, entry, note, type Outcome } from "./decision.ts";
import type { Parts } from "./still-approved.ts";

/**
 * What had proven a candidate is being done again: it is one no more, and what waits with it ends. What runs already goes on, and
 * what passes again is offered again.
 */
export function withdraw(snapshot: Snapshot, { revision, because }: CommandOf<"withdraw">, now: Date): Outcome {
  if (snapshot.candidates.every((known) => known.revision !== revision)) return decision({});
  const parts: Parts = {
    changes: [{ kind: "withdraw", revision }],
    effects: [],
    history: [entry("withdrawn", null, byRule(because), { revision })],
  };
  for (const deployment of snapshot.open) {
    const waits = deployment.state.state === "awaiting_approval" || deployment.state.state === "queued";
    if (!waits || deployment.kind !== "deploy" || deployment.revision !== revision) continue;
    parts.changes.push(end(deployment, "cancelled", { now, because }));
    parts.history.push(entry("cancelled", deployment, byRule(because)));
    parts.effects.push(note(deployment, "withdrawn", `Not deployed: ${because} It is offered again when it has passed.`));
  }
  return decision(parts);
}
