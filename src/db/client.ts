import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import { Pool } from "pg";
import * as schema from "./schema.ts";

/** What queries run on: the pool, or (the same type to a query) the transaction that `transaction` hands to its callback. */
export type Database = NodePgDatabase<typeof schema>;

export type OpenDatabase = { readonly db: Database; readonly pool: Pool; readonly close: () => Promise<void> };

export type OpenOptions = {
  /** Connections at most; 10 by default. */
  readonly max?: number;
  /** Told of a connection that broke while nobody asked it anything; the pool replaces it by itself. */
  readonly onConnectionLost?: (error: Error) => void;
};

/** A row lock is held for milliseconds here; who waits longer than this is behind something stuck, and fails so that it can be retried. */
const LOCK_TIMEOUT_MS = 10_000;
/** A replica that froze inside a transaction loses it, and its locks, before those who wait for them give up. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 8_000;
/** No query of ours takes seconds; one that does would hold its connection for ever otherwise. Migrations lift it for themselves. */
const STATEMENT_TIMEOUT_MS = 60_000;
/** Also how long a request waits for a free connection of the pool. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Below the minutes after which firewalls and load balancers forget a silent connection. */
const KEEP_ALIVE_AFTER_MS = 30_000;

/** Opens a pool. Nothing is connected before the first query; a broken connection never ends the process. */
export function openDatabase(connectionString: string, options: OpenOptions = {}): OpenDatabase {
  const pool = openPool(connectionString, options);
  return { db: drizzle(pool, { schema }), pool, close: closeOnce(pool) };
}

/** The pool alone, for what comes before the schema exists. */
export function openPool(connectionString: string, options: OpenOptions = {}): Pool {
  const pool = new Pool({
    connectionString,
    max: options.max ?? 10,
    application_name: "greenlight",
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  });
  const onLost = options.onConnectionLost ?? (() => undefined);
  // Without a listener Node ends the process. The pool listens to its idle connections only, so each connection gets one as well,
  // for the moments inside a transaction when no query is under way; the next query on it rejects.
  pool.on("error", () => undefined);
  pool.on("connect", (connection) => connection.on("error", onLost));
  return pool;
}

function closeOnce(pool: Pool): () => Promise<void> {
  let closed: Promise<void> | null = null;
  return () => (closed ??= pool.end());
}

/** Shut down by an administrator, after a crash, still starting, no connection slot left (PostgreSQL, Appendix A). Class 08 is besides. */
const SERVER_GONE = new Set(["57P01", "57P02", "57P03", "53300"]);
/** What the operating system says of a connection. ENOENT is a unix socket without a server. */
const NETWORK_FAILURES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
]);
/** pg gives these no code, so their text is all there is (pg 8.23 client.js, pg-pool index.js); a test breaks each kind once. */
const UNCODED_FAILURES = new Set([
  "Connection terminated",
  "Connection terminated unexpectedly",
  "Connection terminated due to connection timeout",
  "timeout exceeded when trying to connect",
  "timeout expired",
  "Client has encountered a connection error and is not queryable",
]);

/** True when the database could not be reached or the connection broke: whether the statement took effect is then unknown. */
export function isConnectionFailure(error: unknown): boolean {
  return causes(error).some((cause) => {
    const code = textOf(cause, "code");
    if (code === undefined) return UNCODED_FAILURES.has(cause.message);
    if (NETWORK_FAILURES.has(code)) return textOf(cause, "syscall") !== "open";
    return code.startsWith("08") || SERVER_GONE.has(code);
  });
}

function causes(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let at = error; at instanceof Error && chain.length < 10; at = at.cause) chain.push(at);
  return chain;
}

function textOf(error: Error, field: "code" | "constraint" | "syscall"): string | undefined {
  const value: unknown = Reflect.get(error, field);
  return typeof value === "string" ? value : undefined;
}
