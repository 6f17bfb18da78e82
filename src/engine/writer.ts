import { tickDeployment } from "../db/cards.ts";
import type { Database } from "../db/client.ts";
import { holdFence, type Claim } from "../db/fence.ts";
import type { Engine } from "./engine.ts";

/** How the driver of a deployment writes. */
export type Writer = {
  /** Only while the fence is its own, and the card knows of it. Settles when it is committed. @throws Overtaken */
  write(work: (tx: Database) => Promise<void>): Promise<void>;
  /** Troubles that were written, and how many of them a clearing took away: nobody else writes them while the fence is ours. */
  troubles: number;
  cleared: number;
};

type Waiting = { readonly work: (tx: Database) => Promise<void>; done(): void; failed(fault: unknown): void };

/**
 * What comes side by side is written together: sixteen hosts that end a step in the same moment cost one commit, not sixteen that
 * wait for each other's lock. Each write is there when its promise settles; if one of them fails, all of its transaction do.
 */
export function openWriter(engine: Engine, { deployment, epoch }: Claim): Writer {
  let waiting: Waiting[] = [];
  let writing = false;
  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const together = waiting;
      waiting = [];
      try {
        await engine.db.transaction(async (tx) => {
          await holdFence(tx, deployment.id, epoch);
          for (const { work } of together) await work(tx);
          await tickDeployment(tx, deployment);
        });
        for (const { done } of together) done();
      } catch (fault) {
        for (const { failed } of together) failed(fault);
      }
    }
    writing = false;
  }
  return {
    troubles: 0,
    cleared: -1,
    write(work) {
      return new Promise((done, failed) => {
        waiting.push({ work, done, failed });
        if (writing) return;
        writing = true;
        // Whatever else this turn of the loop brings comes along.
        setImmediate(() => void writeAll());
      });
    },
  };
}
