import { deploymentById } from "../db/deployments.ts";
import type { Jobs } from "../db/jobs.ts";
import { loadLive } from "../db/snapshot.ts";
import { claimTelling, endTelling, RENEW_CLAIM_MS, renewTelling } from "../db/told.ts";
import { nameAbroad, stateAbroad } from "../domain/abroad.ts";
import { parseDeploymentId } from "../domain/ids.ts";
import { environmentOf, type Engine } from "./engine.ts";

/** A code host that is away is told again, later and later, for about two days: as long as anybody may look there for it. */
const AGAIN_MS = 60_000;
const AGAIN_MOST_MS = 3_600_000;
const MOST_TRIES = 50;
/** Somebody else is telling it: what they tell may be older than what we know. */
const BUSY_MS = 5_000;

/** Tells the code host what is deployed where: what is so when it is told, whatever it was when that was wished. */
export async function tell(engine: Engine, data: Jobs["tell"]): Promise<void> {
  const id = parseDeploymentId(data.deployment);
  if (id === null) return;
  await tellOnce(engine, `deployment:${id}`, {
    again: (at) => engine.jobs.send(engine.db, "tell", data, at),
    async say(last) {
      const deployment = await deploymentById(engine.db, id);
      const known = deployment === null ? null : environmentOf(engine, deployment.environmentId);
      if (deployment === null || known === null) return null;
      const { app, environment } = known;
      const state = stateAbroad(deployment, await loadLive(engine.db, environment.id));
      if (state === null || state === last) return null;
      const back = deployment.rollsBack === null ? null : await deploymentById(engine.db, deployment.rollsBack);
      const told = await engine.codeHost(app.repository).tell({
        repository: app.repository.path,
        deployment: deployment.id,
        environment: nameAbroad(engine.config, app, environment),
        production: environment.release.mode === "approval",
        revision: deployment.revision,
        state,
        url: environment.url,
        description: `Greenlight #${deployment.number} to ${environment.name}${back === null ? "" : `, rolls back #${back.number}`}`,
      });
      return { said: state, told };
    },
  });
}

/** One thing that is told: what is to be said is read once nobody else can be telling it. */
type Telling = {
  /** `last`: what was taken last. Null: there is nothing to say. */
  say(last: string | null): Promise<{ readonly said: string; readonly told: boolean } | null>;
  again(at: Date): Promise<void>;
};

/**
 * One replica at a time, in the order of what is stored. If it ends between the write there and the record here, the next one finds it
 * there; if the other side is away it is told again.
 */
export async function tellOnce(engine: Engine, key: string, telling: Telling): Promise<void> {
  const now = engine.clock().getTime();
  const claimed = await claimTelling(engine.db, key);
  if (claimed === null) return telling.again(new Date(now + BUSY_MS));
  let said = claimed.said;
  try {
    const done = await keepingClaim(engine, key, () => telling.say(claimed.said));
    if (done === null) said ??= "";
    else said = done.told ? done.said : null;
  } catch (fault) {
    await endTelling(engine.db, key, null);
    throw fault;
  }
  await endTelling(engine.db, key, said);
  if (said !== null || claimed.tries >= MOST_TRIES) return;
  await telling.again(new Date(now + Math.min(AGAIN_MS * 2 ** claimed.tries, AGAIN_MOST_MS)));
}

/** Keeps what `claimTelling` took while the work takes its time, so that nobody else begins it, and not a moment longer than we live. */
export async function keepingClaim<Done>(engine: Engine, key: string, work: () => Promise<Done>): Promise<Done> {
  // A database that is away for a moment is asked again; one that stays away fails the work itself.
  const renewing = setInterval(() => void renewTelling(engine.db, key).catch(() => null), RENEW_CLAIM_MS);
  try {
    return await work();
  } finally {
    clearInterval(renewing);
  }
}
