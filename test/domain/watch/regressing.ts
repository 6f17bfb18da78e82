import type { DeploymentId } from "../../../src/domain/ids.ts";
import { type Model, stateOf, verdict, replies } from "../model.ts";
import { watchedBy, watchedShop } from "../watched-shop.ts";

type Policy = "shadow" | "offer" | "rollback";
export const BAD = verdict("regressed", "act", true);

export function watching(policy: Policy = "rollback", countdown = "90s"): { model: Model; id: DeploymentId } {
  return watchedShop([watchedBy("site", `on_regression: ${policy}`, `countdown: ${countdown}`)]);
}

export function atTheEnd(model: Model, id: DeploymentId): void {
  model.now = stateOf(model, id, "watching").until;
}

export function pings(model: Model): readonly string[] {
  return replies(model).flatMap((reply) => (reply.ping === "regression" ? [reply.text] : []));
}
