import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { isConnectionFailure } from "./client.ts";

/** Between two tries while a database server starts. */
const RETRY_MS = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** The database cannot be used; the message is a sentence for whoever starts the bot, without user or password. */
export class Unreachable extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = "Unreachable";
  }
}

/**
 * Waits until PostgreSQL lets us in: in a cluster, bot and database often start together. Who is refused (password, database name)
 * is told at once: no waiting mends that.
 * @throws Unreachable when the patience is over, naming host and port.
 */
export async function reachDatabase(
  connectionString: string,
  options: { readonly patienceMs: number; onWait(sentence: string): void },
): Promise<void> {
  const until = performance.now() + options.patienceMs;
  let last = "";
  for (;;) {
    const client = new Client({ connectionString, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
    client.on("error", () => undefined); // an unheard 'error' would end the process
    const place = `PostgreSQL at ${client.host.startsWith("/") ? client.host : `${client.host}:${client.port}`}`;
    try {
      await client.connect();
      return;
    } catch (fault) {
      const because = codeOf(fault);
      if (!isConnectionFailure(fault))
        throw new Unreachable(`${place} refuses us (${because}): check user, password and database name in DATABASE_URL.`, fault);
      if (performance.now() >= until)
        throw new Unreachable(`${place} does not answer (${because}): start it, or check DATABASE_URL.`, fault);
      // One line for each reason, not one for each try.
      if (because !== last) options.onWait(`${place} does not answer (${because}); trying again for ${seconds(until)} s`);
      last = because;
    } finally {
      await client.end().catch(() => undefined);
    }
    await pause(RETRY_MS);
  }
}

function seconds(until: number): number {
  return Math.max(1, Math.round((until - performance.now()) / 1000));
}

/** The code says why without user or password; what has none is a time-out of the driver. */
function codeOf(fault: unknown): string {
  const code: unknown = fault instanceof Error ? Reflect.get(fault, "code") : undefined;
  return typeof code === "string" ? code : "no answer in time";
}
