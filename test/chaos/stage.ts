import { deploymentById } from "../../src/db/deployments.ts";
import { isConnectionFailure } from "../../src/db/client.ts";
import { stepsOf, type StepRow } from "../../src/db/steps.ts";
import type { Deployment } from "../../src/domain/deployment.ts";
import type { DeploymentId } from "../../src/domain/ids.ts";
import type { Replica } from "../support/engine-replica.ts";
import { spawnReplica, type ReplicaProcess, type Strike } from "../support/replica-process.ts";
import { until } from "../support/until.ts";
import type { Lane } from "./lane.ts";
import type { Place } from "./place.ts";
import { attemptOf, readHost, type HostRecord } from "./record.ts";
import type { Schedule } from "./schedule.ts";

/** Ten times what the slowest thing takes: the take-over of a frozen bot. */
const DEADLINE_MS = 150_000;

/** One run on its way: a deployment, the bots that drive it, and the ways to look at it. */
export type Stage = {
  readonly lane: Lane;
  readonly schedule: Schedule;
  readonly place: Place;
  readonly id: DeploymentId;
  readonly bots: readonly ReplicaProcess[];
  /** Starts a further bot; every bot is ended with the stage. */
  spawn(name: string): Promise<ReplicaProcess>;
  /** The struck step's first attempt on its host. */
  readonly struck: ReturnType<typeof attemptOf>;
  /** What a host wrote of this run. */
  record(host: string): HostRecord;
  rows(): Promise<readonly StepRow[]>;
  deployment(): Promise<Deployment>;
  /** No step of this deployment will be started or followed any more. */
  settled(): Promise<boolean>;
  released(): Promise<boolean>;
  /** What the card says the world does to it. */
  trouble(): Promise<string | null>;
  waitFor(what: string, condition: () => boolean | Promise<boolean>): Promise<void>;
};

export function openStage(input: {
  readonly lane: Lane;
  readonly schedule: Schedule;
  readonly place: Place;
  readonly desk: Replica;
  readonly id: DeploymentId;
  readonly bots: ReplicaProcess[];
}): Stage {
  const { lane, schedule, place, desk, id, bots } = input;
  const { db } = desk.engine;
  async function deployment(): Promise<Deployment> {
    const found = await patient(() => deploymentById(db, id));
    if (found === null) throw new Error(`deployment ${id} vanished`);
    return found;
  }
  const row = () => patient(() => db.query.deployments.findFirst({ where: (one, { eq }) => eq(one.id, id) }));
  return {
    lane,
    schedule,
    place,
    id,
    bots,
    deployment,
    struck: attemptOf(place.directoryOf(schedule.struckHost), id, schedule.step, 1),
    record: (host) => readHost(place.directoryOf(host), id),
    rows: () => patient(() => stepsOf(db, id)),
    settled: async () => ["succeeded_unverified", "failed", "needs_attention"].includes((await deployment()).state.state),
    released: async () => (await row())?.holdsHosts === false,
    trouble: async () => (await row())?.trouble ?? null,
    async spawn(name) {
      const bot = await startBot(place, name, null);
      bots.push(bot);
      return bot;
    },
    async waitFor(what, condition) {
      const because = (): string => `waited in vain until ${what}\n${bots.map((bot) => bot.said()).join("\n")}`;
      await until(condition, because, DEADLINE_MS);
    },
  };
}

export function startBot(place: Place, name: string, strike: Strike | null): Promise<ReplicaProcess> {
  return spawnReplica(place.root, place.settings(name), strike);
}

/** Asks again while the database is away: in some runs it is. */
async function patient<T>(ask: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + DEADLINE_MS; ;) {
    try {
      return await ask();
    } catch (fault) {
      if (!isConnectionFailure(fault) || Date.now() > end) throw fault;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
