import { loadLock, wasTold } from "../db/holds.ts";
import type { Environment } from "../domain/config.ts";
import { askKey } from "../domain/decide/lock.ts";
import { reasonOf } from "../domain/decide/decision.ts";
import type { Command } from "../domain/environment.ts";
import type { Standing } from "../domain/standing.ts";
import type { Intent } from "../domain/intent.ts";
import type { Engine } from "./engine.ts";

/** What a person holds, lets go, or asks others to let go. */
export type HoldIntent = Extract<Intent, { kind: "lock" | "unlock" | "ask_unlock" | "freeze" | "unfreeze" }>;

/** The command of such an intent; an end is counted from now. */
export async function holdCommand(engine: Engine, intent: HoldIntent, environment: Environment, standing: Standing): Promise<Command> {
  switch (intent.kind) {
    case "lock":
    case "freeze":
      return { kind: intent.kind, standing, reason: intent.reason, until: new Date(engine.clock().getTime() + intent.forMs) };
    case "unlock":
    case "unfreeze":
      return { kind: intent.kind, standing, ...reasonOf(intent) };
    case "ask_unlock":
      return { kind: "ask_unlock", standing, asked: await askedBefore(engine, environment, standing) };
    default:
      return intent satisfies never;
  }
}

/** Two presses at once are told apart by the notice's key; this only lets the second one's answer say so. */
async function askedBefore(engine: Engine, environment: Environment, { actor }: Standing): Promise<boolean> {
  const lock = await loadLock(engine.db, environment.id);
  return lock?.owner.kind === "slack" && wasTold(engine.db, lock.owner.id, askKey({ environment }, lock, actor));
}
