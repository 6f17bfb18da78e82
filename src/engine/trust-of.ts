import { watchRecords } from "../db/alarms.ts";
import type { TrustAnswer } from "../domain/answers.ts";
import type { Environment } from "../domain/config.ts";
import { adviceOf, trustOf } from "../domain/trust.ts";
import type { Engine } from "./engine.ts";

/** What the watches of these environments were worth; one that is not watched and never was is left out. */
export async function trustAnswer(engine: Engine, asked: string | null, environments: readonly Environment[]): Promise<TrustAnswer> {
  const parts = await Promise.all(
    environments.map(async (environment) => {
      const trust = trustOf(await watchRecords(engine.db, environment.id));
      const policy = environment.watch?.onRegression ?? null;
      if (policy === null && trust.watches === 0) return [];
      return [{ app: environment.app, environment: environment.name, policy, trust, advice: adviceOf(trust) }];
    }),
  );
  return { kind: "trust", app: asked, environments: parts.flat(), now: engine.clock() };
}
