import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLane } from "./lane.ts";
import { run, type Ran } from "./run.ts";
import { FAULTS, scheduleOf, STEPS, type Schedule } from "./schedule.ts";

export type ChaosOptions = {
  readonly runs: number;
  readonly seed: number;
  /** This run alone. */
  readonly only?: number | null;
  /** Runs side by side; each has a PostgreSQL and an sshd of its own. */
  readonly lanes?: number;
  /** Once aborted, what runs is cleared up, not counted, and nothing more is begun. */
  readonly stopping?: AbortSignal;
  readonly say: (line: string) => void;
};

export type Chaos = { readonly ran: readonly Ran[]; readonly notRun: readonly Schedule[]; readonly clean: boolean };

/** Runs them, says a line for each as it ends, then the table. */
export async function chaos(options: ChaosOptions): Promise<Chaos> {
  const { seed, say } = options;
  const only = options.only ?? null;
  const all = (only === null ? Array.from({ length: options.runs }, (_, index) => index) : [only]).map((index) => scheduleOf(seed, index));
  const whyNot = whyNoSmallDisk();
  const notRun = whyNot === null ? [] : all.filter((schedule) => schedule.fault === "fill disk");
  const waiting = all.filter((schedule) => !notRun.includes(schedule));
  const ran: Ran[] = [];
  async function work(): Promise<void> {
    await using lane = await openLane();
    for (let schedule = waiting.shift(); schedule !== undefined; schedule = waiting.shift()) {
      const one = options.stopping?.aborted === true ? null : await run(lane, schedule);
      // The signal may have gone to the bots as well.
      if (one === null || options.stopping?.aborted === true) return;
      ran.push(one);
      say(lineOf(one));
    }
  }
  const lanes = Math.min(options.lanes ?? 3, waiting.length);
  await Promise.all(Array.from({ length: lanes }, work));
  say("");
  for (const line of tableOf(ran)) say(line);
  if (whyNot !== null && notRun.length > 0) say(`Not run: ${notRun.length} with a full disk (${whyNot}).`);
  const broken = ran.filter((one) => one.violations.length > 0).toSorted((a, b) => a.schedule.index - b.schedule.index);
  say(`${ran.length} runs, ${ran.length - broken.length} clean.`);
  const [first] = broken;
  if (first !== undefined) {
    say(`First violation: ${first.violations[0]}`);
    say(`Reproduce it with: npm run chaos -- --seed ${seed} --only ${first.schedule.index}`);
  }
  return { ran, notRun, clean: broken.length === 0 };
}

/** Why no small file system can be mounted here; null if it can. */
function whyNoSmallDisk(): string | null {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-mount-"));
  try {
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]).status !== 0) return "a tmpfs may not be mounted here";
    spawnSync("umount", ["-l", folder]);
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lineOf({ schedule, outcome, violations, ms }: Ran): string {
  const { seed, index, fault, step, struckHost, moment, finishes, how, hosts, gateBytes, outputBytes } = schedule;
  const where = `${fault} x ${step} on ${struckHost} of ${hosts.length} at ${moment} (byte ${gateBytes} of ${outputBytes}, ${finishes}, ${how})`;
  const line = `seed ${seed} run ${index}: ${where}: ${outcome}, ${(ms / 1000).toFixed(1)} s`;
  return [line, ...violations.map((violation) => `  VIOLATION: ${violation}`)].join("\n");
}

/** Clean runs of all, and the median of their seconds, by fault and step. */
function tableOf(ran: readonly Ran[]): readonly string[] {
  const rows = FAULTS.map((fault) => [
    fault,
    ...STEPS.map((step) => {
      const here = ran.filter(({ schedule }) => schedule.fault === fault && schedule.step === step);
      if (here.length === 0) return "-";
      const clean = here.filter((one) => one.violations.length === 0).length;
      const middle = here.map((one) => one.ms).toSorted((a, b) => a - b)[Math.floor(here.length / 2)] ?? 0;
      return `${clean}/${here.length} ${(middle / 1000).toFixed(1)} s`;
    }),
  ]);
  const widths = [18, 13, 13, 13, 13];
  return [["clean, median", ...STEPS], ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
