import type { DeploymentId } from "../ids.ts";
import type { Effect, Snapshot } from "../environment.ts";
import type { Actor } from "../people.ts";

/** A direct message to whom it concerns. Nothing for those whom Slack does not know: the operator, and Greenlight itself. */
export function privately(
  to: Actor,
  about: { readonly snapshot: Snapshot; readonly deployment: DeploymentId | null; readonly key: string; readonly text: string },
): readonly Effect[] {
  if (to.kind !== "slack") return [];
  const { snapshot, ...notice } = about;
  return [{ kind: "notice", app: snapshot.environment.app, to: to.id, ...notice }];
}
