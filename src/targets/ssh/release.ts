import type { HostAddress, ReleaseOutcome } from "../../ports.ts";
import { ask } from "./ask.ts";
import { ANSWER_MS, KEPT_BYTES, KEPT_RUNS, KEPT_TOMBSTONES } from "./limits.ts";
import type { Pool } from "./pool.ts";
import type { SshRun } from "./protocol.ts";
import { staleOrRefused } from "./refusals.ts";
import { RELEASE } from "./script/run.ts";

/** Closes a run on a host and frees the host's lock. */
export async function release(
  pool: Pool,
  host: HostAddress,
  run: SshRun,
  options: { readonly succeeded: boolean; readonly revision: string | null; readonly comesAgain?: boolean },
): Promise<ReleaseOutcome> {
  const { succeeded, revision, comesAgain } = options;
  const sha = revision !== null && /^[0-9a-f]{40}$/.test(revision) ? revision : "-";
  const outcome = comesAgain === true ? "later" : succeeded ? "succeeded" : "failed";
  const own = [outcome, sha, KEPT_RUNS, KEPT_BYTES / 1024, KEPT_TOMBSTONES];
  const line = await ask(pool, host, RELEASE, { run, own, timeoutMs: ANSWER_MS });
  if (!("words" in line)) return line;
  return line.kind === "released" ? { kind: "released" } : staleOrRefused(host, line);
}
