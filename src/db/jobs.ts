import { sql } from "drizzle-orm";
import { fromDrizzle, PgBoss } from "pg-boss";
import type { Database } from "./client.ts";

/** Work that is carried out after the commit that asked for it; a job carries ids only. */
export type Jobs = {
  drive: { readonly deployment: string };
  recheck: { readonly environment: string };
  /** `early`: beside those that are due, since a webhook hinted at something; numbered by itself. */
  look: { readonly deployment: string; readonly monitor: "sentry" | "http"; readonly look: number; readonly early?: boolean };
  aftermath: { readonly deployment: string; readonly look: number };
  announce: { readonly deployment: string };
  late: { readonly deployment: string };
  sessions: { readonly deployment: string };
  page: { readonly deployment: string; readonly sequence: number };
  tell: { readonly deployment: string };
  mark: { readonly run: string };
  gate: { readonly deployment: string };
  /** Of the unread ones, all that there are. */
  read: { readonly what: "deliveries" };
  consider: { readonly run: string };
  tests: { readonly run: string };
  reconsider: { readonly environment: string };
};
export type JobName = keyof Jobs;

export type JobQueue = {
  /** Inside the transaction that writes the state: neither is lost without the other. */
  send<Name extends JobName>(tx: Database, name: Name, data: Jobs[Name], at?: Date | null): Promise<void>;
  work(handlers: { readonly [Name in JobName]: (data: Jobs[Name], signal: AbortSignal) => Promise<void> }): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Measured: a heartbeat of 10 s, supervised every 2 s, gives the take-over of a killed replica's work in about
 * 7 s. A heartbeat does not extend an expiry, so a slice of work ends within half of `EXPIRY_SECONDS` and sends the next one.
 */
const HEARTBEAT_SECONDS = 10;
const SUPERVISE_SECONDS = 2;
const POLL_SECONDS = 1;
const NOTIFY_POLL_SECONDS = 2;
/** Jobs of a set time wake nobody: without this each worker would take one of them in `NOTIFY_POLL_SECONDS`, however many are due at once. */
const BACKLOG = { burstWhenReadyExceeds: 1 } as const;
const BACKLOG_SEEN_SECONDS = 2;
const EXPIRY_SECONDS = 60;
/** Practically for ever: nothing ends because a try failed, only because a rule says so. */
const RETRIES = 1_000_000;
const RETRY_DELAY_MAX_SECONDS = 30;

/** `stately`: at most one queued and one running per key. A step's follower must be alone, and a queue of followers is no use. */
const POLICIES: Readonly<Record<JobName, "stately" | "standard">> = {
  drive: "stately",
  recheck: "standard",
  look: "standard",
  aftermath: "standard",
  announce: "standard",
  late: "stately",
  sessions: "stately",
  page: "standard",
  tell: "standard",
  mark: "standard",
  gate: "standard",
  read: "stately",
  consider: "stately",
  tests: "stately",
  reconsider: "standard",
};
const NAMES = [
  "drive",
  "recheck",
  "look",
  "aftermath",
  "announce",
  "late",
  "sessions",
  "page",
  "tell",
  "mark",
  "gate",
  "read",
  "consider",
  "tests",
  "reconsider",
] as const satisfies readonly JobName[];
/** Deployments run side by side; each follows remote steps and mostly waits. */
const WORKERS: Readonly<Partial<Record<JobName, number>>> = { drive: 8, look: 4, read: 1, consider: 2 };

/** Starts the queue. Call it with the start lock held: pg-boss makes its own tables. */
export async function startJobs(
  connectionString: string,
  options: { readonly expirySeconds?: number; onError(error: unknown): void },
): Promise<JobQueue> {
  const expireInSeconds = options.expirySeconds ?? EXPIRY_SECONDS;
  const boss = new PgBoss({
    connectionString,
    application_name: "greenlight jobs",
    max: 6,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
    queueCacheIntervalSeconds: BACKLOG_SEEN_SECONDS,
    useListenNotify: true,
    schedule: false,
  });
  boss.on("error", options.onError);
  await boss.start();
  for (const name of NAMES) {
    const settings = {
      heartbeatSeconds: HEARTBEAT_SECONDS,
      expireInSeconds,
      retryLimit: RETRIES,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: RETRY_DELAY_MAX_SECONDS,
      deleteAfterSeconds: 3600,
      notify: true,
    };
    await boss.createQueue(name, { policy: POLICIES[name], ...settings });
    await boss.updateQueue(name, { expireInSeconds });
  }
  return {
    async send(tx, name, data, at) {
      const key = POLICIES[name] !== "standard" ? { singletonKey: String(Object.values(data)[0]) } : {};
      await boss.send(name, data, { db: fromDrizzle(tx, sql), ...key, ...(at === null || at === undefined ? {} : { startAfter: at }) });
    },
    async work(handlers) {
      const start = <Name extends JobName>(name: Name): Promise<void> => register(boss, name, handlers[name]);
      await Promise.all(NAMES.flatMap((name) => Array.from({ length: WORKERS[name] ?? 1 }, () => start(name))));
    },
    async stop() {
      // Followers are told by their own signal; what still runs after the grace is taken over by heartbeat.
      await boss.stop({ graceful: true, timeout: 5_000, close: true });
    },
  };
}

async function register<Name extends JobName>(
  boss: PgBoss,
  name: Name,
  handler: (data: Jobs[Name], signal: AbortSignal) => Promise<void>,
): Promise<void> {
  await boss.work<Jobs[Name]>(
    name,
    { pollingIntervalSeconds: POLL_SECONDS, notifyPollingIntervalSeconds: NOTIFY_POLL_SECONDS, batchSize: 1, ...BACKLOG },
    async (jobs) => {
      for (const job of jobs) await handler(job.data, job.signal);
    },
  );
}
