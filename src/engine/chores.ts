import { beginChore } from "../db/told.ts";
import { catchUp } from "./catch-up.ts";
import { lookForCrashes } from "./crash-free.ts";
import type { Engine } from "./engine.ts";
import { lookForLate } from "./late.ts";
import { askForLost } from "./lost.ts";

/** What one replica does for all, from time to time. Times in milliseconds. */
type Chore = { readonly name: string; readonly everyMs: number; readonly work: (engine: Engine) => Promise<void> };

const CHORES: readonly Chore[] = [
  { name: "compare open runs", everyMs: 10 * 60_000, work: catchUp },
  { name: "look for late regressions", everyMs: 10 * 60_000, work: lookForLate },
  // Sentry counts sessions by the hour: sooner there is nothing new.
  { name: "look for crashing sessions", everyMs: 3_600_000, work: lookForCrashes },
  { name: "ask for lost webhooks", everyMs: 3_600_000, work: askForLost },
];

/** Two replicas that start together ask once; one that is restarted again and again asks once a minute. */
const AT_START_MS = 60_000;
/** Up to this share later than due, so that many installations do not ask one provider at the same moment. */
const JITTER = 0.1;

/**
 * Looks which chores are due: all at the first look, then each by its time since any replica began it. They run beside the caller; a look
 * while one still runs here does not begin it again. `settled` ends with what runs now; nobody has to wait for it.
 */
export function createChores(engine: Engine): { look(): void; settled(): Promise<void> } {
  const running = new Map<string, Promise<void>>();
  const after = new Map<string, number>(CHORES.map(({ name }) => [name, AT_START_MS]));
  async function run(chore: Chore): Promise<void> {
    try {
      if (!(await beginChore(engine.db, chore.name, after.get(chore.name) ?? chore.everyMs))) return;
      await chore.work(engine);
    } catch (fault) {
      // Whoever stops closes the database under it; the next replica begins anew.
      if (!engine.stopping.aborted) engine.report(fault, { where: chore.name });
    } finally {
      after.set(chore.name, chore.everyMs * (1 + Math.random() * JITTER));
    }
  }
  return {
    look() {
      for (const chore of CHORES) {
        if (running.has(chore.name) || engine.stopping.aborted) continue;
        running.set(
          chore.name,
          run(chore).finally(() => running.delete(chore.name)),
        );
      }
    },
    settled: async () => void (await Promise.all(running.values())),
  };
}
