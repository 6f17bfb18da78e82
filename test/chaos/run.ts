import { v7 as uuidv7 } from "uuid";
import { followUnknownSteps } from "../../src/db/steps.ts";
import type { DeploymentId } from "../../src/domain/ids.ts";
import { apply } from "../../src/engine/apply.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { startReplica } from "../support/engine-replica.ts";
import { PRODUCTION, request, standingOf } from "../support/engine-world.ts";
import type { ReplicaProcess } from "../support/replica-process.ts";
import type { Lane } from "./lane.ts";
import { openPlace } from "./place.ts";
import type { Schedule } from "./schedule.ts";
import { openStage, startBot, type Stage } from "./stage.ts";
import { sessionOf, wordsOf } from "./record.ts";
import { meet, ownStrike, strike } from "./strike.ts";
import { leftRunning, violationsOf } from "./verdict.ts";

/** How one run went. */
export type Ran = {
  readonly schedule: Schedule;
  /** State of the deployment, and why; what broke the run if it did not get that far. */
  readonly outcome: string;
  readonly violations: readonly string[];
  readonly ms: number;
};

/** One deployment with one fault in it, from the request to what the hosts remember afterwards. */
export async function run(lane: Lane, schedule: Schedule): Promise<Ran> {
  const began = Date.now();
  const bots: ReplicaProcess[] = [];
  const database = await lane.freshDatabase();
  const place = openPlace(lane, schedule, database.connectionString);
  try {
    await using desk = await startReplica(place.settings("desk"), { work: false });
    bots.push(await startBot(place, "one", ownStrike(schedule, place.begun)));
    const revision = lane.revisions[1];
    if (revision === undefined) throw new Error("the repository has no second revision");
    const id = await request(desk.engine, revision);
    const stage = openStage({ lane, schedule, place, desk, id, bots });
    await play(stage);
    const { state } = await stage.deployment();
    if (state.state === "needs_attention") await askAgain(stage, desk.engine);
    const violations = [...(await violationsOf(stage, desk.engine.db, desk.engine.historyKey))];
    if (state.state === "needs_attention") violations.push(...(await giveUp(stage, desk.engine)));
    violations.push(...(await leftovers(stage)), ...faultsOf(stage));
    return { schedule, outcome: "because" in state ? `${state.state}: ${state.because}` : state.state, violations, ms: Date.now() - began };
  } catch (fault) {
    const because = fault instanceof Error ? fault.message : String(fault);
    return { schedule, outcome: "did not settle", violations: [because], ms: Date.now() - began };
  } finally {
    for (const bot of bots) bot.wake();
    await Promise.all(bots.map((bot) => bot.kill()));
    await lane.sshd.setDown(false);
    await lane.startDatabase();
    place[Symbol.dispose]();
    await database.drop();
  }
}

async function play(stage: Stage): Promise<void> {
  await meet(stage);
  const aftercare = await strike(stage);
  try {
    await stage.waitFor("the deployment settled", stage.settled);
  } finally {
    stage.place.openGate();
    aftercare();
  }
  const { state } = await stage.deployment();
  if (state.state !== "needs_attention") await stage.waitFor("the hosts were released", stage.released);
}

/** What was lost stays lost, and is not started again, however often a person has the hosts asked; an orphan has ended by then. */
async function askAgain(stage: Stage, engine: Engine): Promise<void> {
  const runner = stage.struck.runner();
  await stage.waitFor("the orphan ended", () => runner === null || sessionOf(runner).length === 0);
  await resolve(stage, engine, "ask_hosts");
  await stage.waitFor("the deployment settled again", stage.settled);
}

/** The person's last word frees the hosts. */
async function giveUp(stage: Stage, engine: Engine): Promise<readonly string[]> {
  await resolve(stage, engine, "stays_broken");
  await stage.waitFor("the hosts were released", stage.released);
  const held = stage.schedule.hosts.filter((host) => stage.record(host).lock !== null);
  return held.map((host) => `${host} is still held after a person has decided`);
}

async function resolve(stage: Stage, engine: Engine, way: "ask_hosts" | "stays_broken"): Promise<void> {
  const id = uuidv7() as DeploymentId;
  const standing = standingOf("UPETRA");
  const command = { kind: "resolve" as const, standing, deployment: stage.id, way, reason: "I looked", id };
  // As a press does it: what was lost is followed once more.
  const after = way === "ask_hosts" ? { after: (tx: Engine["db"]) => followUnknownSteps(tx, stage.id) } : {};
  const applied = await apply(engine, PRODUCTION, command, after);
  if (!applied.ok) throw new Error(`${way} was refused: ${applied.refusal.title}`);
}

/** They may need a moment to notice that they are alone. */
async function leftovers(stage: Stage): Promise<readonly string[]> {
  try {
    await stage.waitFor("nothing of this run was left", () => leftRunning(stage).length === 0);
    return [];
  } catch {
    return leftRunning(stage).map((pid) => `left running for this run: ${wordsOf(pid)}`);
  }
}

/** A bot that was only frozen lives on; and without harm to bot or database nothing is a fault of ours. */
function faultsOf(stage: Stage): readonly string[] {
  const { fault } = stage.schedule;
  const died = stage.bots.flatMap((bot, index) =>
    bot.ended() && !(fault === "kill bot" && index === 0) ? [`bot ${index + 1} ended by itself: ${bot.said()}`] : [],
  );
  if (fault === "freeze bot" || fault === "restart PostgreSQL") return died;
  const reported = stage.bots.flatMap((bot) =>
    bot
      .said()
      .split("\n")
      .filter((line) => line.startsWith("fault: ")),
  );
  return [...died, ...reported.map((line) => `a bot reported a ${line}`)];
}
