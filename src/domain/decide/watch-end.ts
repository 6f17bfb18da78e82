import type { Deployment } from "../deployment.ts";
import type { Effect } from "../environment.ts";
import type { Verdict } from "../measurement.ts";
import { byRule, decision, end, entry, note, type Outcome } from "./decision.ts";

/** Its time is over: the verdict decides how it ends. `told`: what else its thread says then. */
export function watchEnds(deployment: Deployment, verdict: Verdict, now: Date, told: readonly Effect[] = []): Outcome {
  const actor = byRule("the watch ended");
  const history = [entry("verdict", deployment, actor, { verdict: verdict.kind, why: verdict.why })];
  const effects: Effect[] = [
    ...told,
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
