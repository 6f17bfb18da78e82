import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { askHealth } from "./health.mjs";
import { settings } from "./settings.mjs";
import { sabotage, witness } from "./work.mjs";

const { values } = parseArgs({ options: { revision: { type: "string" }, tries: { type: "string", default: "5" } } });
const wanted = values.revision ?? settings.revision;

witness("verify");
const reason = sabotage("verify");
if (reason !== null) console.error(reason);
process.exitCode = reason === null && (await answersWith(wanted)) ? 0 : 1;

async function answersWith(revision) {
  for (let left = Number(values.tries); left > 0; left -= 1) {
    const health = await askHealth();
    console.log(health === null ? "no answer" : `${settings.server} answers with ${health.revision}`);
    if (health?.ok === true && health.revision === revision) return true;
    if (left > 1) await setTimeout(300 * settings.pace);
  }
  console.error(`expected ${revision}`);
  return false;
}
