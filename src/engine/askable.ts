import type { StoredRun } from "../db/runs.ts";
import type { App, Environment } from "../domain/config.ts";
import type { CommandOf } from "../domain/environment.ts";
import type { Prepared } from "../domain/prepared.ts";
import { chosenSet } from "./chosen-set.ts";
import { prepare } from "./prepare.ts";
import { notProven, vouch } from "./vouch.ts";
import type { Engine } from "./engine.ts";
import { readLive } from "./read-live.ts";

/** What asking for a revision needs beside the right to ask. */
export type Askable = Pick<CommandOf<"request">, keyof Prepared | "missing">;

/** What a run's revision still lacks to be asked for here, by our record and by the provider's own word, and what it would change. */
export async function askable(engine: Engine, app: App, environment: Environment, stored: StoredRun): Promise<Askable> {
  const missing = [...(await notProven(engine, app, environment, stored.run))];
  const chosen = await chosenSet(engine, environment, stored.run.revision);
  const doubt = missing.length > 0 ? null : await vouch(engine, app, environment, stored, chosen);
  if (doubt !== null) missing.push({ rule: "requirements", text: doubt, owner: null, liftsAt: null });
  await readLive(engine, environment);
  return { ...(await prepare(engine, app, environment, stored.run.revision, stored, chosen)), missing };
}
