import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One attempt of one step, by what the host wrote itself. */
export type HostStep = {
  readonly step: string;
  readonly attempt: number;
  readonly claimed: boolean;
  /** Three digits; anything else is no exit code. */
  readonly exit: string;
  readonly log: Buffer;
};

/** What a host remembers of one run, read from its disk and not through the bot. */
export type HostRecord = {
  readonly steps: readonly HostStep[];
  /** The run that holds the host. */
  readonly lock: string | null;
  readonly closed: boolean;
  readonly epoch: number;
};

export function readHost(directory: string, run: string): HostRecord {
  const state = join(directory, ".greenlight");
  const folder = join(state, "runs", run);
  return {
    steps: namesIn(folder).flatMap((name) => {
      const parts = /^(.+)\.(\d+)$/.exec(name);
      const [, step, attempt] = parts ?? [];
      if (step === undefined || attempt === undefined) return [];
      return [
        {
          step,
          attempt: Number(attempt),
          claimed: existsSync(join(folder, name, "claim")),
          exit: lineOf(join(folder, name, "rc")),
          log: bytesOf(join(folder, name, "log")),
        },
      ];
    }),
    lock: lineOf(join(state, "lock")).split(" ")[0] || null,
    closed: existsSync(join(state, "closed", run)),
    epoch: Number(lineOf(join(folder, "epoch"))),
  };
}

/** The files of one attempt, for those who strike. */
export function attemptOf(directory: string, run: string, step: string, attempt: number) {
  const folder = join(directory, ".greenlight", "runs", run, `${step}.${attempt}`);
  return {
    claimed: (): boolean => lineOf(join(folder, "claim")) !== "",
    ended: (): boolean => /^\d{3}$/.test(lineOf(join(folder, "rc"))),
    runner: (): number | null => pidIn(join(folder, "pid"), 3),
    child: (): number | null => pidIn(join(folder, "child"), 2),
    /** Processes that follow this log now. */
    followers: (): readonly number[] => processesWith(`${run}/${step}.${attempt}/log`).filter((pid) => nameOf(pid) === "tail"),
  };
}

/** Processes in whose argv the words stand. */
export function processesWith(words: string): readonly number[] {
  return namesIn("/proc").flatMap((pid) => (/^\d+$/.test(pid) && bytesOf(`/proc/${pid}/cmdline`).includes(words) ? [Number(pid)] : []));
}

/** Who a process is and what it was started with, for people; of a long script only its end. */
export function wordsOf(pid: number): string {
  const words = bytesOf(`/proc/${pid}/cmdline`).toString().split("\0");
  return `${pid} (${statOf(String(pid)).slice(0, 2).join(" ")}) ${words
    .map((word) => word.slice(-60).replaceAll("\n", " "))
    .join(" ")
    .slice(-300)}`;
}

/** A process and all that descend from it, the oldest first. */
export function treeOf(pid: number): readonly number[] {
  const children = bytesOf(`/proc/${pid}/task/${pid}/children`).toString().split(" ").filter(Boolean).map(Number);
  return [pid, ...children.flatMap(treeOf)];
}

/** Processes of the session that this process leads, or led; without zombies. */
export function sessionOf(leader: number): readonly number[] {
  return namesIn("/proc").flatMap((pid) => {
    const [state, , , session] = statOf(pid);
    return state !== undefined && state !== "Z" && session === String(leader) ? [Number(pid)] : [];
  });
}

/** False for a zombie. */
export function alive(pid: number): boolean {
  const [state] = statOf(String(pid));
  return state !== undefined && state !== "Z";
}

/** State, parent, group and session of a process; nothing if it is gone. */
function statOf(pid: string): readonly string[] {
  const stat = /^\d+$/.test(pid) ? bytesOf(`/proc/${pid}/stat`).toString() : "";
  return stat === "" ? [] : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function pidIn(file: string, fields: number): number | null {
  const words = lineOf(file).split(" ");
  return words.length === fields && /^\d+$/.test(words[0] ?? "") ? Number(words[0]) : null;
}

function nameOf(pid: number): string {
  return bytesOf(`/proc/${pid}/comm`).toString().trim();
}

function lineOf(file: string): string {
  const text = bytesOf(file).toString();
  return text.endsWith("\n") ? (text.split("\n")[0] ?? "") : "";
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
