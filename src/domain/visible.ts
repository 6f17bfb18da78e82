import { authorize } from "./authorize.ts";
import type { App, PersonRef } from "./config.ts";
import { namedOnCall } from "./duty.ts";
import type { Standing } from "./standing.ts";

/** Whom the environments of an app name: who may say yes, override, is on call, or may roll back. */
export function namedIn(app: App): readonly PersonRef[] {
  return app.environments.flatMap((environment) => [
    ...(environment.release.mode === "approval"
      ? [...environment.release.approval.from, ...(environment.release.approval.override ?? [])]
      : []),
    ...namedOnCall(environment),
    ...(environment.rollbackFrom ?? []),
  ]);
}

/** Does one of the references mean this very id? People of another workspace are in no group and no list of addresses. */
export function isNamed(refs: readonly PersonRef[], id: string): boolean {
  return refs.some((ref) => ref.kind === "id" && ref.id === id);
}

/** Guests and people of other workspaces see an app of which an environment lets them in. */
export function isOpenTo(app: App, standing: Standing): boolean {
  return app.environments.some((environment) => authorize("see", standing, environment, null) === null);
}
