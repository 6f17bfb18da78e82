import type { Standing } from "../../../src/domain/standing.ts";
import type { DeploymentId } from "../../../src/domain/ids.ts";
import type { ChangeSet } from "../../../src/domain/deployment.ts";
import { approved, MINUTE, NOTHING, requested, type Model } from "../model.ts";

export const HOUR = 60 * MINUTE;
export const TWO = 'approval: { from: ["@product-owners"], count: 2 }';

export function by(...ids: readonly string[]): ChangeSet {
  return { ...NOTHING, authors: ids.map((id) => ({ name: id, email: null, login: null, slackId: id === "" ? null : id })) };
}

export function waiting(model: Model, over: Parameters<typeof requested>[1] = {}): DeploymentId {
  const command = requested(1, over);
  model.must(command);
  return command.id;
}

export function yes(model: Model, id: DeploymentId, who: Standing) {
  return model.do(approved(model, id, who));
}

export function titleOf(outcome: ReturnType<Model["do"]>): string {
  return outcome.ok ? "it was not refused" : outcome.refusal.title;
}
