import { cpus, loadavg, totalmem } from "node:os";

export function loadNow(): number {
  return loadavg()[0] ?? Number.NaN;
}

type Made = {
  /** Behind `npm run bench:`, without `--write`. */
  readonly command: string;
  /** Of the rounds, where not all of them count. */
  readonly counted?: string;
  /** Of the programs that were measured beside ours. */
  readonly versions?: readonly string[];
  readonly loadBefore: number;
  readonly note: string;
};

/** The lines above a table: when it was made, on which machine, and what that machine did besides. */
export function machineText({ command, counted, versions = [], loadBefore, note }: Made): string {
  const processor = cpus()[0]?.model.trim() ?? "unknown";
  const programs = [`Node ${process.version.slice(1)}`, versions.join("; ")].filter((text) => text !== "");
  return [
    `Date: ${new Date().toISOString().slice(0, 10)}. Command: \`npm run bench:${command} --write\`${counted === undefined ? "" : `; ${counted}`}.`,
    `Machine: ${cpus().length} cores (${processor}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${programs.join("; ")}.`,
    `Load of the machine before the run: ${loadBefore.toFixed(1)}. ${note === "" ? "A machine that is not idle makes all figures longer and ratios uncertain." : note}`,
  ].join("\n");
}
