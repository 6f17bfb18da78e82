import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Strike } from "../support/replica-process.ts";
import { alive, treeOf } from "./record.ts";
import type { Schedule } from "./schedule.ts";
import type { Stage } from "./stage.ts";

/** What is put right when the deployment has settled, such as waking a frozen bot. */
export type Aftercare = () => void;

/** Which of its own checkpoints the first bot strikes itself down at; null if it is struck from outside, or not at all. */
export function ownStrike(schedule: Schedule, armed: string): Strike | null {
  const { fault, moment } = schedule;
  if (fault !== "kill bot" && fault !== "freeze bot") return null;
  if (moment !== "started" && moment !== "output" && moment !== "exited") return null;
  return { point: moment, time: 1, signal: fault === "kill bot" ? "SIGKILL" : "SIGSTOP", armed };
}

/** Waits for the chosen moment of the struck step. */
export async function meet(stage: Stage): Promise<void> {
  const { schedule, place, struck } = stage;
  const [bot] = stage.bots;
  switch (schedule.moment) {
    case "claim":
      return stage.waitFor("the host claimed the step", struck.claimed);
    case "gate":
      return stage.waitFor("the step came to its gate", place.atGate);
    case "exit":
      place.openGate();
      return stage.waitFor("the step ended", struck.ended);
    case "exited":
      place.openGate();
      return stage.waitFor("the bot struck itself down", () => bot?.struck() === true);
    case "started":
    case "output":
      return stage.waitFor("the bot struck itself down", () => bot?.struck() === true);
    default:
      return schedule.moment satisfies never;
  }
}

/** Strikes, and lets the struck step go on where the schedule says: while nobody follows it, or when somebody does again. */
export async function strike(stage: Stage): Promise<Aftercare> {
  switch (stage.schedule.fault) {
    case "kill bot":
      return killBot(stage);
    case "freeze bot":
      return freezeBot(stage);
    case "drop connection":
      return dropConnection(stage);
    case "stop session":
      return stopSession(stage);
    case "kill step":
      return killStep(stage);
    case "kill runner":
      return killRunner(stage);
    case "restart sshd":
      return restartSshd(stage);
    case "restart PostgreSQL":
      return restartDatabase(stage);
    case "fill disk":
      return fillDisk(stage);
    default:
      return stage.schedule.fault satisfies never;
  }
}

async function killBot(stage: Stage): Promise<Aftercare> {
  const again = seenAgain(stage);
  await stage.bots[0]?.kill();
  await endUnseen(stage);
  await stage.spawn(stage.schedule.how === "gentle" ? "one" : "two");
  await again();
  return nothing;
}

async function freezeBot(stage: Stage): Promise<Aftercare> {
  const { schedule, bots } = stage;
  const [bot] = bots;
  bot?.child.kill("SIGSTOP");
  const again = seenAgain(stage);
  const before = stage.record(schedule.struckHost).epoch;
  await endUnseen(stage);
  await stage.spawn("two");
  const taken = async (): Promise<boolean> => stage.record(schedule.struckHost).epoch > before || (await stage.settled());
  await stage.waitFor("the second bot took over", taken);
  const wake = (): void => bot?.wake();
  if (schedule.wakes === "take-over") wake();
  await again();
  return wake;
}

async function dropConnection(stage: Stage): Promise<Aftercare> {
  const again = seenAgain(stage);
  if (stage.schedule.finishes === "unseen") stage.place.openGate();
  stage.lane.sshd.dropConnections();
  await again();
  return nothing;
}

/** The socket stays open and nothing answers: only keepalive notices. */
async function stopSession(stage: Stage): Promise<Aftercare> {
  const { sshd } = stage.lane;
  const again = seenAgain(stage);
  const { stopped, goOn } = sshd.stopSessions();
  await endUnseen(stage);
  const another = async (): Promise<boolean> => sshd.sessions().some((pid) => !stopped.includes(pid)) || (await stage.settled());
  await stage.waitFor("the bot connected again", another);
  if (stage.schedule.wakes === "take-over") goOn();
  await again();
  return goOn;
}

/** With what it started: a half-killed shell pipe would go on printing. */
async function killStep(stage: Stage): Promise<Aftercare> {
  await stage.waitFor("the step had a process", () => stage.struck.child() !== null);
  for (const pid of treeOf(known(stage.struck.child()))) kill(pid);
  stage.place.openGate();
  return nothing;
}

/** The runner alone leaves an orphan; rough takes its whole group. */
async function killRunner(stage: Stage): Promise<Aftercare> {
  const { schedule, struck } = stage;
  await stage.waitFor("the step had a runner", () => struck.runner() !== null);
  const runner = known(struck.runner());
  const again = seenAgain(stage);
  if (schedule.finishes === "unseen") stage.place.openGate();
  kill(schedule.how === "gentle" ? runner : -runner);
  await stage.waitFor("the runner was dead", () => !alive(runner));
  if (schedule.finishes === "unseen") stage.place.openGate();
  await again();
  return nothing;
}

async function restartSshd(stage: Stage): Promise<Aftercare> {
  const again = seenAgain(stage);
  await stage.lane.sshd.setDown(true);
  await endUnseen(stage);
  await stage.lane.sshd.setDown(false);
  await again();
  return nothing;
}

async function restartDatabase(stage: Stage): Promise<Aftercare> {
  await stage.lane.stopDatabase(stage.schedule.how);
  await endUnseen(stage);
  await stage.lane.startDatabase();
  stage.place.openGate();
  return nothing;
}

async function fillDisk(stage: Stage): Promise<Aftercare> {
  const file = join(stage.place.directoryOf(stage.schedule.struckHost), "fill");
  spawnSync("sh", ["-c", 'head -c 64M /dev/zero >"$1" 2>/dev/null', "fill", file]);
  stage.place.openGate();
  return () => rmSync(file, { force: true });
}

/** Unseen: the step ends before anybody is there to follow it. */
async function endUnseen(stage: Stage): Promise<void> {
  if (stage.schedule.finishes !== "unseen") return;
  stage.place.openGate();
  await stage.waitFor("the step ended unseen", stage.struck.ended);
}

/** Nobody will follow this attempt again. */
async function isOver(stage: Stage): Promise<boolean> {
  const { step, struckHost } = stage.schedule;
  const unknown = (await stage.rows()).some((row) => row.step === step && row.host === struckHost && row.status === "unknown");
  return unknown || (await stage.settled());
}

/** Seen: the step is let on only when a follower is there that was not there before. */
function seenAgain(stage: Stage): () => Promise<void> {
  const before = stage.struck.followers();
  return async () => {
    if (stage.schedule.finishes === "seen") {
      const followed = async (): Promise<boolean> =>
        stage.struck.ended() || stage.struck.followers().some((pid) => !before.includes(pid)) || (await isOver(stage));
      await stage.waitFor("somebody followed the step again", followed);
    }
    stage.place.openGate();
  };
}

/** A signal to process 0 would go to ourselves. */
function known(pid: number | null): number {
  if (pid === null || pid < 2) throw new Error(`no process to strike: ${pid}`);
  return pid;
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

function nothing(): void {
  // Nothing was left to put right.
}
