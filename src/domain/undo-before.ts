import type { Deployment } from "./deployment.ts";
import { undoOf, type Undo } from "./django/back.ts";
import { unseenSteps } from "./recipe/unseen.ts";

/** Can it be undone, before any of it runs: by what is known of its migrations. */
export function undoBefore(deployment: Pick<Deployment, "plan" | "changes">): Undo {
  // What CI does there nobody can see here.
  const migrates =
    deployment.plan.gate !== undefined ||
    deployment.plan.steps.some((step) => step.name === "migrate") ||
    unseenSteps(deployment.plan).length > 0;
  return undoOf(migrates ? (deployment.changes.migrations?.pending ?? null) : [], "before");
}

/** The answer alone, for a sentence: "safe to undo: code only". */
export const UNDO_ANSWERS = { yes: "yes", code_only: "code only", no: "no", unknown: "not known" } as const satisfies Readonly<
  Record<Undo["kind"], string>
>;
