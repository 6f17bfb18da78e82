import type { ClientChannel } from "ssh2";
import type { HostAddress, StepFollow, StepOutcome, TargetStep } from "../../ports.ts";
import { commandLine, muteShell, newNonce, noSession } from "./ask.ts";
import { commandOf } from "./command.ts";
import type { Connection } from "./connection.ts";
import { createBeginFilter, createControlReader } from "./control.ts";
import type { ControlLine } from "./control.ts";
import type { SshRun } from "./protocol.ts";
import { refuse } from "./refusals.ts";
import { STEP } from "./script/step.ts";

/** Starting takes milliseconds; longer means that the host's mutex or disk hangs. */
const START_TIMEOUT_MS = 90_000;

/** `onUnguarded`: nothing on the host would end this step in time if we went away. */
type Following = StepFollow & { readonly logBytes: number; onUnguarded(): void };

/** How the following of one step ended; `overdue` says that its time on the host is over and nobody ended it yet. */
export type Followed =
  | StepOutcome
  | { readonly kind: "overdue"; readonly after: "total" | "silent" }
  | { readonly kind: "dropped"; readonly answered: boolean }
  /** It did not say in time whether the step started; the session may hang for good. */
  | { readonly kind: "late" };

/** Starts a step or attaches to it, and passes its log on from `offset`, byte for byte, until it ends or the signal comes. */
export async function followStep(
  connection: Connection,
  host: HostAddress,
  run: SshRun,
  step: TargetStep,
  follow: Following,
): Promise<Followed> {
  const nonce = newNonce();
  const { text, digest } = commandOf(step);
  const limits = [wholeSeconds(step.timeoutSeconds), wholeSeconds(step.silentSeconds), follow.logBytes].join(" ");
  const own = [step.id, follow.attempt, digest, text, follow.offset, limits];
  const channel = await connection.open("follower", commandLine(STEP, nonce, host, run, own)).catch(() => null);
  if (channel === null) return connection.alive() ? noSession(host) : { kind: "dropped", answered: false };
  return listen(channel, nonce, host, step, follow);
}

function listen(channel: ClientChannel, nonce: string, host: HostAddress, step: TargetStep, follow: Following): Promise<Followed> {
  return new Promise((resolve, reject) => {
    let offset = follow.offset;
    let started = false;
    let end: { readonly outcome: StepOutcome; readonly size: number } | null = null;
    let over = false;
    let passing: Promise<void> = Promise.resolve();
    let storing = false;
    const clock = createClock(step, (after) => {
      // While we store, the host waits for us: that silence is ours.
      if (after === "silent" && storing) clock.heard();
      else finish(after === "start" ? { kind: "late" } : { kind: "overdue", after });
    });
    const strip = createBeginFilter(nonce);
    const aborted = (): void => finish({ kind: "running" });

    function finish(outcome: Followed): void {
      if (over) return;
      over = true;
      clock.stop();
      follow.signal.removeEventListener("abort", aborted);
      channel.end(); // the follower on the host ends at the end of its stdin; the step does not notice
      channel.resume();
      // Not before what was heard is stored: the next follower begins behind it. A fault of the store is the caller's.
      passing.then(() => resolve(outcome), reject);
    }
    // A step that opens /dev/stderr anew cuts its own log: what is missing then is text, never the outcome.
    function finishWhenWhole(): void {
      if (end !== null && offset >= end.size) finish(end.outcome);
    }
    function onLine(line: ControlLine): void {
      if (line.kind === "st" && !started) {
        started = true;
        clock.start(line);
        if (line.words[3] !== undefined && (line.words[0] === "new" || line.words[0] === "attach")) follow.onUnguarded();
        follow.onAttached?.();
        if (follow.signal.aborted) aborted();
      } else if (line.kind === "rc" && started && end === null) {
        end = endOf(line);
        passing.then(finishWhenWhole, () => undefined);
      } else if (!started) finish(refusalOf(line, host));
    }
    async function pass(chunk: Uint8Array): Promise<void> {
      if (over) return;
      // What comes after the size that the exit code came with belongs to a process that outlived the step.
      const bytes = end === null ? chunk : chunk.subarray(0, Math.max(0, end.size - offset));
      if (bytes.length === 0) return;
      offset += bytes.length;
      clock.heard();
      storing = true;
      await follow.onOutput(bytes, offset);
      storing = false;
    }
    channel.stderr.on("data", createControlReader(nonce, onLine));
    channel.on("data", (chunk: Buffer) => {
      const bytes = strip(chunk);
      if (bytes === null || bytes.length === 0 || over) return;
      channel.pause(); // the host waits while we store
      passing = passing.then(() => pass(bytes)).then(finishWhenWhole);
      passing.then(
        () => channel.resume(),
        () => finish({ kind: "running" }),
      );
    });
    channel.on("error", () => undefined);
    // The exit code comes with the close too, where a fast command's is not missed.
    channel.on("close", (code?: number | null) =>
      passing.then(
        () => finish(closedOutcome(host, started, code ?? null)),
        () => undefined,
      ),
    );
    follow.signal.addEventListener("abort", aborted);
  });
}

/** Whole seconds in a form that every shell can compare. */
function wholeSeconds(seconds: number): number {
  return Math.ceil(Math.min(999_999_999, Math.max(0, seconds)));
}

/** A channel that closes without our `rc` line says nothing about the step. */
function closedOutcome(host: HostAddress, started: boolean, code: number | null): Followed {
  if (started || code === null) return { kind: "dropped", answered: started };
  return muteShell(host);
}

function endOf(line: ControlLine): { outcome: StepOutcome; size: number } {
  const [fate, code, bytes, ended] = line.words;
  const size = Number(bytes);
  if (ended === "output") return { outcome: { kind: "too_much_output", bytes: size }, size };
  if (ended === "total" || ended === "silent") return { outcome: { kind: "timed_out", after: ended }, size };
  const exit = Number(code);
  if (fate === "done" && exit <= 255) return { outcome: { kind: "exited", code: exit, bytes: size }, size };
  return { outcome: { kind: fate === "orphan" ? "orphan" : "lost" }, size };
}

function refusalOf(line: ControlLine, host: HostAddress): StepOutcome {
  const word = line.words[0] ?? "-";
  if (line.kind === "stale") return { kind: "stale", seenEpoch: Number(word) };
  if (line.kind === "closed") return { kind: "closed" };
  if (line.kind === "not_acquired") return { kind: "not_acquired", holder: word === "-" ? null : word };
  if (line.kind === "mismatch") return { kind: "mismatch" };
  return refuse(host, line.kind === "refused" ? word : "nonsense");
}

/**
 * Measures both limits from what the host says of the step's age and of its log's, so that time without a follower counts. Our own
 * clock cannot tell: a host may have been away before the step began. One that lies prolongs its own step, as it could lie about the end.
 */
function createClock(step: TargetStep, ring: (after: "start" | "total" | "silent") => void) {
  let total = setTimeout(() => ring("start"), START_TIMEOUT_MS);
  let silent: NodeJS.Timeout | null = null;
  function limit(after: "total" | "silent", seconds: number): NodeJS.Timeout {
    return setTimeout(() => ring(after), Math.min(2 ** 31 - 1, Math.max(0, seconds) * 1000));
  }
  return {
    start(line: ControlLine): void {
      clearTimeout(total);
      const [state, age, quiet] = line.words;
      if (state !== "new" && state !== "attach") return;
      total = limit("total", step.timeoutSeconds - Math.max(0, Number(age)));
      silent = limit("silent", step.silentSeconds - Math.max(0, Number(quiet)));
    },
    heard(): void {
      if (silent === null) return;
      clearTimeout(silent);
      silent = limit("silent", step.silentSeconds);
    },
    stop(): void {
      clearTimeout(total);
      if (silent !== null) clearTimeout(silent);
    },
  };
}
