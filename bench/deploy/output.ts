import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Fleet } from "./fleet.ts";
import { OUTPUT, type Bot } from "./greenlight.ts";
import { PEERS, timePeer, FLOOR, type Job } from "./peers.ts";
import { median } from "../statistics.ts";

const BYTES = 50_000_000;
const MIB = 1024 * 1024;

export type Loud = {
  readonly floorMs: number;
  /** The whole deployment, and its printing step alone. */
  readonly ms: number;
  readonly stepMs: number;
  /** Of the step to the floor. */
  readonly ratio: number;
  readonly idleMib: number;
  /** The bot's highest memory in any of the rounds, above what it had before the first of them. */
  readonly aboveMib: number;
};

/** A step that prints 50 MB: how long it takes beside `ssh host cat`, and how much more memory the bot has at its worst. */
export async function runLoud(fleet: Fleet, bot: Bot, rounds: number): Promise<Loud> {
  const [host] = fleet.hosts;
  const ssh = PEERS.find(({ name }) => name === FLOOR);
  if (host === undefined || ssh === undefined) throw new Error("there is no host, or no ssh");
  await writeLog(join(host.home, OUTPUT.directory));
  const job: Job = { fleet, hosts: [host], recipe: "null", directory: OUTPUT.directory, revision: "" };
  const line = `ssh -F ${fleet.sshConfigFile} -n ${host.name} 'cat ~/${OUTPUT.directory}/${OUTPUT.file}' >/dev/null`;
  const cat = { ...ssh, prepare: () => ({ argv: ["sh", "-c", line] }) };
  await pause(2000);
  const idle = memoryOf(bot.pid, "VmRSS");
  let peak = idle;
  const taken: { floor: number; whole: number; step: number }[] = [];
  for (let round = -1; round < rounds; round += 1) {
    await fleet.dropSessions();
    const floor = await timePeer(cat, job);
    await fleet.dropSessions();
    // The kernel keeps the highest value since this was written.
    writeFileSync(`/proc/${bot.pid}/clear_refs`, "5");
    const { ms, marks } = await bot.deploy(OUTPUT.environment, fleet.revisions[round % 2 === 0 ? 0 : 1]);
    peak = Math.max(peak, memoryOf(bot.pid, "VmHWM"));
    const at = (what: string): number => marks.find((mark) => mark.what === what)?.at ?? Number.NaN;
    if (round >= 0) taken.push({ floor, whole: ms, step: at("step pull ends") - at("step pull begins") });
  }
  return {
    floorMs: median(taken.map(({ floor }) => floor)),
    ms: median(taken.map(({ whole }) => whole)),
    stepMs: median(taken.map(({ step }) => step)),
    ratio: median(taken.map(({ floor, step }) => step / floor)),
    idleMib: idle / MIB,
    aboveMib: (peak - idle) / MIB,
  };
}

/** Lines as a loud command prints them, no two alike. */
async function writeLog(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const file = createWriteStream(join(folder, OUTPUT.file));
  for (let written = 0, line = 0; written < BYTES;) {
    const lines = Array.from({ length: 10_000 }, () => `${(line += 1)} Copying '/srv/shop/static/admin/css/file-${line % 977}.css'\n`).join(
      "",
    );
    const some = lines.slice(0, BYTES - written);
    written += some.length;
    if (!file.write(some)) await once(file, "drain");
  }
  file.end();
  await once(file, "finish");
}

function memoryOf(pid: number, field: "VmRSS" | "VmHWM"): number {
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib) * 1024;
}
