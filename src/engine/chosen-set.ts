import { companionFacts } from "../db/snapshot.ts";
import { companionsFor, type CompanionSet } from "../domain/companion.ts";
import type { Environment } from "../domain/config.ts";
import type { Sha } from "../domain/ids.ts";
import type { Engine } from "./engine.ts";

/**
 * What a revision comes with here as things stand. Chosen once for one decision: its proof, its changes and the plan are of the same
 * revisions, whatever passes while providers are asked.
 */
export async function chosenSet(engine: Engine, environment: Environment, revision: Sha): Promise<CompanionSet> {
  if (environment.companions === undefined) return { kind: "set", set: [] };
  return companionsFor({ environment, ...(await companionFacts(engine.db, environment)) }, revision);
}
