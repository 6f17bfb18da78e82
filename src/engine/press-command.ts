import { reasonOf } from "../domain/decide/decision.ts";
import type { Alarm } from "../domain/alarm.ts";
import type { BackTo, ChangeSet } from "../domain/deployment.ts";
import type { Command } from "../domain/environment.ts";
import type { Standing } from "../domain/standing.ts";
import type { DeploymentId } from "../domain/ids.ts";
import type { Intent, Pressed } from "../domain/intent.ts";
import type { Askable } from "./askable.ts";
import type { Engine } from "./engine.ts";

/** Everything that is pressed about one deployment, and decided. */
export type PressedIntent = Exclude<Extract<Intent, Pressed>, { kind: "log_file" }>;

/** The command that a press gives, with what was looked up for it beforehand. */
export function commandOf(
  engine: Engine,
  intent: PressedIntent,
  by: {
    standing: Standing;
    names: readonly string[];
    override: string | null;
    to: BackTo;
    /** Of a rejected one, compared anew; null: no pipeline is known for it. */
    again: Askable | null;
    changes: ChangeSet;
    /** What its watch saw; null: no regression, or nobody asked. */
    alarm: Alarm | null;
  },
): Command {
  const { deployment } = intent;
  const { standing } = by;
  const id = engine.newId() as DeploymentId;
  switch (intent.kind) {
    case "approve":
      return {
        kind: "approve",
        standing,
        deployment,
        digest: intent.digest,
        override: by.override,
        later: intent.later ?? null,
        approverNames: by.names,
      };
    case "override":
      return { kind: "approve", standing, deployment, digest: intent.digest, override: intent.reason, approverNames: by.names };
    case "start_now":
      return { kind: "start_now", standing, deployment, approverNames: by.names };
    case "offer_again":
      return {
        kind: "offer_again",
        standing,
        deployment,
        ...(by.again ?? { changes: by.changes, containsBlocked: null, missing: [] }),
        id,
      };
    case "reject":
      return { kind: "reject", standing, deployment, reason: intent.reason };
    case "cancel":
      return { kind: "cancel", standing, deployment, thenRollBack: intent.thenRollBack, ...reasonOf(intent) };
    case "roll_back":
      return {
        kind: "roll_back",
        standing,
        deployment,
        reason: intent.reason,
        schema: intent.schema === true,
        id,
        ...by.to,
      };
    case "stop_countdown":
      return { kind: "stop_countdown", standing, deployment };
    case "keep_watching":
      return { kind: "keep_watching", standing, deployment };
    case "on_it":
      return { kind: "on_it", standing, deployment };
    case "mark_alarm":
      return { kind: "mark_alarm", standing, deployment, isReal: intent.isReal, alarm: by.alarm };
    case "allow_again":
      return { kind: "allow_again", standing, deployment, reason: intent.reason };
    case "resolve":
      return { kind: "resolve", standing, deployment, way: intent.way, reason: intent.reason, id };
    default:
      return intent satisfies never;
  }
}
