import type { Deployment } from "../deployment.ts";
import type { Effect, HistoryEntry } from "../environment.ts";
import type { Verdict } from "../measurement.ts";
import { byRule, decision, end, entry, note, type Outcome } from "./decision.ts";

/** What the last look saw for the first time: who is told, and what is written down. */
export type Seen = { readonly effects: readonly Effect[]; readonly history: readonly HistoryEntry[] };

const NOTHING_NEW: Seen = { effects: [], history: [] };

/** Its time is over: the verdict decides how it ends, after what is new at this look. */
export function watchEnds(deployment: Deployment, verdict: Verdict, now: Date, seen: Seen = NOTHING_NEW): Outcome {
  const actor = byRule("the watch ended");
  const history = [...seen.history, entry("verdict", deployment, actor, { verdict: verdict.kind, why: verdict.why })];
  const effects: Effect[] = [
    ...seen.effects,
    { kind: "recheck", at: null },
    { kind: "reconsider" },
    note(
      deployment,
      "verdict",
      `The watch has ended: ${verdict.kind === "healthy" ? "healthy" : verdict.kind === "regressed" ? "a regression" : "not verified"}. ${verdict.why}`,
    ),
  ];
  const name =
    verdict.kind === "healthy" ? "succeeded" : verdict.kind === "regressed" && verdict.ongoing ? "regressed" : "succeeded_unverified";
  return decision({ changes: [end(deployment, name, { now, because: verdict.why, verdict })], effects, history });
}
