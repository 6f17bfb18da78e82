import type { App, Config, Environment, Repository } from "../domain/config.ts";
import { findEnvironment } from "../domain/config.ts";
import type { EnvironmentId } from "../domain/ids.ts";
import type { Rosters } from "../domain/duty.ts";
import type { LateIssues, LateSessions } from "../domain/late.ts";
import type { Pager } from "../domain/page.ts";
import type { Redactor } from "../domain/redaction/redact.ts";
import type { Database } from "../db/client.ts";
import type { JobQueue } from "../db/jobs.ts";
import type { Clock, Directory, Monitors, RepositoryHost, Report, Target } from "../ports.ts";

/** Moments at which a test may kill or freeze a replica; nobody listens otherwise. */
export type CheckpointName = "claimed" | "started" | "output" | "exited" | "releasing";

/** Everything the engine works with; `app/` puts it together. */
export type Engine = {
  readonly db: Database;
  readonly jobs: Pick<JobQueue, "send">;
  readonly config: Config;
  /** What hosts remember of this installation. */
  readonly installation: string;
  /** This process, in claims and leases. */
  readonly replica: string;
  readonly historyKey: string;
  readonly clock: Clock;
  readonly report: Report;
  readonly log: (level: "debug" | "info" | "warn" | "error", message: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly newId: () => string;
  readonly target: Target;
  readonly monitors: Monitors & LateIssues & LateSessions;
  /** Connections of two kinds may have one name: both are needed to know who is asked. */
  readonly codeHost: (repository: Pick<Repository, "kind" | "connection">) => RepositoryHost;
  readonly directory: Directory;
  readonly pager: Pager;
  readonly rosters: Rosters;
  /** Takes out what must not reach the database or Slack. */
  readonly redactor: Redactor;
  readonly timing: Timing;
  /** Aborted when the process is asked to end: remote steps go on, this replica lets go of them. */
  readonly stopping: AbortSignal;
  readonly checkpoint: (name: CheckpointName) => Promise<void>;
};

/** Milliseconds; shorter in tests and nowhere else. */
export type Timing = {
  /** One slice of driving: at most half of a job's expiry. */
  readonly sliceMs: number;
  /** How long an unreachable or busy host is waited for before the first step; then the deployment fails with nothing changed. */
  readonly patienceBeforeMs: number;
  /** How long a host may be away in the middle, before a person is asked. */
  readonly patienceDuringMs: number;
  readonly retryMs: number;
  /** TERM to KILL when a step is cancelled. */
  readonly graceSeconds: number;
};

/** What a running bot uses. */
export const TIMING: Timing = {
  sliceMs: 25_000,
  patienceBeforeMs: 60_000,
  patienceDuringMs: 15 * 60_000,
  retryMs: 2_000,
  graceSeconds: 10,
};

/** The configured environment; null when the configuration no longer has it. */
export function environmentOf(
  engine: Pick<Engine, "config">,
  id: EnvironmentId,
): { readonly app: App; readonly environment: Environment } | null {
  return findEnvironment(engine.config, id) ?? null;
}
