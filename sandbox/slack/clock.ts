/** Time that tests can move. Timers fire when real time has passed or when `advance` jumps over them. */
export type Clock = {
  now(): Date;
  /** @returns a function that forgets the timer */
  after(ms: number, run: () => void): () => void;
  advance(ms: number): void;
  close(): void;
};

type Timer = { readonly due: number; readonly run: () => void; readonly real: NodeJS.Timeout };

export function createClock(base: () => Date = () => new Date()): Clock {
  const timers = new Set<Timer>();
  let offset = 0;
  const now = (): number => base().getTime() + offset;

  function fire(timer: Timer): void {
    if (!timers.delete(timer)) return;
    clearTimeout(timer.real);
    timer.run();
  }

  return {
    now: () => new Date(now()),
    after(ms, run) {
      const timer: Timer = { due: now() + ms, run, real: setTimeout(() => fire(timer), ms) };
      timers.add(timer);
      return () => {
        timers.delete(timer);
        clearTimeout(timer.real);
      };
    },
    advance(ms) {
      offset += ms;
      const due = [...timers].filter((timer) => timer.due <= now()).toSorted((a, b) => a.due - b.due);
      for (const timer of due) fire(timer);
    },
    close() {
      for (const timer of timers) clearTimeout(timer.real);
      timers.clear();
    },
  };
}
