import type { Deployment } from "./deployment.ts";
import type { Verdict } from "./measurement.ts";

/** The regression that people are asked about while it is watched. Null: there is none, or it is only recorded (`on_regression: shadow`). */
export function toldRegression({ state, plan }: Pick<Deployment, "state" | "plan">): Verdict | null {
  if (state.state !== "watching" || state.verdict?.kind !== "regressed") return null;
  return plan.watch?.onRegression === "shadow" ? null : state.verdict;
}
