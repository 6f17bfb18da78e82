import type { JobName, Jobs } from "../../src/db/jobs.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Handlers } from "../../src/engine/workers.ts";

/** The engine's jobs by a clock of a test: kept here, and carried out by the real handlers when their time has come. */
export type Calendar = {
  readonly send: Engine["jobs"]["send"];
  /** Everything that is due now, and what follows from it at once. */
  run(): Promise<void>;
  /** The clock goes from one due job to the next; those of one moment run side by side. */
  runUntil(end: Date): Promise<void>;
  /** Nobody is there until then: what is due waits, but jobs of these names are lost. */
  sleepUntil(end: Date, lost: readonly JobName[]): void;
};

/** `before`: what happens up to a moment, before what is due at it; `after`: what follows. */
export function openCalendar(
  clock: { now: Date },
  handlers: () => Handlers,
  around: { readonly before: () => Promise<void>; readonly after: () => Promise<void> },
): Calendar {
  let due: readonly { readonly name: JobName; readonly at: number; readonly work: (known: Handlers) => Promise<void> }[] = [];

  function keep<Name extends JobName>(name: Name, data: Jobs[Name], at: Date): void {
    due = [...due, { name, at: at.getTime(), work: (known) => known[name](data, new AbortController().signal) }];
  }

  async function runUntil(end: Date): Promise<void> {
    for (;;) {
      const next = Math.min(...due.map(({ at }) => at));
      if (next > end.getTime()) break;
      clock.now = new Date(Math.max(clock.now.getTime(), next));
      const now = due.filter(({ at }) => at === next);
      due = due.filter(({ at }) => at !== next);
      await around.before();
      await Promise.all(now.map(({ work }) => work(handlers())));
      await around.after();
    }
    clock.now = end;
    await around.before();
  }

  return {
    send: async (_tx, name, data, at) => keep(name, data, at ?? clock.now),
    run: () => runUntil(clock.now),
    runUntil,
    sleepUntil(end, lost) {
      due = due.filter(({ name }) => !lost.includes(name));
      clock.now = end;
    },
  };
}
