/** Lets at most `limit` holders in at once, first come first served. `take` answers with the function that gives the turn back. */
export function createTurns(limit: number): { take(): Promise<() => void> } {
  let free = limit;
  const waiting: (() => void)[] = [];
  function giveBack(): void {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  }
  return {
    async take() {
      if (free > 0) free -= 1;
      else await new Promise<void>((turn) => waiting.push(turn));
      let given = false;
      return () => {
        if (given) return;
        given = true;
        giveBack();
      };
    },
  };
}
