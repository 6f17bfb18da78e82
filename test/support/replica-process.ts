import { spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CheckpointName } from "../../src/engine/engine.ts";
import type { ReplicaSettings } from "./engine-replica.ts";
import { until } from "./until.ts";

/** Where, and at which time there, a replica strikes itself down. With `armed`, times count only once that file exists. */
export type Strike = {
  readonly point: CheckpointName;
  readonly time: number;
  readonly signal: "SIGKILL" | "SIGSTOP";
  readonly armed?: string;
};

export type ReplicaProcess = {
  readonly child: ChildProcess;
  /** Said `strikes`: it is dead or frozen at its point, or in the next instant. */
  struck(): boolean;
  /** What it said on its streams. */
  said(): string;
  ended(): boolean;
  wake(): void;
  kill(): Promise<void>;
};

/** Starts a replica as a process and waits until it works. */
export async function spawnReplica(folder: string, settings: ReplicaSettings, strike: Strike | null = null): Promise<ReplicaProcess> {
  const file = join(folder, `${settings.replica}.json`);
  writeFileSync(file, JSON.stringify({ ...settings, strike }));
  const child = spawn(process.execPath, [new URL("replica.ts", import.meta.url).pathname, file], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  let ended = false;
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.once("exit", () => (ended = true));
  await until(
    () => said.includes("ready\n") || said.includes("strikes\n") || ended,
    () => `replica ${settings.replica} did not start: ${said}`,
    180_000,
  );
  if (ended && !said.includes("strikes\n")) throw new Error(`replica ${settings.replica} ended while it started: ${said}`);
  return {
    child,
    struck: () => said.includes("strikes\n"),
    said: () => said,
    ended: () => ended,
    wake: () => void child.kill("SIGCONT"),
    async kill() {
      if (ended) return;
      child.kill("SIGKILL");
      await until(
        () => ended,
        () => `replica ${settings.replica} does not die`,
      );
    },
  };
}
