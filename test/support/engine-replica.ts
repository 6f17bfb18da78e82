import { v7 as uuidv7 } from "uuid";
import { parseConfig } from "../../src/config/load.ts";
import { openDatabase } from "../../src/db/client.ts";
import { startJobs } from "../../src/db/jobs.ts";
import type { Config } from "../../src/domain/config.ts";
import { createRedactor } from "../../src/domain/redaction/redact.ts";
import { TIMING, type CheckpointName, type Engine, type Timing } from "../../src/engine/engine.ts";
import { jobHandlers } from "../../src/engine/workers.ts";
import { createSshTarget } from "../../src/targets/ssh/target.ts";
import { farSide, type FarSide } from "./engine-far-side.ts";

/** Everything a replica is started from; plain values, so that a child process can be told them. */
export type ReplicaSettings = {
  readonly connectionString: string;
  readonly config: string;
  readonly privateKey: string;
  readonly knownHosts: string;
  readonly installation: string;
  readonly replica: string;
  readonly timing?: Partial<Timing>;
  readonly expirySeconds?: number;
  readonly keepaliveMs?: number;
  /** Redacted from every log. */
  readonly secrets?: readonly string[];
};

export type Replica = AsyncDisposable & {
  readonly engine: Engine;
  readonly far: FarSide;
  /** Faults that were reported, with what they were about. */
  readonly faults: string[];
  readonly lines: string[];
};

export type ReplicaOptions = {
  readonly work?: boolean;
  readonly checkpoint?: (name: CheckpointName) => Promise<void>;
  readonly secrets?: string[];
  /** Another code host than the one in memory, such as a real client before a look-alike. */
  readonly codeHost?: Engine["codeHost"];
  /** Told of each fault as it is reported. */
  readonly onFault?: (fault: string) => void;
  /** Sees when a slice of driving begins and ends here. */
  readonly aroundDrive?: (work: () => Promise<void>) => Promise<void>;
};

const QUICK: Timing = { ...TIMING, patienceBeforeMs: 1500, patienceDuringMs: 20_000, retryMs: 200, graceSeconds: 1 };

/** A replica of the engine, as `app.ts` makes one, with an in-memory far side. `work` false: it decides, but carries nothing out. */
export async function startReplica(settings: ReplicaSettings, options: ReplicaOptions = {}): Promise<Replica> {
  const open = openDatabase(settings.connectionString, { max: 6 });
  const faults: string[] = [];
  const fault = (text: string): void => {
    faults.push(text);
    options.onFault?.(text);
  };
  const lines: string[] = [];
  const jobs = await startJobs(settings.connectionString, {
    ...(settings.expirySeconds === undefined ? {} : { expirySeconds: settings.expirySeconds }),
    onError: (error) => fault(`jobs: ${String(error)}`),
  });
  const stopping = new AbortController();
  const far = farSide();
  const target = createSshTarget({
    privateKeys: [settings.privateKey],
    knownHosts: settings.knownHosts,
    minimumFreeBytes: 0,
    ...(settings.keepaliveMs === undefined ? {} : { keepaliveMs: settings.keepaliveMs }),
  });
  const engine: Engine = {
    db: open.db,
    jobs,
    config: configOf(settings.config),
    installation: settings.installation,
    replica: settings.replica,
    historyKey: "history-key-of-a-test",
    clock: () => new Date(),
    report: (error, context) => fault(`${JSON.stringify(context)} ${error instanceof Error ? error.stack : String(error)}`),
    log: (_level, message) => lines.push(message),
    newId: uuidv7,
    target,
    monitors: far.monitors,
    codeHost: options.codeHost ?? (() => far.codeHost),
    directory: far.directory,
    pager: far.pager,
    rosters: far.rosters,
    redactor: createRedactor(options.secrets ?? settings.secrets ?? []),
    timing: { ...QUICK, ...settings.timing },
    stopping: stopping.signal,
    checkpoint: options.checkpoint ?? (async () => undefined),
  };
  const handlers = jobHandlers(engine, async () => undefined);
  const around = options.aroundDrive ?? ((work) => work());
  if (options.work !== false) await jobs.work({ ...handlers, drive: (data, signal) => around(() => handlers.drive(data, signal)) });
  return {
    engine,
    far,
    faults,
    lines,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await jobs.stop();
      await target.close();
      await open.close();
    },
  };
}

export function configOf(text: string): Config {
  const parsed = parseConfig(text, "greenlight.yml");
  if (!parsed.ok) throw new Error(parsed.refusal.map((fault) => `${fault.line}: ${fault.says}; write ${fault.write}`).join("\n"));
  return parsed.value;
}
