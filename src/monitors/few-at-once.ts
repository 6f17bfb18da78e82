/** Does what it is given at once, but no more than so many side by side: the others wait their turn, first come, first served. */
export function fewAtOnce(most: number): <Outcome>(work: () => Promise<Outcome>) => Promise<Outcome> {
  const waiting: (() => void)[] = [];
  let free = most;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((next) => void waiting.push(next));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The place is handed on: nobody who comes meanwhile takes it.
      if (next === undefined) free += 1;
      else next();
    }
  };
}
