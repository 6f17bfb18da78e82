import type { AcquireOutcome, CancelOutcome, HostAddress, HostFacts, StepOutcome, TargetStep } from "../../ports.ts";
import { ask } from "./ask.ts";
import { faultOfHost, faultOfRun, faultOfStep } from "./command.ts";
import type { ControlLine } from "./control.ts";
import { followStep } from "./follow.ts";
import { createPool } from "./pool.ts";
import type { Pool } from "./pool.ts";
import type { Refused, SshDeps, SshFollow, SshRun, SshTarget, Unreachable } from "./protocol.ts";
import { refuse } from "./refusals.ts";
import { ACQUIRE, READ, RELEASE } from "./script/run.ts";
import { END } from "./script/step.ts";

/** Longer than any of these takes on a busy host, shorter than a driver's patience. */
const ANSWER_MS = 60_000;
/** Runs whose logs stay on the host; older ones leave a tombstone. */
const KEPT_RUNS = 20;
const LEAST_FREE_BYTES = 16 * 1024 * 1024;
/** Between TERM and KILL when a step's time is over. */
const TIMEOUT_GRACE_SECONDS = 10;

/** Carries deployments to hosts over SSH. @throws when a private key cannot be read. */
export function createSshTarget(deps: SshDeps): SshTarget {
  const pool = createPool(deps);
  return {
    acquire: (host, run) => acquire(pool, host, run, deps.minimumFreeBytes ?? LEAST_FREE_BYTES),
    step: (host, run, step, follow) => runStep(pool, host, run, step, follow),
    async cancel(host, run, { graceSeconds }) {
      return fault(host, faultOfRun(run)) ?? end(pool, host, run, { graceSeconds, only: "-", why: "cancel" });
    },
    async release(host, run, { succeeded, revision, comesAgain }) {
      const sha = revision !== null && /^[0-9a-f]{40}$/.test(revision) ? revision : "-";
      const own = [comesAgain === true ? "later" : succeeded ? "succeeded" : "failed", sha, KEPT_RUNS];
      const line = fault(host, faultOfRun(run)) ?? (await ask(pool, host, RELEASE, { run, own, timeoutMs: ANSWER_MS }));
      if (!("words" in line)) return line;
      return line.kind === "released" ? { kind: "released" } : staleOrRefused(host, line);
    },
    async read(host) {
      const line = fault(host, null) ?? (await ask(pool, host, READ, { run: null, own: [], timeoutMs: ANSWER_MS }));
      if (!("words" in line)) return line;
      return line.kind === "facts" ? { kind: "read", facts: factsOf(line) } : refuse(host, line.words[0] ?? "");
    },
    async way(host) {
      const invalid = fault(host, null);
      return invalid === null ? pool.way(host) : { kind: "unreachable", because: invalid.because, pin: null };
    },
    async close() {
      pool.close();
    },
  };
}

async function acquire(pool: Pool, host: HostAddress, run: SshRun, leastBytes: number): Promise<AcquireOutcome> {
  const own = [Math.ceil(leastBytes / 1024)];
  const line = fault(host, faultOfRun(run)) ?? (await ask(pool, host, ACQUIRE, { run, own, timeoutMs: ANSWER_MS }));
  if (!("words" in line)) return line;
  const [first, second] = line.words;
  if (line.kind === "acquired") return { kind: "acquired", facts: factsOf(line) };
  if (line.kind === "closed") return { kind: "closed" };
  if (line.kind === "busy")
    return {
      kind: "busy",
      holder: first === "-" ? "unknown" : (first ?? "unknown"),
      since: second === "-" ? null : new Date(Number(second) * 1000),
      running: null,
    };
  if (line.kind === "foreign") return { kind: "foreign", highestNumber: Number(first), installation: second ?? "" };
  return staleOrRefused(host, line);
}

/** A start-or-attach may be sent again: a warm connection that turns out dead before it answered is replaced once. */
async function runStep(pool: Pool, host: HostAddress, run: SshRun, step: TargetStep, follow: SshFollow): Promise<StepOutcome> {
  const invalid = fault(host, faultOfRun(run) ?? faultOfStep(step, follow));
  if (invalid !== null) return invalid;
  let offset = follow.offset;
  for (let tries = 1; ; tries += 1) {
    const got = await pool.get(host);
    if ("kind" in got) return got;
    const followed = await followStep(got.connection, host, run, step, {
      ...follow,
      offset,
      onOutput(chunk, after) {
        offset = after;
        return follow.onOutput(chunk, after);
      },
    });
    if (followed.kind === "overdue") {
      const ended = await end(pool, host, run, {
        graceSeconds: TIMEOUT_GRACE_SECONDS,
        only: `${step.id}.${follow.attempt}`,
        why: followed.after,
      });
      if (ended.kind !== "ended" && ended.kind !== "nothing_running") return ended;
      // Attach once more: the last output, and the truth if the step ended by itself in that moment.
      if (tries > 3) return { kind: "timed_out", after: followed.after };
      continue;
    }
    if (followed.kind !== "dropped") return followed;
    pool.drop(host, got.connection);
    if (got.fresh || followed.answered || tries > 1)
      return { kind: "unreachable", because: `${host.name}: the connection was lost; the step goes on without us` };
  }
}

async function end(
  pool: Pool,
  host: HostAddress,
  run: SshRun,
  options: { graceSeconds: number; only: string; why: string },
): Promise<CancelOutcome> {
  const grace = Math.min(600, Math.max(0, Math.ceil(options.graceSeconds)));
  const line =
    fault(host, null) ??
    (await ask(pool, host, END, { run, own: [grace, options.only, options.why], timeoutMs: ANSWER_MS + grace * 1000 }));
  if (!("words" in line)) return line;
  if (line.kind === "ended") return { kind: "ended" };
  if (line.kind === "nothing_running") return { kind: "nothing_running" };
  return staleOrRefused(host, line);
}

function fault(host: HostAddress, because: string | null): Refused | null {
  const reason = because ?? faultOfHost(host);
  return reason === null ? null : { kind: "refused", because: `${host.name}: ${reason}` };
}

function staleOrRefused(
  host: HostAddress,
  line: ControlLine,
): { readonly kind: "stale"; readonly seenEpoch: number } | Unreachable | Refused {
  if (line.kind === "stale") return { kind: "stale", seenEpoch: Number(line.words[0]) };
  return refuse(host, line.kind === "refused" ? (line.words[0] ?? "") : "nonsense");
}

/** A file system without a limit, or with one that cannot be read, has "enough". */
function factsOf(line: ControlLine): HostFacts {
  const [live, kib, inodes, highest, clean, origin] = line.words;
  const enough = Number.MAX_SAFE_INTEGER;
  return {
    live: live === undefined || live === "-" ? null : live,
    freeBytes: kib === "-" ? enough : Number(kib) * 1024,
    freeInodes: inodes === "-" ? enough : Number(inodes),
    highestNumber: Number(highest),
    clean: clean === "yes",
    origin: origin === undefined || origin === "-" ? null : withoutCredentials(origin),
  };
}

/** A token in a remote's URL is the host's business. */
function withoutCredentials(origin: string): string {
  return origin.replace(/^([a-z+]+:\/\/)[^@/]*@/, "$1");
}
