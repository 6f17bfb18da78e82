import type { CancelOutcome, HostAddress, StepFollow, StepOutcome, TargetStep } from "../../ports.ts";
import { acquire, factsOf, layoutOf } from "./acquire.ts";
import { ask } from "./ask.ts";
import { faultOfHost, faultOfRun, faultOfStep } from "./command.ts";
import { followStep } from "./follow.ts";
import { ANSWER_MS, GUARD_IDLE_SECONDS, LOG_BYTES, TIMEOUT_GRACE_SECONDS } from "./limits.ts";
import { createPool } from "./pool.ts";
import type { Pool } from "./pool.ts";
import type { Refused, SshDeps, SshRun, SshTarget } from "./protocol.ts";
import { refuse, staleOrRefused } from "./refusals.ts";
import { END, KEEP_GUARD } from "./script/end.ts";
import { READ } from "./script/run.ts";
import { release } from "./release.ts";

/** Carries deployments to hosts over SSH. @throws when a private key cannot be read. */
export function createSshTarget(deps: SshDeps): SshTarget {
  const pool = createPool(deps);
  return {
    async acquire(host, run, options = {}) {
      return fault(host, faultOfRun(run)) ?? acquire(pool, host, run, { ...options, deps });
    },
    step: (host, run, step, follow) => runStep(pool, host, run, step, follow, deps),
    async cancel(host, run, { graceSeconds }) {
      return fault(host, faultOfRun(run)) ?? end(pool, host, run, { graceSeconds, only: "-", why: "cancel" });
    },
    async release(host, run, options) {
      return fault(host, faultOfRun(run)) ?? release(pool, host, run, options);
    },
    async read(host) {
      const line = fault(host, null) ?? (await ask(pool, host, READ, { run: null, own: [layoutOf(host)], timeoutMs: ANSWER_MS }));
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

/** A start-or-attach may be sent again: a warm connection that turns out dead before it answered is replaced once. */
async function runStep(
  pool: Pool,
  host: HostAddress,
  run: SshRun,
  step: TargetStep,
  follow: StepFollow,
  deps: SshDeps,
): Promise<StepOutcome> {
  const invalid = fault(host, faultOfRun(run) ?? faultOfStep(step, follow));
  if (invalid !== null) return invalid;
  const onUnguarded = (): void => keepGuard(pool, host, run, deps);
  let offset = follow.offset;
  for (let tries = 1; ; tries += 1) {
    const got = await pool.get(host);
    if ("kind" in got) return got;
    const followed = await followStep(got.connection, host, run, step, {
      ...follow,
      offset,
      logBytes: deps.logBytes ?? LOG_BYTES,
      onUnguarded,
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
    if (followed.kind !== "dropped" && followed.kind !== "late") return followed;
    pool.drop(host, got.connection);
    if (followed.kind === "late") return { kind: "unreachable", because: `${host.name}: it did not say in time whether the step started` };
    if (got.fresh || followed.answered || tries > 1)
      return { kind: "unreachable", because: `${host.name}: the connection was lost; the step goes on without us` };
  }
}

/** The step is followed and timed from here meanwhile; a guard that cannot be posted now is asked for by whoever attaches next. */
function keepGuard(pool: Pool, host: HostAddress, run: SshRun, deps: SshDeps): void {
  const own = [TIMEOUT_GRACE_SECONDS, deps.guardIdleSeconds ?? GUARD_IDLE_SECONDS];
  ask(pool, host, KEEP_GUARD, { run, own, timeoutMs: ANSWER_MS }).then(
    (line) => deps.log?.({ event: "ssh_guard_posted", host: host.name, answer: line.kind }),
    () => undefined,
  );
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
