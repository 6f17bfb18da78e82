import { deploymentNumbered } from "../db/deployments.ts";
import { findApp } from "../domain/config.ts";
import type { Intent } from "../domain/intent.ts";
import type { Engine } from "./engine.ts";
import { pressedOf } from "./roll-back-of.ts";

/** The same as the menu of its card says, of a deployment by its number. A sentence: why not. */
export async function alarmNamed(
  engine: Engine,
  intent: Extract<Intent, { readonly kind: "name_alarm" }>,
): Promise<Extract<Intent, { readonly kind: "mark_alarm" }> | string> {
  const { app, environment, number, isReal } = intent;
  const place = findApp(engine.config, app)?.environments.find((one) => one.name === environment);
  if (place === undefined) return `Not noted: ${app} has no environment ${environment}.`;
  const deployment = await deploymentNumbered(engine.db, place.id, number);
  if (deployment === null) return `Not noted: ${environment} of ${app} has no #${number}.`;
  return { kind: "mark_alarm", isReal, ...pressedOf(deployment) };
}
