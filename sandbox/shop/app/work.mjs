import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { settings } from "./settings.mjs";

/** The first act of every command: one line outside the checkout, so that executions can be counted. */
export function witness(command) {
  if (settings.witness === "") return;
  mkdirSync(dirname(settings.witness), { recursive: true });
  appendFileSync(settings.witness, `${command} ${settings.revision} ${process.pid}\n`);
}

/** Takes the time that real work of this kind takes. */
export async function work(seconds) {
  await setTimeout(seconds * 1000 * settings.pace);
}

/** Sabotage for trials: SHOP_FAIL="migrate,restart" or a file <state>/fail-<command>, whose text is the reason. */
export function sabotage(command) {
  const flag = join(settings.state, `fail-${command}`);
  if (existsSync(flag)) return readFileSync(flag, "utf8").trim() || "told to fail";
  return (process.env.SHOP_FAIL ?? "").split(",").includes(command) ? "told to fail" : null;
}
