import { Overtaken } from "../db/fence.ts";
import { beginStep, endStep, recordOutput, type StepKey, type StepRow } from "../db/steps.ts";
import type { PlanStep } from "../domain/plan.ts";
import { STILL_RUNS } from "../domain/progress.ts";
import type { StepOutcome } from "../ports.ts";
import { openFlusher } from "./flush.ts";
import { recordTrouble, type Drive } from "./slice.ts";
import { openStepLog } from "./step-log.ts";
import { openLiveTail, tellLog } from "./tell-log.ts";

/** How following a step ended: recorded, still running, host away, or away for too long. */
export type Followed = "settled" | "running" | "away" | "gave up";

/** Starts one step or attaches to it, and follows it to its end or the slice's. */
export async function followStep(
  driven: Drive,
  due: { readonly step: PlanStep; readonly attempt: number; readonly begun: boolean },
  rows: readonly StepRow[],
  onAttached: () => void,
): Promise<Followed> {
  const { engine, claim, identity, slice } = driven;
  const { step, attempt } = due;
  const host = claim.deployment.plan.hosts.find((candidate) => candidate.name === step.host);
  if (host === undefined) throw new Error(`plan of ${claim.deployment.id} names host ${step.host}, which it does not have`);
  const key: StepKey = { deployment: claim.deployment.id, step: step.id, host: step.host, attempt };
  if (!due.begun) await driven.writer.write((tx) => beginStep(tx, key.deployment, step, attempt, engine.clock()));
  const row = rows.find((known) => known.step === step.id && known.host === step.host && known.attempt === attempt);
  const log = openStepLog(
    { offset: row?.offset ?? 0, dropped: row?.dropped ?? 0, head: row?.head ?? Buffer.alloc(0), tail: row?.tail ?? Buffer.alloc(0) },
    engine.redactor,
  );
  const live = openLiveTail(engine, claim.deployment, { step, attempt, startedAt: row?.startedAt ?? engine.clock() });
  let written: Buffer | null = null;
  const flusher = openFlusher(log, async (stored) => {
    await driven.writer.write(async (tx) => {
      await recordOutput(tx, key, { ...stored, head: stored.head === written ? null : stored.head });
      await live(tx, stored);
    });
    written = stored.head;
  });
  let heard = false;
  const outcome = await engine.target.step(host, identity, step, {
    attempt,
    offset: row?.offset ?? 0,
    signal: slice,
    onAttached,
    async onOutput(chunk, offsetAfter) {
      if (!heard) await engine.checkpoint("started");
      heard = true;
      log.append(chunk, offsetAfter);
      if (await flusher.due()) await engine.checkpoint("output");
    },
  });
  if (outcome.kind === "exited") await engine.checkpoint("exited");
  // Nothing follows these: what was held back as the beginning of a secret is none.
  if (outcome.kind === "exited" || outcome.kind === "timed_out" || outcome.kind === "too_much_output" || outcome.kind === "lost")
    log.finish();
  // Asked for first, so it is written before the end, and mostly in one commit with it.
  const flushed = flusher.now();
  if (outcome.kind === "orphan" && mayOutlast(step, row?.startedAt ?? engine.clock(), engine.clock())) {
    engine.log("warn", `${step.id} on ${step.host} runs on without the process that watched over it; waiting for its end`);
    await flushed;
    return "away";
  }
  const [followed] = await Promise.all([settle(driven, key, step, outcome), flushed]);
  return followed;
}

/**
 * A repeatable step whose runner died is tried again, but not beside itself: the host would refuse that. It may take the time that
 * it would have had; a step that is not repeatable is put before a person at once.
 */
function mayOutlast(step: PlanStep, startedAt: Date, now: Date): boolean {
  return step.repeatable && now.getTime() - startedAt.getTime() < step.timeoutSeconds * 1000;
}

async function settle(driven: Drive, key: StepKey, step: PlanStep, outcome: StepOutcome): Promise<Followed> {
  const { engine, claim } = driven;
  const end = async (status: "done" | "failed" | "unknown", exitCode: number | null, note: string | null): Promise<Followed> => {
    const at = engine.clock();
    await driven.writer.write(async (tx) => {
      await endStep(tx, key, { status, exitCode, note, at });
      await tellLog(engine, tx, claim.deployment, { step, attempt: key.attempt, failed: status !== "done", note, at });
    });
    await recordTrouble(driven, null);
    return "settled";
  };
  switch (outcome.kind) {
    case "exited":
      return outcome.code === 0 ? end("done", 0, null) : end("failed", outcome.code, `ended with exit code ${outcome.code}`);
    case "timed_out":
      return end(
        "failed",
        null,
        outcome.after === "total"
          ? `took longer than ${step.timeoutSeconds} s and was ended`
          : `printed nothing for ${step.silentSeconds} s and was ended`,
      );
    case "too_much_output":
      return end(
        "failed",
        null,
        `printed ${Math.floor(outcome.bytes / (1024 * 1024))} MiB, more than the server's disk can take, and was ended`,
      );
    case "running":
      return "running";
    case "unreachable": {
      const sinceMs = await recordTrouble(
        driven,
        `${step.host} does not answer (${outcome.because}). What runs there goes on; asking again.`,
      );
      return sinceMs >= engine.timing.patienceDuringMs ? "gave up" : "away";
    }
    case "stale":
      throw new Overtaken(claim.deployment.id);
    case "lost":
      return end("unknown", null, "its outcome was lost on the server");
    case "orphan":
      return end("unknown", null, STILL_RUNS);
    case "closed":
      return end("unknown", null, "the server has closed this deployment already");
    case "not_acquired":
      return end("unknown", null, outcome.holder === null ? "the server's lock is gone" : `the server's lock is held by ${outcome.holder}`);
    case "mismatch":
      return end("unknown", null, "the server remembers another command under this name");
    case "refused":
      return end("failed", null, `was not started: ${outcome.because}`);
    default:
      return outcome satisfies never;
  }
}
